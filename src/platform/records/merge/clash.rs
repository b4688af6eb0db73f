//! What two people changed at once, as a page to choose from and as a problem document.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Both, Since, leaves};
use crate::error::{Error, Result};
use crate::filter::{Field, FieldType};
use crate::records::editing::on_page;
use crate::records::facts::{capital, humanised};
use crate::records::listing::also;
use crate::records::shown::{Names, Shown};
use crate::records::titles::Titles;
use crate::records::{Editable, write};
use crate::web::can::{Can, Edit, Member};
use crate::web::{Crumb, Page, View, filters};

/// A field that two people changed.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    pub field: String,
    pub original: Value,
    pub mine: Value,
    pub current: Value,
    pub by: String,
    pub at: DateTime<Utc>,
}

pub struct Clash<T> {
    pub record: T,
    /// It is about taking a change back, not about two changes at once.
    undoing: bool,
    mine: Map<String, Value>,
    conflicts: Vec<Conflict>,
}

impl<T: Editable> Clash<T> {
    pub fn new(record: T, both: Both) -> Clash<T> {
        Clash {
            record,
            undoing: false,
            mine: both.mine,
            conflicts: both.conflicts,
        }
    }

    /// For a program, which is told of all that changed since the version it knows.
    pub fn of_program(record: T, since: Since) -> Clash<T> {
        let current = write::as_json(&record.form());
        let conflicts = since.fields.into_iter().map(|(field, theirs)| Conflict {
            current: super::get(&current, &field),
            original: theirs.original,
            mine: Value::Null,
            by: theirs.by,
            at: theirs.at,
            field,
        });
        Clash {
            conflicts: conflicts.collect(),
            mine: Map::new(),
            undoing: false,
            record,
        }
    }

    /// For whoever takes a change back that others have built on: `fields` as they would be, and of each field that was
    /// changed again what the change had made of it and what it was before.
    pub fn of_undo(
        record: T,
        fields: Map<String, Value>,
        later: Vec<(String, Value, Value)>,
        since: &Since,
    ) -> Clash<T> {
        let current = write::as_json(&record.form());
        let conflicts = later.into_iter().map(|(field, original, mine)| {
            let last = since.last(&field);
            let (by, at) = last.unwrap_or_else(|| ("Somebody".into(), crate::clock::now()));
            Conflict {
                current: super::get(&current, &field),
                original,
                mine,
                by,
                at,
                field,
            }
        });
        Clash {
            conflicts: conflicts.collect(),
            mine: fields,
            undoing: true,
            record,
        }
    }

    /// 409 as a page to choose from, or as a problem document.
    pub async fn answer(self, can: &Can<Edit, T>) -> Result<HttpResponse> {
        if can.asked.json() {
            return self.problem(can);
        }
        let ids = self.conflicts.iter();
        let ids = ids.flat_map(|c| [&c.original, &c.mine, &c.current]);
        let ids: Vec<Uuid> = ids.filter_map(|v| v.as_str()?.parse().ok()).collect();
        let app = can.app.clone();
        let titles = can.tx(move |tx| Titles::of(tx, &app.kinds, &ids)).await?;
        let page = self.page(can, titles)?;
        can.page_with(StatusCode::CONFLICT, page)
    }

    pub fn problem(&self, can: &Member) -> Result<HttpResponse> {
        let stale = Error::Stale {
            current: self.record.version(),
        };
        let changed = self.conflicts.iter().map(|c| {
            json!({"field": c.field, "original": c.original, "current": c.current, "by": c.by, "at": c.at})
        });
        Ok(HttpResponse::Conflict()
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .json(json!({
                "type": "about:blank",
                "title": stale.title(),
                "status": 409,
                "detail": stale.to_string(),
                "request_id": can.origin.request_id,
                "current_version": self.record.version(),
                "changed": changed.collect::<Vec<_>>(),
            })))
    }

    /// The record as it is now, with what was typed where the two clash.
    pub fn form(&self) -> Result<T::Form> {
        let mut fields = write::as_json(&self.record.form());
        for conflict in &self.conflicts {
            super::set(&mut fields, &conflict.field, conflict.mine.clone());
        }
        write::from_json(fields)
    }

    /// The clash of a single field in a sentence.
    pub fn said(&self, can: &Member) -> String {
        let Some(conflict) = self.conflicts.first() else {
            return "Somebody changed this meanwhile.".into();
        };
        let names = Names::of_people(can.setup.clone());
        let now = text(can, T::KIND, &conflict.field, &conflict.current, &names);
        let by = &conflict.by;
        format!("{by} changed this to “{now}” meanwhile. Save again to have it your way.")
    }

