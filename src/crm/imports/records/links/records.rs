//! People by their address, and records of any kind by what they are called.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use platform::Result;
use platform::db::Tx;
use platform::records::list::{Holds, tsquery};
use platform::schema::{contacts, records};
use platform::tabular::values;
use uuid::Uuid;

use super::Found;
use crate::crm::imports::problem::Kind;
use crate::crm::imports::reading::{Cost, Read, shortened};

/// So many names are remembered.
const REMEMBERED: usize = 20_000;
const CONTACT: &[&str] = &["contact"];

#[derive(Clone, Default)]
pub struct Records(HashMap<(&'static [&'static str], String), Found>);

impl Records {
    /// A contact by an address, or by the whole name where only one has it.
    pub fn person(&mut self, tx: &mut Tx, name: &str) -> Result<Read<Uuid>> {
        if !name.contains('@') {
            return self.called(tx, CONTACT, name);
        }
        let address = match values::email(name) {
            Ok(address) => address,
            Err(reason) => return Ok(Err((Kind::Email, Cost::Value, reason))),
        };
        let key = (CONTACT, address.clone());
        let found = match self.0.get(&key) {
            Some(found) => *found,
            None => self.remember(key, by_address(tx, &address)?),
        };
        let shown = shortened(&address, 60);
        Ok(match found {
            Found::One(id) => Ok(id),
            Found::Nobody => wrong(format!("No contact has the address “{shown}”.")),
            Found::Several => wrong(format!("Several contacts have the address “{shown}”.")),
        })
    }

    /// A record of one of these kinds that alone is called so.
    pub fn called(
        &mut self,
        tx: &mut Tx,
        kinds: &'static [&'static str],
        name: &str,
    ) -> Result<Read<Uuid>> {
        let name = name.trim();
        let key = (kinds, name.to_lowercase());
        let found = match self.0.get(&key) {
            Some(found) => *found,
            None => self.remember(key, by_title(tx, kinds, name)?),
        };
        let (shown, kinds) = (shortened(name, 60), kinds.join(", no "));
        Ok(match found {
            Found::One(id) => Ok(id),
            Found::Nobody => wrong(format!("No {kinds} is called “{shown}”.")),
            Found::Several => wrong(format!(
                "Several records are called “{shown}”. An e-mail address or a domain tells them apart."
            )),
        })
    }

    fn remember(&mut self, key: (&'static [&'static str], String), found: Found) -> Found {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(key, found);
        found
    }
}

fn wrong(reason: String) -> Read<Uuid> {
    Err((Kind::Link, Cost::Value, reason))
}

fn by_address(tx: &mut Tx, address: &str) -> Result<Found> {
    let ids: Vec<Uuid> = contacts::table
        .filter(contacts::email.eq(address))
        .filter(contacts::archived_at.is_null())
        .limit(2)
        .select(contacts::id)
        .load(&mut **tx)?;
    Ok(Found::of(&ids))
}

fn by_title(tx: &mut Tx, kinds: &[&str], name: &str) -> Result<Found> {
    let Some(words) = tsquery(name) else {
        return Ok(Found::Nobody);
    };
    let same = sql::<Bool>("fold(records.title) = fold(").bind::<Text, _>(name.to_owned());
    let ids: Vec<Uuid> = records::table
        .filter(records::kind.eq_any(kinds))
        .filter(records::archived_at.is_null())
        .filter(Holds::new("records", words))
        .filter(same.sql(")"))
        .limit(2)
        .select(records::id)
        .load(&mut **tx)?;
    Ok(Found::of(&ids))
}
