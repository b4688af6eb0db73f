//! The records that the editor of a list's filter offers for the fields that point at some.

use std::collections::HashMap;
use std::sync::Arc;

use super::Asked;
use crate::db::{Scope, Tx};
use crate::error::Result;
use crate::filter::{Catalogue, Field, FieldType};
use crate::records::chooser;
use crate::records::facts::target;
use crate::records::kinds::Kind;
use crate::records::titles::Titles;
use crate::web::can::Member;

/// The kinds of records that a filter may name, each with whose of them the member sees.
pub struct Offered(Vec<(Kind, Scope)>);

/// Those of each kind that were touched last.
pub type Likely = HashMap<&'static str, Vec<(String, String)>>;

impl Offered {
    /// None, as long as nobody looks at the editor.
    pub async fn of(member: &Member, kind: &Kind, asked: &Asked) -> Result<Offered> {
        let mut offered = Offered(Vec::new());
        if !asked.is_edited() {
            return Ok(offered);
        }
        for field in asked.catalogue.fields() {
            for kind in kinds(member, kind, field) {
                let known = offered.0.iter().any(|(known, _)| known.name == kind.name);
                if known {
                    continue;
                }
                let scope = member.scope(kind.resource(), "view").await?;
                offered.0.extend(scope.map(|scope| (kind, scope)));
            }
        }
        Ok(offered)
    }

    pub fn likely(&self, tx: &mut Tx) -> Result<Likely> {
        let mut likely = Likely::new();
        for (kind, scope) in &self.0 {
            likely.insert(kind.name, chooser::likely_within(tx, kind, scope)?);
        }
        Ok(likely)
    }
}

/// The kinds that a field may point at.
fn kinds(member: &Member, of: &Kind, field: &Field) -> Vec<Kind> {
    let FieldType::Record(_) = field.kind else {
        return Vec::new();
    };
    if field.kinds.is_empty() {
        return target(member, of.name, field).into_iter().collect();
    }
    let known = field.kinds.iter();
    known
        .filter_map(|name| member.app.kinds.get(name).copied())
        .collect()
}

/// The catalogue with records to pick from: the likely ones, those that the filter names, and where to search for others.
/// A field for which there are none is no use in an editor.
pub fn pickable(
    member: &Member,
    of: &Kind,
    catalogue: &Catalogue,
    titles: &Titles,
    likely: &Likely,
) -> Arc<Catalogue> {
    let fields = catalogue.fields().iter();
    let fields = fields.filter_map(|field| {
        let mut field = (**field).clone();
        if !matches!(field.kind, FieldType::Record(_)) {
            return Some(field);
        }
        let mut kinds = kinds(member, of, &field);
        kinds.retain(|kind| likely.contains_key(kind.name));
        let offered = kinds.iter().filter_map(|kind| likely.get(kind.name));
        let mut choices: Vec<(String, String)> = offered.flatten().cloned().collect();
        choices.extend(titles.choices());
        choices.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        choices.dedup_by(|a, b| a.0 == b.0);
        field.finder = match (field.finder.as_str(), kinds.as_slice()) {
            (_, []) => String::new(),
            ("", [kind, ..]) => member.url(&format!("/records/{}/choices", kind.name)),
            (finder, _) => member.url(finder),
        };
        let useful = !choices.is_empty() || !field.finder.is_empty();
        useful.then(|| field.choices(choices))
    });
    Arc::new(fields.collect())
}
