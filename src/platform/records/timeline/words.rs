//! Events in words: "changed City from Split to Rijeka".

use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::events::Event;
use crate::filter::{Catalogue, Field, FieldType};
use crate::records::facts::humanised;
use crate::records::kinds::Kind;
use crate::records::shown::{Names, Shown};

/// Longer values are named and not quoted.
const QUOTED: usize = 120;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A plain sentence.
    Said(String),
    Changed(Vec<Change>),
}

/// One field that changed, as people see its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// "set", "changed", "cleared", "added" or "removed".
    pub verb: &'static str,
    pub label: String,
    pub from: String,
    pub to: String,
}

/// What is needed to put events into words.
pub struct Words<'a> {
    pub kind: &'a Kind,
    pub catalogue: &'a Catalogue,
    pub names: &'a Names,
    pub zone: Tz,
}

impl Words<'_> {
    pub fn of(&self, event: &Event) -> What {
        if let Some(text) = event.data.get("text").and_then(Value::as_str) {
            return What::Said(text.to_owned());
        }
        let verb = event.kind.rsplit('.').next().unwrap_or_default();
        match verb {
            "created" => return What::Said(format!("created this {}", self.kind.singular)),
            "imported" => return What::Said(format!("imported this {}", self.kind.singular)),
            "archived" => return What::Said(format!("archived this {}", self.kind.singular)),
            "restored" => return What::Said(format!("restored this {}", self.kind.singular)),
            _ => {}
        }
        let changes = self.changes(&event.changes);
        if changes.is_empty() {
            return What::Said(said(verb, &event.data));
        }
        What::Changed(changes)
    }

    fn changes(&self, changes: &Value) -> Vec<Change> {
        let Value::Object(fields) = changes else {
            return Vec::new();
        };
        fields
            .iter()
            .flat_map(|(key, pair)| match pair.as_array().map(Vec::as_slice) {
                Some([from, to]) => self.change(key, from, to),
                _ => Vec::new(),
            })
            .collect()
    }

    fn change(&self, key: &str, from: &Value, to: &Value) -> Vec<Change> {
        let field = match self.catalogue.get(key) {
            Some(field) => (**field).clone(),
            None => plain(key),
        };
        if field.kind == FieldType::Tags {
            return tags(from, to);
        }
        let text = |value| {
            let text = Shown::of(&field, value, self.names).plain(&self.zone);
            Some(text).filter(|t| t.chars().count() <= QUOTED && !t.contains('\n'))
        };
        let (was, is) = (text(from), text(to));
        let blank = |text: &Option<String>| text.as_deref() == Some("");
        let verb = match (blank(&was), blank(&is)) {
            (true, true) => return Vec::new(),
            (true, false) => "set",
            (false, true) => "cleared",
            (false, false) => "changed",
        };
        vec![Change {
            verb,
            label: field.label.clone(),
            from: was.unwrap_or_default(),
            to: is.unwrap_or_default(),
        }]
    }
}

/// What happened, in words that go on from who did it; `data` names the campaign or the sequence of a mail.
pub fn said(verb: &str, data: &Value) -> String {
    let source = ["campaign", "sequence"];
    let source = source.iter().find_map(|key| data.get(key)?.as_str());
    let mail = |words: &str| match source {
        Some(name) => format!("{words} of {name}"),
        None => words.to_owned(),
    };
    match verb {
        "mail_sent" => mail("sent a mail"),
        "email_opened" => mail("opened a mail"),
        "email_clicked" => mail("clicked in a mail"),
        "resubscribed" => "subscribed again".into(),
        "preferences_changed" => "chose what to get".into(),
        "submitted" => "was filled in".into(),
        "completed" => "completed it".into(),
        "reopened" => "opened it again".into(),
        "snoozed" => "put it off".into(),
        "checked" => "ticked a line".into(),
        "reminded" => "is due".into(),
        "late" => "is overdue".into(),
        "mentioned" => "mentioned you".into(),
        "wrote" => "wrote to you".into(),
        "logged" => "logged something".into(),
        verb => verb.replace('_', " "),
    }
}

/// The ids that a record's events name, of the fields that point at records.
pub fn ids(catalogue: &Catalogue, events: &[Event]) -> Vec<Uuid> {
    let points = |key: &str| {
        let field = catalogue.get(key);
        field.is_some_and(|f| matches!(f.kind, FieldType::Record(_)))
    };
    events
        .iter()
        .filter_map(|event| event.changes.as_object())
        .flat_map(|changes| changes.iter().filter(|(key, _)| points(key)))
        .filter_map(|(_, pair)| pair.as_array())
        .flatten()
        .filter_map(|id| id.as_str()?.parse().ok())
        .collect()
}

