//! A segment: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::Filter;
use platform::records::Record;
use platform::schema::segments;
use platform::web::Resource;
use platform::{Error, Result, clock};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::audience::Audience;
use super::form::{SegmentForm, SegmentKind};
use crate::marketing::audience;
use crate::marketing::brand::Brand;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = segments, check_for_backend(Pg))]
pub struct Segment {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub kind: SegmentKind,
    pub filter: Value,
    pub owner_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Segment {
    const NAME: &'static str = "segments";
}

impl Record for Segment {
    const KIND: &'static str = "segment";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Segment {
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Segment> {
        let mut query = segments::table.filter(segments::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(segments::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(Segment::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: SegmentForm) -> Result<Segment> {
        let segment: Segment = diesel::insert_into(segments::table)
            .values((
                segments::id.eq(Uuid::now_v7()),
                segments::owner_id.eq(tx.person),
                &form,
            ))
            .returning(Segment::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&segment, "segment.created", Changes::of_new(&form));
        Ok(segment)
    }

    pub fn update(&self, tx: &mut Tx, version: i32, form: SegmentForm) -> Result<Segment> {
        let changes = Changes::between(&SegmentForm::from(self), &form);
        if version != self.version {
            return Err(Error::Stale {
                current: self.version,
            });
        }
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = segments::table
            .filter(segments::id.eq(self.id))
            .filter(segments::version.eq(version));
        let updated: Option<Segment> = diesel::update(row)
            .set(&form)
            .returning(Segment::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let segment = updated.ok_or(Error::Stale {
            current: version + 1,
        })?;
        tx.track(&segment, "segment.updated", changes);
        Ok(segment)
    }

    pub fn archive(&self, tx: &mut Tx) -> Result<Segment> {
        self.set_archived(tx, Some(tx.now), "segment.archived")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<Segment> {
        self.set_archived(tx, None, "segment.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        kind: &'static str,
    ) -> Result<Segment> {
        if self.archived_at.is_some() == at.is_some() {
            return Ok(self.clone());
        }
        let segment: Segment = diesel::update(segments::table.filter(segments::id.eq(self.id)))
            .set(segments::archived_at.eq(at))
            .returning(Segment::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        tx.track(&segment, kind, changes);
        Ok(segment)
    }

    /// Whom it is made of at this moment.
    pub fn audience(&self, tx: &mut Tx) -> Result<Audience> {
        if self.kind == SegmentKind::Static {
            return Ok(Audience::Members(self.id));
        }
        let catalogue = audience::catalogue(tx)?;
        // A field may be gone since: then nobody is meant, rather than everybody.
        let filter = Filter::from_json(&self.filter, &catalogue).map_err(|problems| {
            let problem = problems.first().map(|p| p.message.clone());
            Error::Conflict(format!(
                "The segment {} can't be used: {}",
                self.name,
                problem.unwrap_or_default()
            ))
        })?;
        let zone = clock::zone(&Brand::of(tx)?.zone);
        Ok(Audience::Matching(
            filter.predicate(&audience::context(tx, zone)),
        ))
    }
}
