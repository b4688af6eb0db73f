//! What an address wants to hear about.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::schema::{topic_opt_outs, topics};
use serde::Serialize;
use uuid::Uuid;

use super::topic::MOST;
use crate::marketing::sequences;

/// A topic, and whether an address wants mail on it.
#[derive(Clone, Debug, Serialize)]
pub struct Wish {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub wanted: bool,
}

impl Wish {
    pub fn all(tx: &mut Tx, email: &str) -> Result<Vec<Wish>> {
        let refused: Vec<Uuid> = topic_opt_outs::table
            .filter(topic_opt_outs::email.eq(email.to_lowercase()))
            .limit(MOST)
            .select(topic_opt_outs::topic_id)
            .load(&mut **tx)?;
        let all: Vec<(Uuid, String, String)> = topics::table
            .filter(topics::archived_at.is_null())
            .order((topics::position, topics::name))
            .limit(MOST)
            .select((topics::id, topics::name, topics::description))
            .load(&mut **tx)?;
        let wish = |(id, name, description)| Wish {
            wanted: !refused.contains(&id),
            id,
            name,
            description,
        };
        Ok(all.into_iter().map(wish).collect())
    }

    /// Keeps the topics that an address wants; all others that are offered are refused.
    pub fn keep(tx: &mut Tx, email: &str, wanted: &[Uuid]) -> Result<()> {
        diesel::delete(
            topic_opt_outs::table
                .filter(topic_opt_outs::email.eq(email.to_lowercase()))
                .filter(topic_opt_outs::topic_id.eq_any(wanted)),
        )
        .execute(&mut **tx)?;
        let offered = topics::table.filter(topics::archived_at.is_null());
        let refused: Vec<Uuid> = offered
            .filter(topics::id.ne_all(wanted))
            .limit(MOST)
            .select(topics::id)
            .load(&mut **tx)?;
        Wish::refuse(tx, email, &refused)
    }

    /// No more mail on these, from now on; sequences about them are left.
    pub fn refuse(tx: &mut Tx, email: &str, refused: &[Uuid]) -> Result<()> {
        let email = email.to_lowercase();
        sql_query(
            "insert into topic_opt_outs (topic_id, email) select unnest($2), $1 on conflict do nothing",
        )
        .bind::<Text, _>(&email)
        .bind::<Array<SqlUuid>, _>(refused)
        .execute(&mut **tx)?;
        sequences::leave(tx, &[email], Some(refused), "topic not wanted")?;
        Ok(())
    }
}
