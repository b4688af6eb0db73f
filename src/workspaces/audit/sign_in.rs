//! The sign-ins of members, refused ones too, from the directory's journal.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde::Serialize;
use uuid::Uuid;

use super::filter::{Actor, AuditFilter};
use crate::identity::sessions::Outcome;

#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct SignIn {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub person_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub outcome: Outcome,
    #[diesel(sql_type = Text)]
    pub ip: String,
    #[diesel(sql_type = Text)]
    pub user_agent: String,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

impl SignIn {
    pub fn tone(&self) -> &'static str {
        match self.outcome {
            Outcome::SignedIn => "success",
            Outcome::Refused => "danger",
            Outcome::SignedOut => "",
            _ => "info",
        }
    }

    /// Where the next page goes on: a moment, in microseconds.
    pub fn place(&self) -> i64 {
        self.at.timestamp_micros()
    }
}

/// Newest first; one more than the limit where there are more. Each member's newest are read along the index, so
/// that other workspaces' sign-ins cost nothing.
pub fn matching(tx: &mut Tx, filter: &AuditFilter, zone: chrono_tz::Tz) -> Result<Vec<SignIn>> {
    let person = match filter.actor {
        Some(Actor::Person(id)) => Some(id),
        _ => None,
    };
    let (from, to) = filter.between(zone);
    let before = filter.before.and_then(DateTime::from_timestamp_micros);
    Ok(sql_query(
        "select s.id, m.person_id, m.name, s.outcome, s.ip, s.user_agent, s.at
         from members m cross join lateral (
           select * from sign_ins s where s.person_id = m.person_id
             and ($2 is null or s.at >= $2) and ($3 is null or s.at < $3) and ($4 is null or s.at < $4)
             and ($5 = '' or s.outcome = $5)
             and ($6 = '' or s.ip = $6 or m.name ilike '%' || $7 || '%' or m.email ilike '%' || $7 || '%')
           order by s.at desc limit $8) s
         where m.workspace_id = current_workspace() and ($1 is null or m.person_id = $1)
         order by s.at desc, s.id desc limit $8",
    )
    .bind::<Nullable<SqlUuid>, _>(person)
    .bind::<Nullable<Timestamptz>, _>(from)
    .bind::<Nullable<Timestamptz>, _>(to)
    .bind::<Nullable<Timestamptz>, _>(before)
    .bind::<Text, _>(&filter.kind)
    .bind::<Text, _>(&filter.search)
    .bind::<Text, _>(super::entry::like(&filter.search))
    .bind::<BigInt, _>(filter.limit + 1)
    .load(&mut **tx)?)
}
