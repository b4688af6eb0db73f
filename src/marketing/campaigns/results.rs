//! What came of a campaign: sums kept by the database, and the clicks on each link.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::schema::{campaign_counts, campaign_links};
use serde::Serialize;
use uuid::Uuid;

#[derive(Clone, Debug, Default, Queryable, Selectable, Serialize)]
#[diesel(table_name = campaign_counts, check_for_backend(diesel::pg::Pg))]
pub struct Counts {
    pub recipients: i64,
    pub sent: i64,
    pub failed: i64,
    pub skipped: i64,
    pub held: i64,
    pub opened: i64,
    pub clicked: i64,
    pub unsubscribed: i64,
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = campaign_links, check_for_backend(diesel::pg::Pg))]
pub struct LinkResult {
    pub number: i32,
    pub url: String,
    pub clicks: i64,
    pub readers: i64,
}

impl Counts {
    pub fn of(tx: &mut Tx, campaign: Uuid) -> Result<Counts> {
        let counts: Option<Counts> = campaign_counts::table
            .filter(campaign_counts::campaign_id.eq(campaign))
            .select(Counts::as_select())
            .first(&mut **tx)
            .optional()?;
        Ok(counts.unwrap_or_default())
    }

    pub fn done(&self) -> i64 {
        self.sent + self.failed + self.skipped + self.held
    }

    /// `part` of those that got the mail, in percent with one digit.
    pub fn share(&self, part: i64) -> String {
        match self.sent {
            0 => String::new(),
            sent => format!("{:.1} %", part as f64 * 100.0 / sent as f64),
        }
    }
}

impl LinkResult {
    pub fn of(tx: &mut Tx, campaign: Uuid) -> Result<Vec<LinkResult>> {
        Ok(campaign_links::table
            .filter(campaign_links::campaign_id.eq(campaign))
            .order(campaign_links::number)
            .limit(500)
            .select(LinkResult::as_select())
            .load(&mut **tx)?)
    }
}
