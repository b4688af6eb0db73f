//! Who can own what comes in.

use std::collections::HashMap;

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::schema::members;
use uuid::Uuid;

use super::{Cost, Read, shortened};
use crate::crm::imports::problem::Kind;

/// Everybody who can own something, by e-mail address and by name, in lower case.
#[derive(Clone, Debug, Default)]
pub struct Owners(HashMap<String, Found>);

#[derive(Clone, Copy, Debug)]
enum Found {
    One(Uuid),
    Several,
}

impl Owners {
    pub fn all(tx: &mut Tx) -> Result<Owners> {
        let people: Vec<(Uuid, String, String)> = members::table
            .filter(members::active)
            .limit(5_000)
            .select((members::person_id, members::name, members::email))
            .load(&mut **tx)?;
        let mut owners = Owners::default();
        for (id, name, email) in people {
            let known = owners.0.entry(name.to_lowercase());
            known
                .and_modify(|found| *found = Found::Several)
                .or_insert(Found::One(id));
            owners.0.insert(email.to_lowercase(), Found::One(id));
        }
        Ok(owners)
    }

    pub fn find(&self, text: &str) -> Read<Uuid> {
        let text = text.trim();
        let wrong = |reason: String| Err((Kind::Owner, Cost::Nothing, reason));
        match self.0.get(&text.to_lowercase()) {
            Some(Found::One(id)) => Ok(*id),
            Some(Found::Several) => wrong(format!(
                "Several people in this workspace are called “{}”. Their e-mail addresses tell them apart.",
                shortened(text, 60)
            )),
            None => wrong(format!(
                "Nobody in this workspace is called “{}”.",
                shortened(text, 60)
            )),
        }
    }
}
