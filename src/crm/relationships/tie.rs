//! A relationship between two contacts, as one of them sees it: its row and its verbs.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Uuid as SqlUuid};
use platform::db::{Scope, Statement, Tx};
use platform::events::Changes;
use platform::records::Editable;
use platform::schema::relationships;
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::form::{Side, TieForm};
use super::kind::RelationshipKind;
use crate::crm::contacts::Contact;

/// More than this of one contact is no help on its page.
const MOST: i64 = 100;

#[derive(Clone, Debug, QueryableByName, Serialize, JsonSchema)]
pub struct Tie {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub kind_id: Uuid,
    /// What the other is to this contact.
    #[diesel(sql_type = Text)]
    pub label: String,
    #[diesel(sql_type = SqlUuid)]
    pub other_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    pub sub: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub since: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// Whether the contact stands second in it.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    #[serde(skip)]
    reversed: bool,
}

/// All that one contact has.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ties {
    pub items: Vec<Tie>,
}

impl Ties {
    /// Those to contacts that this transaction's member may see.
    pub fn of(tx: &mut Tx, contact: Uuid) -> Result<Ties> {
        let mut items = Tie::load(tx, contact, None)?;
        // A merge can leave the same thing said from both sides.
        let mut seen = std::collections::HashSet::new();
        items.retain(|tie| seen.insert((tie.label.clone(), tie.other_id)));
        Ok(Ties { items })
    }
}

impl Tie {
    fn load(tx: &mut Tx, contact: Uuid, one: Option<Uuid>) -> Result<Vec<Tie>> {
        let mut s = Statement::kept();
        s.sql(
            "select r.id, r.kind_id, case when r.contact_id = o.me then k.name else k.reverse end as label, c.id as other_id, \
             (contacts_card(c.*)).title as name, c.job_title as sub, r.since, r.note, r.version, r.contact_id <> o.me as reversed from (select ",
        )
        .id(Some(contact))
        .sql(
            "::uuid as me) o join relationships r on (r.contact_id = o.me or r.other_id = o.me) \
             join relationship_kinds k on k.workspace_id = r.workspace_id and k.id = r.kind_id \
             join contacts c on c.workspace_id = r.workspace_id and c.id = case when r.contact_id = o.me then r.other_id else r.contact_id end \
             where true",
        );
        if let Some(one) = one {
            s.sql(" and r.id = ").id(Some(one));
        }
        if let Some(owners) = tx.scope.owners() {
            s.sql(" and c.owner_id = any(")
                .ids(Some(owners.to_vec()))
                .sql(")");
        }
        // The limit stands in the text: bound, it would keep the plan from being kept.
        s.sql(format!(
            " order by k.position, label, name, r.id limit {MOST}"
        ));
        Ok(s.load(&mut **tx)?)
    }

