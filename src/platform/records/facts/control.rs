//! The control of one field of a record, wherever it is asked for alone.

use askama::Template;
use uuid::Uuid;

use super::element;
use crate::db::Tx;
use crate::error::Result;
use crate::filter::{Field, FieldType};
use crate::records::kinds::Kind;
use crate::records::shown::decimal;
use crate::records::{Editable, RecordForm, chooser};
use crate::web::Form;
use crate::web::can::Member;

/// As its type is filled in, with what is there.
#[derive(Clone, Debug, Template)]
#[template(path = "records/control.html")]
pub struct Control {
    /// Of the element around it.
    id: String,
    pub name: String,
    pub label: String,
    kind: &'static str,
    pub value: String,
    options: Vec<(String, String)>,
    chosen: Vec<String>,
    choices_url: String,
    /// What is said of it elsewhere on the page, such as its error.
    pub described: String,
}

impl Control {
    /// `likely` are the records that a field of that type may point at.
    pub fn new<F: RecordForm>(
        member: &Member,
        record_kind: &str,
        field: &Field,
        form: &Form<F>,
        likely: Option<Vec<(String, String)>>,
    ) -> Control {
        let name = field.key.as_str();
        let target = target(member, record_kind, field);
        Control {
            id: element(name),
            name: name.to_owned(),
            label: field.label.clone(),
            kind: control(field),
            value: amount(field, form, name),
            options: likely.unwrap_or_else(|| options(member, field)),
            chosen: chosen(form, name),
            choices_url: target.map_or_else(String::new, |kind| {
                member.url(&format!("/records/{}/choices", kind.name))
            }),
            described: String::new(),
        }
    }

    /// The same within a transaction, with the records that it may point at.
    pub fn within<F: RecordForm>(
        tx: &mut Tx,
        member: &Member,
        record_kind: &str,
        field: &Field,
        form: &Form<F>,
    ) -> Result<Control> {
        let likely = match target(member, record_kind, field) {
            Some(kind) => Some(likely(tx, &kind, form.value(&field.key).parse().ok())?),
            None => None,
        };
        Ok(Control::new(member, record_kind, field, form, likely))
    }

    fn is_chosen(&self, value: &str) -> bool {
        self.chosen.iter().any(|v| v == value)
    }
}

/// Whether a form of `T` has that field.
pub fn is_asked_for<T: Editable>(name: &str) -> bool {
    Form::of(T::Form::default()).raw(name).is_some() || name.starts_with("custom.")
}

pub fn likely(tx: &mut Tx, kind: &Kind, chosen: Option<Uuid>) -> Result<Vec<(String, String)>> {
    chooser::likely(tx, kind, chosen)
}

fn amount<F: RecordForm>(field: &Field, form: &Form<F>, name: &str) -> String {
    match (
        field.kind,
        form.raw(name).and_then(serde_json::Value::as_i64),
    ) {
        (FieldType::Money, Some(minor)) => decimal(minor),
        _ => form.value(name),
    }
}

fn chosen<F: RecordForm>(form: &Form<F>, name: &str) -> Vec<String> {
    match form.raw(name) {
        Some(serde_json::Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => vec![form.value(name)],
    }
}

/// The control for a type of field, as `records/control.html` names it.
fn control(field: &Field) -> &'static str {
    match field.kind {
        FieldType::LongText => "textarea",
        FieldType::Date | FieldType::DateTime => "date",
        FieldType::Choice | FieldType::Person => "select",
        FieldType::MultiChoice => "checkboxes",
        FieldType::Checkbox => "checkbox",
        FieldType::Record(_) => "chooser",
        FieldType::Tags => "tags",
        FieldType::Number | FieldType::Money => "number",
        FieldType::Email => "email",
        FieldType::Phone => "tel",
        FieldType::Url => "url",
        FieldType::Text | FieldType::Behaviour => "text",
    }
}

/// The kind of record that a field points at.
pub fn target(member: &Member, record_kind: &str, field: &Field) -> Option<Kind> {
    let FieldType::Record(kind) = field.kind else {
        return None;
    };
    let mut custom = member.setup.fields_of(record_kind);
    let custom = custom.find(|f| f.name() == field.key);
    let name = custom.map_or(kind, |f| f.target.as_str());
    member.app.kinds.get(name).copied()
}

fn options(member: &Member, field: &Field) -> Vec<(String, String)> {
    match field.kind {
        FieldType::Person => member.setup.owners(),
        FieldType::Tags => {
            let names = member.setup.tag_names().into_iter();
            names.map(|n| (n.to_owned(), n.to_owned())).collect()
        }
        _ => {
            let choices = field.choices.iter();
            choices
                .map(|c| (c.value.clone(), c.label.clone()))
                .collect()
        }
    }
}
