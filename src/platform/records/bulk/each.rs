//! What a kind does to many of its records one by one, by the verbs of its own: any of them may refuse, and says why.

use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::act::{Portion, between, which};
use crate::db::{Statement, Tx};
use crate::error::{Error, Result};
use crate::records::kinds::{Each, Kind};
use crate::records::list::ListParams;
use crate::records::work::Lane;

/// One of a kind's own verbs, and what it was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EachAct {
    each: String,
    with: Value,
    title: String,
    done: String,
}

/// A record that would not have it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub id: Uuid,
    pub title: String,
    pub why: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Jsonb)]
    changes: Value,
}

impl EachAct {
    /// `title` is what it is called, "Move deals to Won"; `done` ends "3 deals are …".
    pub fn new(each: &Each, with: Value, title: String, done: String) -> EachAct {
        EachAct {
            each: each.key.to_owned(),
            with,
            title,
            done,
        }
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn done(&self) -> &str {
        &self.done
    }

    fn verb(&self, kind: &Kind) -> Result<Each> {
        let found = kind.each.iter().find(|each| each.key == self.each);
        found.copied().ok_or(Error::NotFound)
    }

    /// Does it to the first `limit` rows of the list of the lane; those that refuse stay as they are.
    pub fn run(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        params: &ListParams,
        (act, lane): (Uuid, Lane),
        until: Option<chrono::DateTime<chrono::Utc>>,
        limit: i64,
    ) -> Result<(Portion, Vec<Refusal>)> {
        let (each, t) = (self.verb(kind)?, kind.table);
        let mut s = Statement::default();
        s.sql(format!(
            "select {t}.id, ({t}_card({t}.*)).title as title from {t} where "
        ))
        .all(which(tx, kind, params, lane, until))
        .sql(format!(" order by {t}.id limit "))
        .whole(limit);
        let found: Vec<Found> = s.load(&mut **tx)?;
        let mut portion = Portion {
            last: found.last().map(|row| row.id),
            seen: found.len() as i64,
            changed: 0,
        };
        let mut refused = Vec::new();
        for Found { id, title } in found {
            let before = tx.events();
            let done = tx.attempt(|tx| (each.run)(tx, id, &self.with));
            let own = tx.events_since(before).iter_mut();
            for event in own.filter(|event| event.record_id == Some(id)) {
                event.act_id = Some(act);
                event.with("act", act);
            }
            match done {
                Ok(changed) => portion.changed += i64::from(changed),
                Err(error) if error.status().is_client_error() => refused.push(Refusal {
                    id,
                    title,
                    why: error.to_string(),
                }),
                Err(error) => return Err(error),
            }
        }
        Ok((portion, refused))
    }

    /// Takes it back from the next `limit` records of the lane that it changed, where nobody has built on it.
    pub fn take_back(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        (act, lane): (Uuid, Lane),
        limit: i64,
    ) -> Result<Portion> {
        let each = self.verb(kind)?;
        let mut s = Statement::default();
        s.sql("select e.record_id as id, e.changes from events e where e.act_id = ")
            .id(Some(act));
        between(&mut s, "e.record_id", lane);
        s.sql(" order by e.record_id limit ").whole(limit);
        let changed: Vec<Changed> = s.load(&mut **tx)?;
        let mut portion = Portion {
            last: changed.last().map(|row| row.id),
            seen: changed.len() as i64,
            changed: 0,
        };
        for Changed { id, changes } in changed {
            let before = tx.events();
            let back = tx.attempt(|tx| (each.back)(tx, id, &changes));
            for event in tx.events_since(before) {
                event.with("undoes", act);
            }
            match back {
                Ok(changed) => portion.changed += i64::from(changed),
                // It stays as it is, as what was changed since does.
                Err(error) if error.status().is_client_error() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(portion)
    }
}
