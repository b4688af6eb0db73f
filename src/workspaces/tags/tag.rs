//! A tag: its row and its verbs, which reach all records that have it.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::records::bulk::Act;
use platform::records::kinds::Kinds;
use platform::records::work::Lane;
use platform::schema::{events, tags};
use platform::web::Resource;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::{Colour, TagForm};

const MOST: i64 = 1_000;
/// Records changed by one statement.
const PORTION: i64 = 2_000;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg))]
pub struct Tag {
    pub id: Uuid,
    pub name: String,
    pub colour: Colour,
}

impl Resource for Tag {
    const NAME: &'static str = "tags";
}

impl Tag {
    /// All of them by name, with those that hold `search` first of all.
    pub fn all(tx: &mut Tx, search: &str) -> Result<Vec<Tag>> {
        let mut query = tags::table.into_boxed();
        if !search.is_empty() {
            let words = search.replace(['\\', '%', '_'], "");
            query = query.filter(tags::name.ilike(format!("%{words}%")));
        }
        Ok(query
            .order((sql::<Text>("lower(name)"), tags::id))
            .limit(MOST)
            .select(Tag::as_select())
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Tag> {
        let one = tags::table.filter(tags::id.eq(id));
        Ok(one.select(Tag::as_select()).first(&mut **tx)?)
    }

    /// How many records have each tag, of all kinds together; archived ones don't count.
    pub fn counts(tx: &mut Tx, kinds: &Kinds) -> Result<HashMap<String, i64>> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = Text)]
            tag: String,
            #[diesel(sql_type = BigInt)]
            records: i64,
        }
        let each = kinds.all().iter().map(|kind| {
            format!(
                "select unnest(tags) as tag, count(*) as n from {} where archived_at is null and tags <> '{{}}' group by 1",
                kind.table
            )
        });
        let each: Vec<String> = each.collect();
        let counts: Vec<Count> = sql_query(format!(
            "select tag, sum(n)::bigint as records from ({}) c group by tag",
            each.join(" union all ")
        ))
        .load(&mut **tx)?;
        Ok(counts.into_iter().map(|c| (c.tag, c.records)).collect())
    }

    pub fn create(tx: &mut Tx, form: &TagForm) -> Result<Tag> {
        free(tx, &form.name, None)?;
        let tag: Tag = diesel::insert_into(tags::table)
            .values((
                tags::id.eq(Uuid::now_v7()),
                tags::name.eq(&form.name),
                tags::colour.eq(form.colour),
            ))
            .returning(Tag::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("tag.created", &tag.name, Changes::of_new(&tag));
        Ok(tag)
    }

    /// Gives it another name, on all records too, or another colour.
    pub fn save(&self, tx: &mut Tx, kinds: &Kinds, form: &TagForm) -> Result<(Tag, i64)> {
        free(tx, &form.name, Some(self.id))?;
        let tag: Tag = diesel::update(tags::table.filter(tags::id.eq(self.id)))
            .set((tags::name.eq(&form.name), tags::colour.eq(form.colour)))
            .returning(Tag::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::between(self, &tag);
        if changes.is_empty() {
            return Ok((tag, 0));
        }
        let event = tx.note_event("tag.updated", &tag.name, changes).id;
        let records = match tag.name == self.name {
            true => 0,
            false => renamed(tx, kinds, &self.name, &tag.name, event)?,
        };
        Ok((tag, records))
    }

    /// Makes it one with `into`, which stays.
    pub fn merge(&self, tx: &mut Tx, kinds: &Kinds, into: &Tag) -> Result<i64> {
        if self.id == into.id {
            return Err(Error::invalid("into", "Choose another tag."));
        }
        let changes = Changes::none().set("name", &self.name, &into.name);
        let event = tx.note_event("tag.merged", &self.name, changes).id;
        let records = renamed(tx, kinds, &self.name, &into.name, event)?;
        diesel::delete(tags::table.filter(tags::id.eq(self.id))).execute(&mut **tx)?;
        Ok(records)
    }

    /// Takes it off all records; gives the event by which it can be put back, and how many records had it.
    pub fn delete(&self, tx: &mut Tx, kinds: &Kinds) -> Result<(Uuid, i64)> {
        let event = tx
            .note_event("tag.deleted", &self.name, Changes::none())
            .with("tag", self)
            .id;
        let act = Act::Untag {
            tag: self.name.clone(),
        };
        let records = everywhere(tx, kinds, &act, event)?;
        diesel::delete(tags::table.filter(tags::id.eq(self.id))).execute(&mut **tx)?;
        Ok((event, records))
    }

    /// Puts a deleted tag back on the records that had it.
    pub fn put_back(tx: &mut Tx, kinds: &Kinds, event: Uuid) -> Result<(String, i64)> {
        let deleted = events::table
            .filter(events::id.eq(event))
            .filter(events::kind.eq("tag.deleted"));
        let data: serde_json::Value = deleted.select(events::data).first(&mut **tx)?;
        let text = |key: &str| data["tag"][key].as_str().unwrap_or_default().to_owned();
        let (name, colour) = (text("name"), Colour::parse(&text("colour")));
        diesel::insert_into(tags::table)
            .values((
                tags::id.eq(Uuid::now_v7()),
                tags::name.eq(&name),
                tags::colour.eq(colour.unwrap_or_default()),
            ))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        let act = Act::Untag { tag: name.clone() };
        let mut back = 0;
        for kind in kinds.all() {
            let mut lane = Lane::default();
            loop {
                let portion = act.take_back(tx, kind, (event, lane), PORTION)?;
                back += portion.changed;
                if portion.seen < PORTION {
                    break;
                }
                lane.after = portion.last;
            }
        }
        tx.note_event("tag.restored", &name, Changes::none());
        Ok((name, back))
    }
}

fn free(tx: &mut Tx, name: &str, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        tags,
        name,
        but,
        "There is a tag of this name already. Merge the two instead.",
    )
}

fn renamed(tx: &mut Tx, kinds: &Kinds, from: &str, to: &str, event: Uuid) -> Result<i64> {
    let act = Act::Retag {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    everywhere(tx, kinds, &act, event)
}

/// On the records of all kinds, archived or not, portion by portion.
fn everywhere(tx: &mut Tx, kinds: &Kinds, act: &Act, event: Uuid) -> Result<i64> {
    let mut records = 0;
    for kind in kinds.all() {
        loop {
            let portion = act.run_everywhere(tx, kind, event, PORTION)?;
            records += portion.changed;
            if portion.changed < PORTION {
                break;
            }
        }
    }
    Ok(records)
}
