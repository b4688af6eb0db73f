//! What a URL asks of a list, held against what the workspace has set up.

use std::sync::Arc;

use serde_json::Value;

use crate::clock;
use crate::error::{Error, FieldError, Result};
use crate::filter::{Catalogue, Context, Draft, Filter, Problem};
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::web::can::Member;

/// The name of the filter in URLs.
pub const FILTER: &str = "filter";

pub struct Asked {
    pub params: ListParams,
    pub catalogue: Arc<Catalogue>,
    pub filter: Filter,
    /// The filter as it stands in its editor, good or not.
    pub draft: Draft,
    pub problems: Vec<Problem>,
}

impl Asked {
    pub fn read(member: &Member, kind: &Kind, query: &str) -> Result<Asked> {
        let catalogue = member.setup.catalogue(kind);
        let mut params = ListParams::read(query)?;
        let draft = match params.says(FILTER) {
            true => Draft::from_query(FILTER, query),
            false => Draft::read(FILTER, [(FILTER, params.filter.as_str())]),
        };
        let (filter, problems) = draft.check(&catalogue);
        if member.asked.json()
            && let Some(refusal) = refusal(&problems)
        {
            return Err(refusal);
        }
        params.filter = text(&filter);
        let context = Context {
            now: clock::now(),
            zone: member.zone,
            me: Some(member.person().id),
        };
        params.predicate = (!filter.is_empty()).then(|| filter.predicate(&context));
        params.columns.retain(|key| catalogue.get(key).is_some());
        Ok(Asked {
            params,
            catalogue,
            filter,
            draft,
            problems,
        })
    }
}

/// A filter as it stands in URLs; the empty one as nothing.
pub fn text(filter: &Filter) -> String {
    match filter.is_empty() {
        true => String::new(),
        false => filter.to_json().to_string(),
    }
}

/// A filter that was kept, in the same form; rules on fields that are gone are left out.
pub fn kept(filter: &Value, catalogue: &Catalogue) -> String {
    if filter.as_object().is_none_or(serde_json::Map::is_empty) {
        return String::new();
    }
    let draft = Draft::read(FILTER, [(FILTER, filter.to_string().as_str())]);
    text(&draft.check(catalogue).0)
}

fn refusal(problems: &[Problem]) -> Option<Error> {
    let errors = problems.iter().map(|problem| FieldError {
        field: match problem.path.as_str() {
            "" => FILTER.to_owned(),
            path => format!("{FILTER}.{path}"),
        },
        message: problem.message.clone(),
    });
    let errors: Vec<FieldError> = errors.collect();
    (!errors.is_empty()).then_some(Error::Invalid(errors))
}
