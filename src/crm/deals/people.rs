//! The people of a deal: its primary contact, and the others with what each is to it.

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Editable;
use platform::records::chooser;
use platform::schema::{contacts, deal_contacts};
use platform::web::can::Edit;
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::choices::Role;
use super::deal::Deal;
use crate::crm::contacts as people;

const MOST: i64 = 50;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct PersonForm {
    pub contact_id: Option<Uuid>,
    pub role: Role,
}

/// Somebody in a deal.
#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct Person {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub subtitle: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    pub primary: bool,
    #[diesel(sql_type = Bool)]
    linked: bool,
}

impl Person {
    /// What they are to the deal, in words.
    pub fn role(&self) -> &'static str {
        let role = Role::parse(&self.role).filter(|_| self.linked);
        match (role, self.primary) {
            (Some(Role::Other) | None, true) => "Primary contact",
            (Some(role), _) => role.label(),
            (None, false) => "",
        }
    }

    /// Whether it is a line that can be taken out here.
    pub fn can_go(&self) -> bool {
        self.linked
    }

    pub fn of(tx: &mut Tx, deal: &Deal) -> Result<Vec<Person>> {
        Ok(sql_query(
            "select r.id, r.title as name, r.subtitle, coalesce(l.role, '') as role, r.id = $2 as primary, l.role is not null as linked
             from records r left join deal_contacts l
               on l.workspace_id = r.workspace_id and l.contact_id = r.id and l.deal_id = $1
             where r.id = $2 or r.id in (select contact_id from deal_contacts where deal_id = $1)
             order by r.id = $2 desc, r.title, r.id limit $3",
        )
        .bind::<SqlUuid, _>(deal.id)
        .bind::<SqlUuid, _>(deal.contact_id.unwrap_or_default())
        .bind::<diesel::sql_types::BigInt, _>(MOST)
        .load(&mut **tx)?)
    }

    /// Who could be added: those touched last.
    pub fn likely(tx: &mut Tx) -> Result<Vec<(String, String)>> {
        chooser::likely(tx, &people::KIND, None)
    }
}

impl Deal {
    /// Takes somebody in, or gives them another role.
    pub fn add_person(&self, tx: &mut Tx, contact: Uuid, role: Role) -> Result<String> {
        let gone = || Error::invalid("contact_id", "That contact is gone. Choose another one.");
        let found: Option<Uuid> = contacts::table
            .filter(contacts::id.eq(contact))
            .select(contacts::id)
            .first(&mut **tx)
            .optional()?;
        let name = name_of(tx, found.ok_or_else(gone)?)?;
        let count: i64 = deal_contacts::table
            .filter(deal_contacts::deal_id.eq(self.id))
            .count()
            .get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("A deal has at most {MOST} people.");
            return Err(Error::invalid("contact_id", words));
        }
        diesel::insert_into(deal_contacts::table)
            .values((
                deal_contacts::deal_id.eq(self.id),
                deal_contacts::contact_id.eq(contact),
                deal_contacts::role.eq(role),
            ))
            .on_conflict((
                deal_contacts::workspace_id,
                deal_contacts::deal_id,
                deal_contacts::contact_id,
            ))
            .do_update()
            .set(deal_contacts::role.eq(role))
            .execute(&mut **tx)?;
        let text = match role {
            Role::Other => format!("added {name}"),
            role => format!("added {name} as {}", role.label().to_lowercase()),
        };
        tx.track(self, "deal.contact_added", Changes::none())
            .with("contact", contact)
            .with("role", role)
            .with("text", text);
        Ok(name)
    }

    pub fn remove_person(&self, tx: &mut Tx, contact: Uuid) -> Result<String> {
        let link = deal_contacts::table
            .filter(deal_contacts::deal_id.eq(self.id))
            .filter(deal_contacts::contact_id.eq(contact));
        if diesel::delete(link).execute(&mut **tx)? == 0 {
            return Err(Error::NotFound);
        }
        let name = name_of(tx, contact)?;
        tx.track(self, "deal.contact_removed", Changes::none())
            .with("contact", contact)
            .with("text", format!("took {name} out"));
        Ok(name)
    }
}

fn name_of(tx: &mut Tx, contact: Uuid) -> Result<String> {
    use platform::schema::records;
    let card = records::table.filter(records::id.eq(contact));
    Ok(card.select(records::title).first(&mut **tx)?)
}

pub async fn add(can: Can<Edit, Deal>, Id(id): Id, form: Form<PersonForm>) -> Result<HttpResponse> {
    let data = form.valid()?;
    let contact = data
        .contact_id
        .ok_or_else(|| Error::invalid("contact_id", "Choose a contact."))?;
    let work = can.tx(move |tx| {
        let deal = Deal::held(tx, id)?;
        let name = deal.add_person(tx, contact, data.role)?;
        Ok((deal, name))
    });
    let (deal, name) = work.await?;
    let toast = Toast::done(format!("{name} is in this deal"));
    can.updated(&deal.url(&can), deal.version, &deal, toast)
}

pub async fn remove(
    can: Can<Edit, Deal>,
    path: web::Path<(String, Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let (_, id, contact) = path.into_inner();
    let work = can.tx(move |tx| {
        let deal = Deal::held(tx, id)?;
        let name = deal.remove_person(tx, contact)?;
        Ok((deal, name))
    });
    let (deal, name) = work.await?;
    can.done(
        &deal.url(&can),
        Toast::done(format!("{name} is out of this deal")),
    )
}
