//! What a view is made of, as people and programs send it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use validator::Validate;

use super::view::SavedView;
use crate::db::Json;
use crate::filter::Catalogue;
use crate::records::kinds::{Kind, TABLE};
use crate::records::listing::{self, FILTER};
use crate::schema::saved_views;
use crate::web::Form;

const MOST_COLUMNS: usize = 60;
const LONGEST_BESIDE: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ViewForm {
    pub record_kind: String,
    #[validate(length(
        min = 1,
        max = 80,
        message = "Please give the view a name, in at most 80 characters."
    ))]
    pub name: String,
    /// A tree, or a tree as text.
    pub filter: Value,
    #[validate(length(max = 200))]
    pub search: String,
    pub sort: String,
    pub columns: Vec<String>,
    pub layout: String,
    /// What the layout shows beside the list: `{"pipeline": …}` of a board.
    pub beside: BTreeMap<String, String>,
    pub shared: bool,
    pub pinned: bool,
    /// Whether it is to open the list, for whoever makes it.
    #[serde(skip_serializing)]
    pub is_default: bool,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = saved_views)]
pub struct Columns {
    name: String,
    filter: Value,
    search: String,
    sort: String,
    columns_: Vec<String>,
    layout: String,
    beside: Json<BTreeMap<String, String>>,
}

impl ViewForm {
    pub fn columns(&self) -> Columns {
        Columns {
            name: self.name.clone(),
            filter: self.filter.clone(),
            search: self.search.clone(),
            sort: self.sort.clone(),
            columns_: self.columns.clone(),
            layout: self.layout.clone(),
            beside: Json(self.beside.clone()),
        }
    }
}

impl From<&SavedView> for ViewForm {
    fn from(view: &SavedView) -> ViewForm {
        ViewForm {
            record_kind: view.record_kind.clone(),
            name: view.name.clone(),
            filter: view.filter.clone(),
            search: view.search.clone(),
            sort: view.sort.clone(),
            columns: view.columns.clone(),
            layout: view.layout.clone(),
            beside: view.beside.0.clone(),
            shared: view.shared,
            pinned: view.pinned,
            is_default: false,
        }
    }
}

/// Holds what was `sent` against the kind's fields; what was not sent stays as it is, even where a field is gone since.
pub fn checked(
    mut form: Form<ViewForm>,
    sent: impl Fn(&str) -> bool,
    kind: &Kind,
    catalogue: &Catalogue,
) -> Form<ViewForm> {
    let data = &mut form.data;
    data.name = data.name.trim().to_owned();
    data.columns.retain(|column| !column.is_empty());
    if data.layout.is_empty() {
        data.layout = TABLE.to_owned();
    }
    let mut wrong: Vec<(&str, String)> = Vec::new();
    if sent("layout") && !kind.has_layout(&data.layout) {
        let others = kind.layouts.iter().map(|layout| layout.name());
        let names: Vec<_> = std::iter::once(TABLE).chain(others).collect();
        wrong.push(("layout", format!("Show it as one of {}.", names.join(", "))));
    }
    let keeps = kind.kept_beside(&data.layout);
    let short = |value: &str| !value.is_empty() && value.len() <= LONGEST_BESIDE;
    data.beside
        .retain(|key, value| keeps.contains(&key.as_str()) && short(value));
    let (filter, problem) = listing::tree(&data.filter, catalogue);
    match problem.filter(|_| sent(FILTER)) {
        Some(problem) => wrong.push((FILTER, problem)),
        None if sent(FILTER) || data.filter.is_null() => data.filter = filter,
        None => {}
    }
    if sent("sort") && !kind.sorts_by(&data.sort) {
        let keys: Vec<_> = kind.sorts.iter().map(|sort| sort.key).collect();
        wrong.push(("sort", format!("Sort by one of {}.", keys.join(", "))));
    }
    let unknown = data.columns.iter().find(|key| catalogue.get(key).is_none());
    if let Some(key) = unknown.filter(|_| sent("columns")) {
        wrong.push(("columns", format!("There is no column “{key}”.")));
    }
    if data.columns.len() > MOST_COLUMNS {
        let words = format!("A view shows at most {MOST_COLUMNS} columns.");
        wrong.push(("columns", words));
    }
    for (field, message) in wrong {
        form.refuse(field, message);
    }
    form
}

/// No conditions, as it is kept.
pub fn nothing() -> Value {
    Value::Object(Map::new())
}
