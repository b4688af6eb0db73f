//! Companies by their domain, or else by their name.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::Found;
use crate::crm::imports::contacts::{hold, insert_companies};
use crate::crm::imports::import::Import;

/// So many are remembered.
const REMEMBERED: usize = 20_000;

/// A company as rows name it, and as it is made where nobody knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Make {
    pub name: String,
    pub domain: Option<String>,
}

#[derive(Clone, Default)]
pub struct Companies(HashMap<Make, Uuid>);

impl Companies {
    pub fn find(&mut self, tx: &mut Tx, asked: &Make) -> Result<Found> {
        if let Some(id) = self.0.get(asked) {
            return Ok(Found::One(*id));
        }
        let found = look_up(tx, asked)?;
        if let Found::One(id) = found {
            self.remember(asked, id);
        }
        Ok(found)
    }

    /// Makes the company, unless somebody else did meanwhile.
    pub fn make(tx: &mut Tx, import: &Import, asked: &Make) -> Result<Uuid> {
        hold(tx)?;
        if let Found::One(id) = look_up(tx, asked)? {
            return Ok(id);
        }
        let id = Uuid::now_v7();
        let row = json!({"id": id, "name": asked.name, "domain": asked.domain});
        insert_companies(tx, import.id, &[row])?;
        Ok(id)
    }

    pub fn remember(&mut self, asked: &Make, id: Uuid) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(asked.clone(), id);
    }
}

fn look_up(tx: &mut Tx, asked: &Make) -> Result<Found> {
    let (ids, _) = by_name_or_domain(tx, &asked.name, asked.domain.as_deref())?;
    Ok(Found::of(&ids))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The first two with that domain, else with that name and no other domain; and which of the two it was.
pub fn by_name_or_domain(
    tx: &mut Tx,
    name: &str,
    domain: Option<&str>,
) -> Result<(Vec<Uuid>, &'static str)> {
    if domain.is_some() {
        let same: Vec<Row> = sql_query(
            "select id from companies where domain = $1 and archived_at is null order by created_at, id limit 2",
        )
        .bind::<Nullable<Text>, _>(domain)
        .load(&mut **tx)?;
        if !same.is_empty() {
            return Ok((same.into_iter().map(|row| row.id).collect(), "domain"));
        }
    }
    let same: Vec<Row> = sql_query(
        "select id from companies where name_key = lower($1 collate \"und-x-icu\") and archived_at is null \
           and ($2 is null or domain is null) order by created_at, id limit 2",
    )
    .bind::<Text, _>(name)
    .bind::<Nullable<Text>, _>(domain)
    .load(&mut **tx)?;
    Ok((same.into_iter().map(|row| row.id).collect(), "name"))
}
