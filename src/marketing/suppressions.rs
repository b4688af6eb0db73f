//! Addresses that get no mail, and how they come onto that list and off it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::schema::{contacts, suppressions, topic_opt_outs, topics};
use serde::Serialize;
use uuid::Uuid;

/// A topic, and whether an address wants mail on it.
#[derive(Clone, Debug, Serialize)]
pub struct Wish {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub wanted: bool,
}

/// No mail at all to this address, from now on. Gives whether that is new.
pub fn suppress(tx: &mut Tx, email: &str, reason: &str, source: &str) -> Result<bool> {
    let email = email.to_lowercase();
    let new = diesel::insert_into(suppressions::table)
        .values((
            suppressions::email.eq(&email),
            suppressions::reason.eq(reason),
            suppressions::source.eq(source.chars().take(200).collect::<String>()),
        ))
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    diesel::update(contacts::table.filter(contacts::email.eq(&email)))
        .set((
            contacts::consent_email.eq("withdrawn"),
            contacts::email_status.eq(match reason {
                "bounced" => "bounced",
                "complained" => "complained",
                _ => "unsubscribed",
            }),
        ))
        .execute(&mut **tx)?;
    Ok(new > 0)
}

/// Takes back an unsubscription by the reader's own wish; what bounced or complained stays.
pub fn welcome_back(tx: &mut Tx, email: &str) -> Result<bool> {
    let email = email.to_lowercase();
    let row = suppressions::table
        .filter(suppressions::email.eq(&email))
        .filter(suppressions::reason.eq("unsubscribed"));
    let back = diesel::delete(row).execute(&mut **tx)? > 0;
    if back {
        diesel::update(
            contacts::table
                .filter(contacts::email.eq(&email))
                .filter(contacts::email_status.eq("unsubscribed")),
        )
        .set((
            contacts::consent_email.eq("given"),
            contacts::email_status.eq("ok"),
        ))
        .execute(&mut **tx)?;
    }
    Ok(back)
}

pub fn is_suppressed(tx: &mut Tx, email: &str) -> Result<bool> {
    let row = suppressions::table.filter(suppressions::email.eq(email.to_lowercase()));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(&mut **tx)?)
}

impl Wish {
    pub fn all(tx: &mut Tx, email: &str) -> Result<Vec<Wish>> {
        let refused: Vec<Uuid> = topic_opt_outs::table
            .filter(topic_opt_outs::email.eq(email.to_lowercase()))
            .limit(500)
            .select(topic_opt_outs::topic_id)
            .load(&mut **tx)?;
        let all: Vec<(Uuid, String, String)> = topics::table
            .order((topics::position, topics::name))
            .limit(500)
            .select((topics::id, topics::name, topics::description))
            .load(&mut **tx)?;
        Ok(all
            .into_iter()
            .map(|(id, name, description)| Wish {
                wanted: !refused.contains(&id),
                id,
                name,
                description,
            })
            .collect())
    }

    /// Keeps the topics that an address wants; all others are refused.
    pub fn keep(tx: &mut Tx, email: &str, wanted: &[Uuid]) -> Result<()> {
        let email = email.to_lowercase();
        diesel::delete(topic_opt_outs::table.filter(topic_opt_outs::email.eq(&email)))
            .execute(&mut **tx)?;
        sql_query(
            "insert into topic_opt_outs (topic_id, email) select id, $1 from topics where id <> all($2)",
        )
        .bind::<Text, _>(email)
        .bind::<diesel::sql_types::Array<SqlUuid>, _>(wanted.to_vec())
        .execute(&mut **tx)?;
        Ok(())
    }
}
