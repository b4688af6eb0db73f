//! What a person fills in about a segment.

use diesel::prelude::*;
use platform::db::Tx;
use platform::filter::{Catalogue, Draft, Filter};
use platform::records::RecordForm;
use platform::schema::segments;
use platform::text_enum;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

use super::segment::Segment;
use crate::marketing::audience;

text_enum! {
    pub enum SegmentKind {
        Dynamic => "dynamic", "Dynamic";
        Static => "static", "Static";
    }
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct SegmentForm {
    #[validate(length(min = 1, max = 150, message = "Please give the segment a name."))]
    pub name: String,
    #[validate(length(max = 2000))]
    pub description: String,
    pub kind: SegmentKind,
    /// The tree as text, so that it is one value that changes as a whole; or what the editor or a program sent of it.
    pub filter: Value,
}

impl RecordForm for SegmentForm {
    /// The filter as it is kept, if all of it is understood.
    fn settle(&mut self, tx: &mut Tx) -> Result<()> {
        let catalogue = audience::catalogue(tx)?;
        let (filter, problem) = read(&draft(&self.filter), &catalogue);
        if let Some(problem) = problem {
            return Err(Error::invalid("filter", problem));
        }
        self.filter = Value::String(filter.to_json().to_string());
        Ok(())
    }
}

/// The columns that a form is kept in.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = segments)]
pub struct Columns {
    name: String,
    description: String,
    kind: SegmentKind,
    filter: Value,
}

impl TryFrom<&SegmentForm> for Columns {
    type Error = Error;
    fn try_from(form: &SegmentForm) -> Result<Columns> {
        Ok(Columns {
            name: form.name.clone(),
            description: form.description.clone(),
            kind: form.kind,
            filter: match &form.filter {
                Value::String(text) => serde_json::from_str(text)?,
                tree => tree.clone(),
            },
        })
    }
}

impl From<&Segment> for SegmentForm {
    fn from(s: &Segment) -> SegmentForm {
        SegmentForm {
            name: s.name.clone(),
            description: s.description.clone(),
            kind: s.kind,
            filter: Value::String(s.filter.to_string()),
        }
    }
}

/// The filter in any of the shapes in which a form of ours holds it.
pub fn draft(filter: &Value) -> Draft {
    Draft::of("filter", filter)
}

/// The filter, and in one sentence what is wrong with it.
pub fn read(draft: &Draft, catalogue: &Catalogue) -> (Filter, Option<String>) {
    let (filter, problems) = draft.check(catalogue);
    let problem = problems.first().map(|p| p.message.clone());
    (filter, problem)
}