/// A field that nobody described.
fn plain(key: &str) -> Field {
    Field::column(key, &humanised(key), FieldType::Text, "null")
}

fn tags(from: &Value, to: &Value) -> Vec<Change> {
    let list = |value: &Value| -> Vec<String> {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter_map(|t| t.as_str().map(str::to_owned))
            .collect()
    };
    let (from, to) = (list(from), list(to));
    let change = |verb, tag: &String| Change {
        verb,
        label: "the tag".into(),
        from: String::new(),
        to: tag.clone(),
    };
    let added = to.iter().filter(|t| !from.contains(t));
    let removed = from.iter().filter(|t| !to.contains(t));
    added
        .map(|t| change("added", t))
        .chain(removed.map(|t| change("removed", t)))
        .collect()
}

/// The icon of an event.
pub fn icon(event: &Event) -> &'static str {
    let (noun, verb) = event.kind.split_once('.').unwrap_or(("", &event.kind));
    match (noun, verb) {
        ("note", _) => "sticky-note",
        ("chat", _) => "message-square",
        ("playbook", _) => "book-open",
        ("task", "completed" | "checked") => "circle-check",
        ("task", "snoozed") => "clock",
        ("task", "reopened") => "rotate-ccw",
        ("task", "reminded" | "late") => "bell",
        ("task", "created") => "list-checks",
        ("email", _) => "mail",
        (_, "created") => "plus",
        (_, "imported") => "upload",
        (_, "archived") => "archive",
        (_, "restored") => "archive-restore",
        (_, "merged") => "git-merge",
        (_, "lifecycle_changed" | "stage_changed") => "trending-up",
        (_, "assigned") => "user-check",
        (_, "tagged") => "tag",
        (_, "updated") => "pencil",
        (_, "mail_sent") => "send",
        (_, "email_opened") => "mail-open",
        (_, "email_clicked") => "mouse-pointer-click",
        (_, "unsubscribed") => "mail-x",
        (_, "resubscribed") => "mail-check",
        (_, "submitted") => "clipboard-list",
        _ => "activity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Origin;
    use serde_json::json;
    use std::sync::Arc;

    fn said(kind: &str, changes: Value) -> What {
        let catalogue = Catalogue::new([
            Field::column("city", "City", FieldType::Text, "t.city"),
            Field::column("stage", "Stage", FieldType::Choice, "t.stage")
                .choices([("lead", "Lead"), ("customer", "Customer")]),
            Field::column("tags", "Tags", FieldType::Tags, "t.tags"),
        ]);
        let kind_of = Kind {
            name: "contact",
            singular: "contact",
            plural: "contacts",
            collection: "contacts",
            icon: "users",
            table: "contacts",
            custom: "contacts.custom",
            fields: Vec::new,
            sorts: &[],
            named: &[],
            rows: None,
            settable: &[],
            each: &[],
            lists: crate::records::kinds::no_lists,
            layouts: &[],
            workload: "",
            joined: false,
            tried: "",
        };
        let mut event = Event::new(kind, None, &Origin::default(), crate::clock::now());
        event.changes = changes;
        let names = Names::of_people(Arc::default());
        let words = Words {
            kind: &kind_of,
            catalogue: &catalogue,
            names: &names,
            zone: Tz::UTC,
        };
        words.of(&event)
    }

    fn change(verb: &'static str, label: &str, from: &str, to: &str) -> Change {
        Change {
            verb,
            label: label.into(),
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn changes_read_as_sentences() {
        assert_eq!(
            said("contact.updated", json!({"city": ["Split", "Rijeka"]})),
            What::Changed(vec![change("changed", "City", "Split", "Rijeka")])
        );
        assert_eq!(
            said(
                "contact.updated",
                json!({"city": ["", "Rijeka"], "stage": ["lead", null]})
            ),
            What::Changed(vec![
                change("set", "City", "", "Rijeka"),
                change("cleared", "Stage", "Lead", ""),
            ])
        );
        assert_eq!(
            said("contact.tagged", json!({"tags": [["a"], ["b"]]})),
            What::Changed(vec![
                change("added", "the tag", "", "b"),
                change("removed", "the tag", "", "a"),
            ])
        );
    }

    #[test]
    fn what_has_no_changes_is_named() {
        assert_eq!(
            said("contact.created", json!({"city": [null, "Split"]})),
            What::Said("created this contact".into())
        );
        assert_eq!(
            said("email.link_clicked", json!({})),
            What::Said("link clicked".into())
        );
    }
}
