//! What is done to many records: a change of one field by one statement, or a verb of the kind's own, one by one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::act::{Act, Portion};
use super::each::{EachAct, Refusal};
use crate::db::Tx;
use crate::error::Result;
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::work::{AT_ONCE, Lane};
use crate::web::filters::thousands;

/// So many are done one by one while somebody waits, and in one transaction of a job.
const ONE_BY_ONE: i64 = 100;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Deed {
    Each(EachAct),
    Field(Act),
}

impl From<Act> for Deed {
    fn from(act: Act) -> Deed {
        Deed::Field(act)
    }
}

impl Deed {
    /// The right that it takes.
    pub fn right(&self) -> &'static str {
        match self {
            Deed::Field(act) => act.right(),
            Deed::Each(_) => "edit",
        }
    }

    /// How many are done in one go.
    pub fn at_once(&self) -> i64 {
        match self {
            Deed::Field(_) => AT_ONCE,
            Deed::Each(_) => ONE_BY_ONE,
        }
    }

    /// What it is called while it is done.
    pub fn title(&self, kind: &Kind) -> String {
        match self {
            Deed::Field(act) => act.title(kind),
            Deed::Each(each) => each.title().to_owned(),
        }
    }

    /// What was done to so many.
    pub fn done(&self, count: i64, kind: &Kind) -> String {
        match (self, count) {
            (Deed::Field(act), _) => act.done(count, kind),
            (Deed::Each(each), 1) => format!("1 {} is {}", kind.singular, each.done()),
            (Deed::Each(each), _) => format!(
                "{} {} are {}",
                thousands(&count.to_string()),
                kind.plural,
                each.done()
            ),
        }
    }

    pub fn run(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        params: &ListParams,
        place: (Uuid, Lane),
        until: Option<chrono::DateTime<chrono::Utc>>,
        limit: i64,
    ) -> Result<(Portion, Vec<Refusal>)> {
        match self {
            Deed::Field(act) => {
                let portion = act.run(tx, kind, params, place, until, limit)?;
                Ok((portion, Vec::new()))
            }
            Deed::Each(each) => each.run(tx, kind, params, place, until, limit),
        }
    }

    pub fn take_back(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        place: (Uuid, Lane),
        limit: i64,
    ) -> Result<Portion> {
        match self {
            Deed::Field(act) => act.take_back(tx, kind, place, limit),
            Deed::Each(each) => each.take_back(tx, kind, place, limit),
        }
    }
}
