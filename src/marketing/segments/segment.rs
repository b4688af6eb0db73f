//! A segment: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::filter::Filter;
use platform::records::custom::{self, CustomField};
use platform::records::setup::Setup;
use platform::records::{Editable, Record};
use platform::schema::segments;
use platform::web::Resource;
use platform::{Error, Result, clock, record_queries};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::audience::Audience;
use super::form::{Columns, SegmentForm, SegmentKind};
use crate::crm;
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

/// As many as a select can bear.
const OFFERED: i64 = 1_000;

/// Segments that can be chosen, as (id, name).
pub fn choices(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let all: Vec<(Uuid, String)> = segments::table
        .filter(segments::archived_at.is_null())
        .order(segments::name)
        .limit(OFFERED)
        .select((segments::id, segments::name))
        .load(&mut **tx)?;
    let named = all.into_iter().map(|(id, name)| (id.to_string(), name));
    Ok(named.collect())
}

impl Editable for Segment {
    type Form = SegmentForm;

    record_queries!(segments);

    fn create(tx: &mut Tx, form: SegmentForm) -> Result<Segment> {
        let segment: Segment = diesel::insert_into(segments::table)
            .values((
                segments::id.eq(Uuid::now_v7()),
                segments::owner_id.eq(tx.person),
                Columns::try_from(&form)?,
            ))
            .returning(Segment::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&segment, "segment.created", Changes::of_new(&form));
        segment.seek(tx)?;
        Ok(segment)
    }

    fn save(&self, tx: &mut Tx, form: SegmentForm) -> Result<Segment> {
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let segment: Segment = diesel::update(segments::table.filter(segments::id.eq(self.id)))
            .set(Columns::try_from(&form)?)
            .returning(Segment::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&segment, "segment.updated", changes);
        segment.seek(tx)?;
        Ok(segment)
    }

    fn form(&self) -> SegmentForm {
        SegmentForm::from(self)
    }
}

impl Segment {
    /// Asks for an index of the custom fields that it goes by.
    fn seek(&self, tx: &mut Tx) -> Result<()> {
        let setup = Setup::load(tx, &[])?;
        let context = audience::context(tx, chrono_tz::UTC);
        // What can't be read is told where the segment is used.
        let filter = Filter::from_json(&self.filter, &audience::catalogue(tx)?).unwrap_or_default();
        let wanting = custom::wanting(&setup, &crm::contacts::KIND, &filter, &context);
        CustomField::seek(tx, &wanting)
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
