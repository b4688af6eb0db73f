//! What a URL asks of a list, held against what the workspace has set up.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::clock;
use crate::db::Tx;
use crate::db::tx::Subject;
use crate::error::{Error, FieldError, Result};
use crate::filter::{Catalogue, Context, Draft, Filter, Problem};
use crate::records::custom::{self, CustomField};
use crate::records::kinds::Kind;
use crate::records::list::{Arrangement, ListParams, View};
use crate::records::views::SavedView;
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
    /// The view on screen, and what of it no longer holds.
    pub view: Option<SavedView>,
    pub gone: Vec<String>,
    /// The custom fields that it is the first to filter by.
    wanting: Vec<Uuid>,
}

impl Asked {
    pub fn read(member: &Member, kind: &Kind, query: &str) -> Result<Asked> {
        let catalogue = member.setup.catalogue(kind);
        let mut params = ListParams::read(query)?;
        let view = match params.view {
            View::Saved(id) => Some(seen(member, kind, id)?),
            View::All | View::Unsaid => None,
        };
        let mut gone = Vec::new();
        if let Some(view) = &view {
            let (arrangement, lost) = arranged(view, kind, &catalogue);
            params.within(view.id, arrangement);
            params.beside.clone_from(&view.beside.0);
            gone = lost;
        }
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
        let wanting = custom::wanting(&member.setup, kind, &filter, &context);
        Ok(Asked {
            params,
            catalogue,
            filter,
            draft,
            problems,
            view,
            gone,
            wanting,
        })
    }

    /// Asks for the indexes that would serve it; the answer does not wait for them.
    pub async fn seek(&self, member: &Member) -> Result<()> {
        if self.wanting.is_empty() {
            return Ok(());
        }
        let (wanting, workspace) = (self.wanting.clone(), member.membership.workspace_id);
        let subject = Subject::machine(workspace, "Nexus");
        let seek = move |tx: &mut Tx| CustomField::seek(tx, &wanting);
        member.app.tx(subject, seek).await?;
        member.app.forget_setup(workspace);
        Ok(())
    }
}

impl Asked {
    /// Whether the editor of the filter is open.
    pub fn is_edited(&self) -> bool {
        self.draft.editing || !self.problems.is_empty()
    }
}

/// A view of this kind that the member sees. A stranger's is not there.
fn seen(member: &Member, kind: &Kind, id: Uuid) -> Result<SavedView> {
    let view = member.views.get(id).filter(|v| v.record_kind == kind.name);
    view.cloned().ok_or(Error::NotFound)
}

/// What a view shows of what there still is, and in sentences what it names that there is no longer.
fn arranged(view: &SavedView, kind: &Kind, catalogue: &Catalogue) -> (Arrangement, Vec<String>) {
    let draft = Draft::read(FILTER, [(FILTER, view.filter.to_string().as_str())]);
    let (filter, problems) = draft.check(catalogue);
    let columns = view.columns.iter();
    let columns = columns.filter(|key| catalogue.get(key).is_some());
    let arrangement = Arrangement {
        search: view.search.clone(),
        filter: text(&filter),
        sort: match kind.sorts_by(&view.sort) {
            true => view.sort.clone(),
            false => String::new(),
        },
        columns: columns.cloned().collect(),
    };
    let gone = problems.into_iter().map(|problem| problem.message);
    (arrangement, gone.collect())
}

/// A filter as it stands in URLs; the empty one as nothing.
pub fn text(filter: &Filter) -> String {
    match filter.is_empty() {
        true => String::new(),
        false => filter.to_json().to_string(),
    }
}

/// A filter that is to be kept, as a tree or as its text; and what is wrong with it.
pub fn tree(filter: &Value, catalogue: &Catalogue) -> (Value, Option<String>) {
    let text = match filter {
        Value::Null => String::new(),
        Value::Object(map) if map.is_empty() => String::new(),
        Value::String(text) => text.clone(),
        tree => tree.to_string(),
    };
    let draft = Draft::read(FILTER, [(FILTER, text.as_str())]);
    let (filter, problems) = draft.check(catalogue);
    let kept = match filter.is_empty() {
        true => Value::Object(serde_json::Map::new()),
        false => filter.to_json(),
    };
    (kept, problems.into_iter().next().map(|p| p.message))
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
