//! The cards of a board, of all of its columns at once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::{Statement, Tx};
use platform::records::list::Matching;
use platform::records::shown::money;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use crate::crm::deals::sums::ended;

/// How many cards of a column come at once.
pub const AT_ONCE: usize = 50;

#[derive(Clone, Debug, QueryableByName, Serialize)]
pub struct Card {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub stage_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub closes_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub company: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub stage_since: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

impl Card {
    pub fn amount(&self) -> String {
        match self.amount {
            0 => String::new(),
            amount => money(amount, &self.currency),
        }
    }

    /// The place of this card in its column.
    pub fn place(&self) -> Place {
        Place {
            since: self.stage_since,
            id: self.id,
        }
    }
}

/// A place in a column, newest arrivals first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    since: DateTime<Utc>,
    id: Uuid,
}

impl Place {
    pub fn encode(&self) -> String {
        let text = format!("{} {}", self.since.timestamp_micros(), self.id);
        URL_SAFE_NO_PAD.encode(text)
    }

    pub fn decode(text: &str) -> Result<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let read = |text: String| {
            let (micros, id) = text.split_once(' ')?;
            Some(Place {
                since: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
                id: id.parse().ok()?,
            })
        };
        let place = text
            .and_then(read)
            .filter(|p| p.since.timestamp().abs() < 100_000_000_000);
        place.ok_or_else(|| Error::bad_request("That place in a column is not one of ours."))
    }
}

/// The first cards of each column of a pipeline, or those of one column from a place on.
pub struct Cards {
    pub pipeline: Uuid,
    pub matching: Matching,
    pub stage: Option<Uuid>,
    pub after: Option<Place>,
    /// Of the deals that have ended only those that did since then.
    pub ended_since: Option<DateTime<Utc>>,
}

impl Cards {
    /// In the order of each column; one more a column than is shown, to know whether there are more.
    pub fn load(self, tx: &mut Tx) -> Result<Vec<Card>> {
        // What somebody narrows down has a text of its own.
        let mut s = match self.ended_since {
            Some(_) => Statement::kept(),
            None => Statement::default(),
        };
        s.sql(
            "select d.*, (select name from companies c where c.workspace_id = d.workspace_id and c.id = d.company_id) as company \
             from stages s cross join lateral (select deals.workspace_id, deals.id, deals.stage_id, deals.name, deals.amount, \
             deals.currency, deals.closes_on, deals.owner_id, deals.company_id, deals.stage_since, deals.version \
             from deals where deals.workspace_id = s.workspace_id and deals.stage_id = s.id and ",
        )
        .matching(self.matching);
        if let Some(after) = self.after {
            s.sql(" and (deals.stage_since, deals.id) < (")
                .at(after.since)
                .sql(", ")
                .id(Some(after.id))
                .sql(")");
        }
        ended(self.ended_since, &mut s);
        s.sql(" order by deals.stage_since desc, deals.id desc limit 51) d where s.pipeline_id = ")
            .id(Some(self.pipeline));
        if let Some(stage) = self.stage {
            s.sql(" and s.id = ").id(Some(stage));
        }
        s.sql(" order by d.stage_since desc, d.id desc");
        Ok(s.load(&mut **tx)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is() {
        let place = Place {
            since: DateTime::from_timestamp_micros(1_764_000_000_123_456).unwrap(),
            id: Uuid::from_u128(7),
        };
        assert_eq!(Place::decode(&place.encode()).unwrap(), place);
        for text in ["", "abc", "%00", "MTIz"] {
            assert!(Place::decode(text).is_err(), "{text}");
        }
    }
}
