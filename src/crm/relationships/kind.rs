//! A kind of relationship: its row and its verbs.

use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use platform::db::Tx;
use platform::events::Changes;
use platform::order;
use platform::schema::{relationship_kinds, relationships};
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

/// More than anybody chooses from.
const MOST: i64 = 100;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = relationship_kinds, check_for_backend(diesel::pg::Pg))]
pub struct RelationshipKind {
    pub id: Uuid,
    /// What the other is to the contact.
    pub name: String,
    /// What the contact is to the other.
    pub reverse: String,
    pub position: i32,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, Insertable, AsChangeset)]
#[diesel(table_name = relationship_kinds)]
#[serde(default)]
pub struct KindForm {
    #[validate(length(min = 1, max = 40))]
    pub name: String,
    /// Left blank, it is the same from either side.
    #[validate(length(max = 40))]
    pub reverse: String,
}

impl From<&RelationshipKind> for KindForm {
    fn from(kind: &RelationshipKind) -> KindForm {
        KindForm {
            name: kind.name.clone(),
            reverse: kind.reverse.clone(),
        }
    }
}

impl KindForm {
    fn settle(&mut self) {
        self.name = self.name.trim().to_owned();
        self.reverse = match self.reverse.trim() {
            "" => self.name.clone(),
            reverse => reverse.to_owned(),
        };
    }
}

impl Resource for RelationshipKind {
    const NAME: &'static str = "relationships";
}

impl RelationshipKind {
    pub fn all(tx: &mut Tx) -> Result<Vec<RelationshipKind>> {
        Ok(relationship_kinds::table
            .order((relationship_kinds::position, relationship_kinds::id))
            .limit(MOST)
            .select(RelationshipKind::as_select())
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<RelationshipKind> {
        let one = relationship_kinds::table.filter(relationship_kinds::id.eq(id));
        Ok(one.select(RelationshipKind::as_select()).first(&mut **tx)?)
    }

    /// Whether it is the same from either side.
    pub fn is_mutual(&self) -> bool {
        self.name == self.reverse
    }

    /// `Parent – Child`.
    pub fn both(&self) -> String {
        match self.is_mutual() {
            true => self.name.clone(),
            false => format!("{} – {}", self.name, self.reverse),
        }
    }

    pub fn create(tx: &mut Tx, mut form: KindForm) -> Result<RelationshipKind> {
        form.settle();
        free(tx, &form, None)?;
        let (count, last): (i64, Option<i32>) = (
            relationship_kinds::table.count().get_result(&mut **tx)?,
            relationship_kinds::table
                .select(max(relationship_kinds::position))
                .first(&mut **tx)?,
        );
        if count >= MOST {
            let words = format!("There are {MOST} kinds already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let kind: RelationshipKind = diesel::insert_into(relationship_kinds::table)
            .values((
                relationship_kinds::id.eq(Uuid::now_v7()),
                relationship_kinds::position.eq(last.unwrap_or(0) + 1),
                &form,
            ))
            .returning(RelationshipKind::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::of_new(&form);
        tx.note_event("relationship_kind.created", &kind.both(), changes);
        Ok(kind)
    }

    pub fn save(&self, tx: &mut Tx, mut form: KindForm) -> Result<RelationshipKind> {
        form.settle();
        free(tx, &form, Some(self.id))?;
        let changes = Changes::between(&KindForm::from(self), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = relationship_kinds::table.filter(relationship_kinds::id.eq(self.id));
        let kind: RelationshipKind = diesel::update(row)
            .set(&form)
            .returning(RelationshipKind::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("relationship_kind.updated", &kind.both(), changes);
        Ok(kind)
    }

    /// How many relationships are of this kind.
    pub fn uses(&self, tx: &mut Tx) -> Result<i64> {
        let of = relationships::table.filter(relationships::kind_id.eq(self.id));
        Ok(of.count().get_result(&mut **tx)?)
    }

    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        let uses = self.uses(tx)?;
        if uses > 0 {
            return Err(Error::Conflict(format!(
                "{uses} relationships are of this kind. Give them another one first, or call it otherwise."
            )));
        }
        let row = relationship_kinds::table.filter(relationship_kinds::id.eq(self.id));
        diesel::delete(row).execute(&mut **tx)?;
        let gone = Changes::between(&KindForm::from(self), &KindForm::default());
        tx.note_event("relationship_kind.removed", &self.both(), gone);
        Ok(())
    }

    pub fn shift(&self, tx: &mut Tx, by: i32) -> Result<()> {
        let order = RelationshipKind::all(tx)?.into_iter().map(|kind| kind.id);
        let moved = order::shift(tx, "relationship_kinds", order.collect(), self.id, by)?;
        if let Some((from, to)) = moved {
            let changes = Changes::none().set("position", from, to);
            tx.note_event("relationship_kind.moved", &self.both(), changes);
        }
        Ok(())
    }
}

fn free(tx: &mut Tx, form: &KindForm, own: Option<Uuid>) -> Result<()> {
    let same = sql::<Bool>("(lower(name), lower(reverse)) = (lower(")
        .bind::<Text, _>(form.name.clone())
        .sql("), lower(")
        .bind::<Text, _>(form.reverse.clone())
        .sql("))");
    let taken: Option<Uuid> = relationship_kinds::table
        .filter(same)
        .filter(relationship_kinds::id.ne(own.unwrap_or_default()))
        .select(relationship_kinds::id)
        .first(&mut **tx)
        .optional()?;
    match taken {
        Some(_) => Err(Error::invalid("name", "This kind is there already.")),
        None => Ok(()),
    }
}
