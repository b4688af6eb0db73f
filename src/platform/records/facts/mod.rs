//! Facts: single fields of a record, shown on its page and changed where they stand.

mod control;
mod editor;

use std::sync::Arc;

use askama::Template;
use chrono_tz::Tz;
use uuid::Uuid;

pub use control::{Control, is_asked_for, target};
pub use editor::routes;

use super::Cells;
use super::kinds::Kind;
use super::listing::Trail;
use super::shown::{Cell, Names, Shown};
use super::timeline::Activity;
use super::titles::Titles;
use super::write;
use crate::filter::Catalogue;
use crate::web::Toast;
use crate::web::can::Member;

/// A field and its value on a record's page.
#[derive(Template)]
#[template(path = "records/fact.html")]
pub struct Fact<'a> {
    id: String,
    label: String,
    /// Where its editor is, or empty where it can only be read.
    edit: String,
    cell: Cell<'a>,
    /// What is said of it when it was just saved.
    toast: Option<Toast>,
}

/// What the facts of one record have in common.
#[derive(Clone)]
pub struct Sheet {
    kind: Kind,
    catalogue: Arc<Catalogue>,
    pub names: Names,
    /// The workspace's address, and the record's.
    pub root: String,
    pub url: String,
    /// The list that the record was opened from, for the addresses of the editors.
    carried: String,
    pub zone: Tz,
    pub may_edit: bool,
    saved: Option<Toast>,
}

impl Sheet {
    /// Of the record `id`, which belongs to `owner` and whose custom fields point at records of these titles.
    pub fn new(
        member: &Member,
        kind: &Kind,
        id: Uuid,
        owner: Option<Uuid>,
        titles: Titles,
    ) -> Sheet {
        let saved = member.asked.param("saved");
        let event = saved.and_then(|id| id.parse().ok());
        Sheet {
            kind: *kind,
            catalogue: member.setup.catalogue(kind),
            names: Names {
                setup: member.setup.clone(),
                records: titles.0,
            },
            root: member.url(""),
            url: member.url(&format!("/{}/{id}", kind.collection)),
            carried: Trail::carried(&member.asked.query),
            zone: member.zone,
            may_edit: member.may_with(kind.resource(), "edit", owner),
            saved: event.map(|event| write::undoable(member, kind.collection, event, "Saved")),
        }
    }

    /// A field that can be changed here.
    pub fn fact<'a>(&'a self, key: &'a str, row: &'a impl Cells) -> Fact<'a> {
        let edit = match self.may_edit {
            true => format!("{}/facts/{key}{}", self.url, self.carried),
            false => String::new(),
        };
        let mut fact = self.fixed(key, row);
        fact.cell.none = "Not set";
        Fact { edit, ..fact }
    }

    /// A field that comes about by itself.
    pub fn fixed<'a>(&'a self, key: &'a str, row: &'a impl Cells) -> Fact<'a> {
        let field = self.catalogue.get(key);
        Fact {
            id: element(key),
            label: field.map_or_else(|| humanised(key), |f| f.label.clone()),
            edit: String::new(),
            cell: self.cell(key, row),
            toast: None,
        }
    }

    fn cell<'a>(&'a self, key: &'a str, row: &'a impl Cells) -> Cell<'a> {
        Cell {
            shown: shown(row, key, &self.catalogue, &self.names),
            root: &self.root,
            zone: self.zone,
            setup: &self.names.setup,
            dense: false,
            none: "None yet",
        }
    }

    /// The facts of all custom fields, ready for the page.
    pub fn custom(&self, row: &impl Cells) -> Vec<String> {
        let fields = self.names.setup.fields_of(self.kind.name);
        let keys = fields.map(|field| field.name());
        keys.filter_map(|key| self.fact(&key, row).render().ok())
            .collect()
    }

    /// The fact that fills the element `id`; where it was just saved, with a word about it and the timeline as it is now.
    pub fn block(
        &self,
        id: &str,
        row: &impl Cells,
        activity: &Activity,
    ) -> Option<askama::Result<String>> {
        let mut fields = self.catalogue.fields().iter();
        let field = fields.find(|field| element(&field.key) == id)?;
        let mut fact = self.fact(&field.key, row);
        fact.toast = self.saved.clone();
        let timeline = fact.toast.as_ref().map(|_| activity.refreshed().render());
        let timeline = timeline.unwrap_or_else(|| Ok(String::new()));
        Some(fact.render().and_then(|fact| Ok(fact + &timeline?)))
    }
}

/// The value of any field of a row, its own or a custom one.
pub fn shown<'a>(
    row: &'a impl Cells,
    key: &'a str,
    catalogue: &'a Catalogue,
    names: &'a Names,
) -> Shown<'a> {
    let Some(custom) = key.strip_prefix("custom.") else {
        return match row.shown(key) {
            Shown::Member(id) => Shown::Person(names.person(id)),
            Shown::Linked(id) => names.record(id),
            Shown::Chosen(id) => chosen(catalogue, key, id),
            shown => shown,
        };
    };
    match (catalogue.get(key), row.custom().get(custom)) {
        (Some(field), Some(value)) => Shown::of(field, value, names),
        _ => Shown::Nothing,
    }
}

/// One of what the workspace has set up, as it calls and colours it.
fn chosen<'a>(catalogue: &'a Catalogue, key: &str, id: Uuid) -> Shown<'a> {
    let value = id.to_string();
    let field = catalogue.get(key);
    let choice = field.and_then(|f| f.choices.iter().find(|c| c.value == value));
    choice.map_or(Shown::Nothing, |c| match c.tone {
        "" => Shown::text(&c.label),
        tone => Shown::State(&c.label, tone),
    })
}

/// The id of a fact's element; dots would make it hard to select.
fn element(key: &str) -> String {
    format!("fact-{}", key.replace('.', "-"))
}

/// A field that nobody described: `more_emails` → `More e-mails`.
pub fn humanised(key: &str) -> String {
    capital(&key.replace(['_', '.'], " ")).replace("email", "e-mail")
}

/// `contacts` → `Contacts`.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