    /// One of this contact's, to a contact that may be seen.
    pub fn find(tx: &mut Tx, contact: Uuid, id: Uuid, seen: &Scope) -> Result<Tie> {
        let found = within(tx, seen, |tx| Tie::load(tx, contact, Some(id)))?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    pub fn create(tx: &mut Tx, contact: &Contact, form: &TieForm, seen: &Scope) -> Result<Tie> {
        let other = form.other_id;
        let other = other.ok_or_else(|| Error::invalid("other_id", "Choose a contact."))?;
        if other == contact.id {
            let words = "Nobody is related to themselves. Choose another contact.";
            return Err(Error::invalid("other_id", words));
        }
        let found = within(tx, seen, |tx| Contact::find(tx, other));
        let other = found.map_err(|error| match error {
            Error::NotFound => {
                Error::invalid("other_id", "That contact is gone. Choose another one.")
            }
            error => error,
        })?;
        let side = Side::read(tx, &form.kind)?;
        free(tx, &side, contact.id, other.id, None)?;
        let all: i64 = relationships::table
            .filter(
                relationships::contact_id
                    .eq(contact.id)
                    .or(relationships::other_id.eq(contact.id)),
            )
            .count()
            .get_result(&mut **tx)?;
        if all >= MOST {
            let words = format!("A contact has at most {MOST} relationships.");
            return Err(Error::invalid("other_id", words));
        }
        let (first, second) = side.ends(contact.id, other.id);
        let id = Uuid::now_v7();
        diesel::insert_into(relationships::table)
            .values((
                relationships::id.eq(id),
                relationships::kind_id.eq(side.kind.id),
                relationships::contact_id.eq(first),
                relationships::other_id.eq(second),
                relationships::since.eq(form.since),
                relationships::note.eq(form.note.trim()),
            ))
            .execute(&mut **tx)?;
        let (label, reverse) = side.labels();
        let told = [(contact, &other, label), (&other, contact, reverse)];
        for (who, whom, label) in told {
            tell(
                tx,
                who,
                "contact.relationship_added",
                format!("added {} ({label})", whom.name()),
            );
        }
        Tie::find(tx, contact.id, id, seen)
    }

    pub fn save(
        &self,
        tx: &mut Tx,
        contact: &Contact,
        form: &TieForm,
        seen: &Scope,
    ) -> Result<Tie> {
        let side = Side::read(tx, &form.kind)?;
        let form = TieForm {
            other_id: Some(self.other_id),
            note: form.note.trim().to_owned(),
            ..form.clone()
        };
        if Changes::between(&self.form(), &form).is_empty() {
            return Ok(self.clone());
        }
        free(tx, &side, contact.id, self.other_id, Some(self.id))?;
        let (first, second) = side.ends(contact.id, self.other_id);
        let row = relationships::table.filter(relationships::id.eq(self.id));
        diesel::update(row)
            .set((
                relationships::kind_id.eq(side.kind.id),
                relationships::contact_id.eq(first),
                relationships::other_id.eq(second),
                relationships::since.eq(form.since),
                relationships::note.eq(&form.note),
                relationships::version.eq(self.version + 1),
            ))
            .execute(&mut **tx)?;
        let other = within(tx, seen, |tx| Contact::find(tx, self.other_id))?;
        let (label, reverse) = side.labels();
        for (who, whom, label) in [(contact, &other, label), (&other, contact, reverse)] {
            let text = format!("changed what {} is to them ({label})", whom.name());
            tell(tx, who, "contact.relationship_changed", text);
        }
        Tie::find(tx, contact.id, self.id, seen)
    }

    /// Whatever says the same goes too.
    pub fn remove(&self, tx: &mut Tx, contact: &Contact, seen: &Scope) -> Result<()> {
        let kind = RelationshipKind::find(tx, self.kind_id)?;
        let (me, other) = (contact.id, self.other_id);
        let mirrored = relationships::contact_id
            .eq(other)
            .and(relationships::other_id.eq(me));
        let same = relationships::table.filter(relationships::kind_id.eq(self.kind_id));
        match kind.is_mutual() {
            true => {
                let either = relationships::contact_id
                    .eq(me)
                    .and(relationships::other_id.eq(other));
                diesel::delete(same.filter(either.or(mirrored))).execute(&mut **tx)?
            }
            false => diesel::delete(relationships::table.filter(relationships::id.eq(self.id)))
                .execute(&mut **tx)?,
        };
        let other = within(tx, seen, |tx| Contact::find(tx, self.other_id))?;
        let reverse = match self.reversed {
            true => &kind.name,
            false => &kind.reverse,
        };
        for (who, whom, label) in [(contact, &other, &self.label), (&other, contact, reverse)] {
            let text = format!("removed {} ({label})", whom.name());
            tell(tx, who, "contact.relationship_removed", text);
        }
        Ok(())
    }

    pub fn form(&self) -> TieForm {
        let reversed = if self.reversed { ":reverse" } else { "" };
        TieForm {
            other_id: Some(self.other_id),
            kind: format!("{}{reversed}", self.kind_id),
            since: self.since,
            note: self.note.clone(),
        }
    }
}

fn tell(tx: &mut Tx, contact: &Contact, kind: &str, text: String) {
    tx.track(contact, kind, Changes::none()).with("text", text);
}

/// With the eyes of whoever may see so much: what one may edit is often less.
fn within<T>(tx: &mut Tx, seen: &Scope, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    let own = std::mem::replace(&mut tx.scope, seen.clone());
    let found = work(tx);
    tx.scope = own;
    found
}

fn free(tx: &mut Tx, side: &Side, contact: Uuid, other: Uuid, own: Option<Uuid>) -> Result<()> {
    let (first, second) = side.ends(contact, other);
    let between = |a: Uuid, b: Uuid| {
        relationships::contact_id
            .eq(a)
            .and(relationships::other_id.eq(b))
    };
    let there: Vec<(Uuid, Uuid)> = relationships::table
        .filter(relationships::kind_id.eq(side.kind.id))
        .filter(relationships::id.ne(own.unwrap_or_default()))
        .filter(between(first, second).or(between(second, first)))
        .select((relationships::contact_id, relationships::other_id))
        .load(&mut **tx)?;
    let same = |ends: &(Uuid, Uuid)| side.kind.is_mutual() || *ends == (first, second);
    match there.iter().any(same) {
        true => Err(Error::invalid(
            "kind",
            "They are that to each other already.",
        )),
        false => Ok(()),
    }
}