    fn page(self, can: &Member, titles: Titles) -> Result<Merge> {
        let kind = can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
        let names = Names {
            setup: can.setup.clone(),
            records: titles.0,
        };
        let choices = self.conflicts.iter().map(|conflict| {
            let shown = |value: &Value| text(can, T::KIND, &conflict.field, value, &names);
            Choice {
                label: label(can, T::KIND, &conflict.field),
                name: format!("resolved.{}", conflict.field),
                original: shown(&conflict.original),
                // What it was can be had again, unless that is what it is now.
                first_value: (!self.undoing && conflict.original != conflict.current)
                    .then(|| conflict.original.to_string()),
                mine: shown(&conflict.mine),
                my_value: conflict.mine.to_string(),
                theirs: shown(&conflict.current),
                their_value: conflict.current.to_string(),
                by: conflict.by.clone(),
                at: conflict.at,
            }
        });
        let url = on_page(&self.record, can);
        Ok(Merge {
            action: also(&url, "_method=PATCH"),
            title: self.record.title(),
            plural: capital(kind.plural),
            list: can.url(&format!("/{}", kind.collection)),
            version: self.record.version(),
            choices: choices.collect(),
            kept: hidden(&self.mine),
            undoing: self.undoing,
            zone: can.zone,
            url,
        })
    }
}

fn field(member: &Member, kind: &str, key: &str) -> Field {
    let catalogue = member
        .app
        .kinds
        .get(kind)
        .map(|k| member.setup.catalogue(k));
    let known = catalogue.and_then(|c| c.get(key).map(|f| (**f).clone()));
    known.unwrap_or_else(|| Field::column(key, &humanised(key), FieldType::Text, "null"))
}

fn label(member: &Member, kind: &str, key: &str) -> String {
    field(member, kind, key).label
}

fn text(member: &Member, kind: &str, key: &str, value: &Value, names: &Names) -> String {
    let field = field(member, kind, key);
    Shown::of(&field, value, names).plain(&member.zone)
}

/// A form's fields as hidden inputs: lists by repetition, groups by dots, so that they are read as they were.
fn hidden(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, value) in leaves(fields) {
        spread(name, value, &mut all);
    }
    all
}

fn spread(name: String, value: Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Null => into.push((name, String::new())),
        Value::String(text) => into.push((name, text)),
        Value::Array(items) if items.is_empty() => into.push((name, String::new())),
        Value::Array(items) if items.iter().all(Value::is_object) => {
            for (i, item) in items.into_iter().enumerate() {
                spread(format!("{name}.{i}"), item, into);
            }
        }
        Value::Array(items) => {
            for item in items {
                spread(name.clone(), item, into);
            }
        }
        Value::Object(parts) => {
            for (part, value) in parts {
                spread(format!("{name}.{part}"), value, into);
            }
        }
        other => into.push((name, other.to_string())),
    }
}

/// One field to choose: in words, and as the value that is sent.
#[derive(Serialize)]
struct Choice {
    label: String,
    name: String,
    original: String,
    first_value: Option<String>,
    mine: String,
    my_value: String,
    theirs: String,
    their_value: String,
    by: String,
    at: DateTime<Utc>,
}

#[derive(Template, Serialize)]
#[template(path = "records/merge.html")]
struct Merge {
    title: String,
    #[serde(skip)]
    plural: String,
    #[serde(skip)]
    list: String,
    url: String,
    #[serde(skip)]
    action: String,
    version: i32,
    choices: Vec<Choice>,
    kept: Vec<(String, String)>,
    #[serde(skip)]
    undoing: bool,
    #[serde(skip)]
    zone: chrono_tz::Tz,
}

impl Page for Merge {
    fn title(&self) -> String {
        match self.undoing {
            true => format!("Undo a change of {}", self.title),
            false => format!("Merge changes of {}", self.title),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(self.plural.clone(), self.list.clone()),
            Crumb::to(self.title.clone(), self.url.clone()),
            Crumb::here(if self.undoing { "Undo" } else { "Merge" }),
        ]
    }
}

impl Merge {
    fn heading(&self) -> &'static str {
        match self.undoing {
            true => "It was changed again since",
            false => "Two changes at once",
        }
    }
    fn mine(&self) -> &'static str {
        if self.undoing {
            "As it was before"
        } else {
            "Yours"
        }
    }
    fn lead(&self) -> String {
        let mut who: Vec<&str> = self.choices.iter().map(|c| c.by.as_str()).collect();
        who.dedup();
        if self.undoing {
            return format!(
                "Since then, {} changed some of the same fields again. Choose what should stand.",
                who.join(" and ")
            );
        }
        format!(
            "While you were editing, {} changed some of the same fields. Choose what should stand; everything else is kept.",
            who.join(" and ")
        )
    }
}
