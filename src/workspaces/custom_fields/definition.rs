//! A custom field as its admin sees it: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::custom::{TYPES, free_key};
use platform::schema::custom_fields;
use platform::web::Resource;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::FieldForm;

const MOST: i64 = 500;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = custom_fields, check_for_backend(diesel::pg::Pg))]
pub struct Definition {
    pub id: Uuid,
    pub record_kind: String,
    pub key: String,
    pub label: String,
    #[serde(rename = "type")]
    #[diesel(column_name = type_)]
    pub kind: String,
    pub choices: Vec<String>,
    pub target: String,
    pub required: bool,
    pub help: String,
    pub position: i32,
    pub archived_at: Option<DateTime<Utc>>,
    /// Since when an index finds what is filtered by it.
    pub indexed_at: Option<DateTime<Utc>>,
}

impl Resource for Definition {
    const NAME: &'static str = "custom_fields";
}

impl Definition {
    /// All of them in their order, those in use first.
    pub fn all(tx: &mut Tx) -> Result<Vec<Definition>> {
        Ok(custom_fields::table
            .order((
                custom_fields::archived_at.is_not_null(),
                custom_fields::position,
                custom_fields::label,
                custom_fields::id,
            ))
            .limit(MOST)
            .select(Definition::as_select())
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Definition> {
        let one = custom_fields::table.filter(custom_fields::id.eq(id));
        Ok(one.select(Definition::as_select()).first(&mut **tx)?)
    }

    pub fn type_label(&self) -> &str {
        let known = TYPES.iter().find(|(key, _)| *key == self.kind);
        known.map_or(self.kind.as_str(), |(_, label)| label)
    }

    /// Refuses a key that another field of the kind has or had: its values are still there.
    pub fn create(tx: &mut Tx, form: &FieldForm) -> Result<Definition> {
        let kind = form.record_kind.as_str();
        let here = custom_fields::table.filter(custom_fields::record_kind.eq(kind));
        let of_kind: i64 = here.count().get_result(&mut **tx)?;
        if of_kind >= MOST {
            return Err(Error::invalid("label", "There are 500 fields already."));
        }
        let key = match form.key.as_str() {
            "" => free_key(tx, kind, &form.label)?,
            key => key.to_owned(),
        };
        let taken = here.filter(custom_fields::key.eq(&key));
        if diesel::select(diesel::dsl::exists(taken)).get_result(&mut **tx)? {
            return Err(Error::invalid(
                "key",
                "There is a field with this key already, in use or archived.",
            ));
        }
        let last: Option<i32> = here
            .select(diesel::dsl::max(custom_fields::position))
            .first(&mut **tx)?;
        let field: Definition = diesel::insert_into(custom_fields::table)
            .values((
                custom_fields::id.eq(Uuid::now_v7()),
                custom_fields::record_kind.eq(kind),
                custom_fields::key.eq(&key),
                custom_fields::label.eq(form.label.trim()),
                custom_fields::type_.eq(&form.kind),
                custom_fields::choices.eq(form.choices()),
                custom_fields::target.eq(&form.target),
                custom_fields::required.eq(form.required),
                custom_fields::help.eq(form.help.trim()),
                custom_fields::position.eq(last.unwrap_or(0).saturating_add(1)),
            ))
            .returning(Definition::as_returning())
            .get_result(&mut **tx)?;
        field.note(tx, "custom_field.created", Changes::of_new(&field));
        Ok(field)
    }

    /// Kind, key and type stay: values are kept under them.
    pub fn save(&self, tx: &mut Tx, form: &FieldForm) -> Result<Definition> {
        let now = tx.now;
        let field: Definition = diesel::update(self.here())
            .set((
                custom_fields::label.eq(form.label.trim()),
                custom_fields::choices.eq(form.choices()),
                custom_fields::required.eq(form.required),
                custom_fields::help.eq(form.help.trim()),
                custom_fields::updated_at.eq(now),
            ))
            .returning(Definition::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::between(self, &field);
        if !changes.is_empty() {
            field.note(tx, "custom_field.updated", changes);
        }
        Ok(field)
    }

    /// Out of use: it is shown nowhere, its values stay.
    pub fn archive(&self, tx: &mut Tx) -> Result<()> {
        self.set_archived(tx, Some(tx.now), "custom_field.archived")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<()> {
        self.set_archived(tx, None, "custom_field.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        event: &'static str,
    ) -> Result<()> {
        // What comes back is indexed anew once somebody filters by it.
        let unsought = Option::<DateTime<Utc>>::None;
        diesel::update(self.here())
            .set((
                custom_fields::archived_at.eq(at),
                custom_fields::sought_at.eq(unsought),
                custom_fields::indexed_at.eq(unsought),
            ))
            .execute(&mut **tx)?;
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        self.note(tx, event, changes);
        Ok(())
    }

    /// One place up or down among those in use.
    pub fn step(&self, tx: &mut Tx, up: bool) -> Result<()> {
        let mut order: Vec<Uuid> = custom_fields::table
            .filter(custom_fields::record_kind.eq(&self.record_kind))
            .filter(custom_fields::archived_at.is_null())
            .order((
                custom_fields::position,
                custom_fields::label,
                custom_fields::id,
            ))
            .limit(MOST)
            .select(custom_fields::id)
            .load(&mut **tx)?;
        let Some(at) = order.iter().position(|id| *id == self.id) else {
            return Err(Error::Conflict("An archived field has no place.".into()));
        };
        let to = if up { at.checked_sub(1) } else { Some(at + 1) };
        let Some(to) = to.filter(|to| *to < order.len()) else {
            return Ok(());
        };
        order.swap(at, to);
        diesel::sql_query(
            "update custom_fields f set position = o.place::int from unnest($1) with ordinality as o (id, place) \
             where f.id = o.id and f.position <> o.place",
        )
        .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(order)
        .execute(&mut **tx)?;
        let changes = Changes::none().set("place", at + 1, to + 1);
        self.note(tx, "custom_field.moved", changes);
        Ok(())
    }

    fn note(&self, tx: &mut Tx, event: &'static str, changes: Changes) {
        tx.note_event(event, &self.label, changes)
            .with("custom_field", self.id)
            .with("record_kind", &self.record_kind);
    }

    fn here(
        &self,
    ) -> diesel::dsl::Filter<custom_fields::table, diesel::dsl::Eq<custom_fields::id, Uuid>> {
        custom_fields::table.filter(custom_fields::id.eq(self.id))
    }
}
