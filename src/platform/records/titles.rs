//! What records are called, for whoever only knows their ids.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use moka::sync::Cache;
use uuid::Uuid;

use super::Cells;
use super::kinds::Kinds;
use super::setup::Setup;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::schema::records;

/// How long another process may go on with a title that was just changed.
const REMEMBERED: Duration = Duration::from_secs(3);
const MOST_REMEMBERED: u64 = 50_000;

/// Collection and title of records, by id.
#[derive(Clone, Debug, Default)]
pub struct Titles(pub HashMap<Uuid, (&'static str, Arc<str>)>);

impl Titles {
    pub fn of(tx: &mut Tx, kinds: &Kinds, ids: &[Uuid]) -> Result<Titles> {
        let mut titles = HashMap::with_capacity(ids.len());
        let mut unknown = Vec::new();
        for id in ids {
            match kinds.known.0.get(&(tx.workspace, *id)) {
                Some(known) => _ = titles.insert(*id, known),
                None => unknown.push(*id),
            }
        }
        if !unknown.is_empty() {
            let rows: Vec<(Uuid, String, String)> = records::table
                .filter(records::id.eq_any(&unknown))
                .select((records::id, records::kind, records::title))
                .load(&mut **tx)?;
            for (id, kind, title) in rows {
                if let Some(kind) = kinds.get(&kind) {
                    let named = (kind.collection, Arc::from(title));
                    kinds.known.0.insert((tx.workspace, id), named.clone());
                    titles.insert(id, named);
                }
            }
        }
        Ok(Titles(titles))
    }

    /// Ids and titles, as choices.
    pub fn choices(&self) -> Vec<(String, String)> {
        let named = self.0.iter();
        let named = named.map(|(id, (_, title))| (id.to_string(), title.to_string()));
        named.collect()
    }

    /// Those that some rows of `kind` point at, by fields of their own and by custom ones.
    pub fn of_rows<'a, R: Cells + 'a>(
        tx: &mut Tx,
        kinds: &Kinds,
        setup: &Setup,
        kind: &str,
        rows: impl IntoIterator<Item = &'a R>,
    ) -> Result<Titles> {
        let fields = setup.fields_of(kind).filter(|f| f.kind == "record");
        let keys: Vec<&str> = fields.map(|f| f.key.as_str()).collect();
        let mut ids: Vec<Uuid> = Vec::new();
        for row in rows {
            ids.extend(row.records());
            let values = keys.iter().filter_map(|key| row.custom().get(*key));
            ids.extend(values.filter_map(|id| id.as_str()?.parse::<Uuid>().ok()));
        }
        ids.sort_unstable();
        ids.dedup();
        Titles::of(tx, kinds, &ids)
    }
}

/// The titles that were asked for lately, by workspace and id.
#[derive(Clone, Debug)]
pub struct Known(Cache<(Uuid, Uuid), (&'static str, Arc<str>)>);

impl Default for Known {
    fn default() -> Known {
        let cache = Cache::builder()
            .max_capacity(MOST_REMEMBERED)
            .time_to_live(REMEMBERED);
        Known(cache.build())
    }
}

impl Known {
    /// After writes: what these events are about may be called something else now.
    pub fn forget(&self, workspace: Uuid, events: &[Event]) {
        for id in events.iter().filter_map(|event| event.record_id) {
            self.0.invalidate(&(workspace, id));
        }
    }
}
