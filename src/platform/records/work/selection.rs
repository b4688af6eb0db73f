//! Which records somebody means: what a list shows on all its pages, or some of its rows.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Result;
use crate::filter::{Catalogue, Context, Draft};
use crate::records::list::ListParams;
use crate::records::listing::FILTER;

/// A list as a job can read it later: the filter in words, not the rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    search: String,
    filter: String,
    sort: String,
    archived: bool,
    pub ids: Vec<Uuid>,
    /// What "today" in the filter means, and the zone it is meant in.
    at: Option<DateTime<Utc>>,
    zone: String,
}

impl Selection {
    pub fn of(params: &ListParams, at: DateTime<Utc>, zone: Tz) -> Selection {
        Selection {
            search: params.search.clone(),
            filter: params.filter.clone(),
            sort: params.sort.clone(),
            archived: params.archived,
            ids: params.ids.clone(),
            at: Some(at),
            zone: zone.name().to_owned(),
        }
    }

    pub fn zone(&self) -> Tz {
        crate::clock::zone(&self.zone)
    }

    /// When it was asked for.
    pub fn at(&self) -> DateTime<Utc> {
        self.at.unwrap_or_else(crate::clock::now)
    }

    /// The list again, with so many rows a page.
    pub fn params(&self, catalogue: &Catalogue, me: Uuid, limit: i64) -> Result<ListParams> {
        let draft = Draft::read(FILTER, [(FILTER, self.filter.as_str())]);
        let (filter, problems) = draft.check(catalogue);
        // A field that is gone meanwhile would make it another list, with more rows than anybody meant.
        if let Some(problem) = problems.first() {
            return Err(crate::Error::Conflict(problem.message.clone()));
        }
        let context = Context {
            now: self.at(),
            zone: self.zone(),
            me: Some(me),
        };
        Ok(ListParams {
            search: self.search.clone(),
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            archived: self.archived,
            ids: self.ids.clone(),
            predicate: (!filter.is_empty()).then(|| filter.predicate(&context)),
            limit,
            ..ListParams::default()
        })
    }
}
