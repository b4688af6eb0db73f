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

/// The filter in any of the shapes in which it comes: a tree, a tree as text, or the fields of the plain form.
pub fn draft(filter: &Value) -> Draft {
    match filter {
        Value::Null => Draft::default(),
        Value::String(text) => Draft::read("filter", [("filter", text.as_str())]),
        Value::Object(map) if ["and", "or", "not"].iter().any(|k| map.contains_key(*k)) => {
            Draft::read("filter", [("filter", filter.to_string().as_str())])
        }
        Value::Object(map) if map.is_empty() => Draft::default(),
        fields => {
            let mut pairs = Vec::new();
            flatten("filter".into(), fields, &mut pairs);
            Draft::read(
                "filter",
                pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())),
            )
        }
    }
}

fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                flatten(format!("{name}.{key}"), inner, pairs);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                let scalar = !inner.is_object() && !inner.is_array();
                let name = if scalar {
                    name.clone()
                } else {
                    format!("{name}.{i}")
                };
                flatten(name, inner, pairs);
            }
        }
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Null => {}
        other => pairs.push((name, other.to_string())),
    }
}

/// The filter, and in one sentence what is wrong with it.
pub fn read(draft: &Draft, catalogue: &Catalogue) -> (Filter, Option<String>) {
    let (filter, problems) = draft.check(catalogue);
    let problem = problems.first().map(|p| p.message.clone());
    (filter, problem)
}
