//! The register of record kinds: one line each, given by the slices at start.

use serde_json::Value;
use uuid::Uuid;

use super::export::Rows;
use super::list::Sort;
use super::setup::Setups;
use super::timeline::{Beside, Elsewhere};
use super::titles::Known;
use crate::db::Tx;
use crate::error::Result;
use crate::filter::{Choice, Field};

/// What the workspace has set up for fields of a kind to be chosen from, by the field's key.
pub type Lists = fn(&mut Tx) -> Result<Vec<(&'static str, Vec<Choice>)>>;

/// How the rest of Nexus speaks of a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `Record::KIND`.
    pub name: &'static str,
    pub singular: &'static str,
    pub plural: &'static str,
    /// The collection in URLs: `email-templates`.
    pub collection: &'static str,
    pub icon: &'static str,
    /// Its table and the resource in permissions, `Resource::NAME`: `email_templates`.
    pub table: &'static str,
    /// The column of its custom values (`contacts.custom`), or empty where its forms ask for none.
    pub custom: &'static str,
    /// The fields that it has of its own, in the order in which people are offered them.
    pub fields: fn() -> Vec<Field>,
    /// The ways to sort its list.
    pub sorts: &'static [Sort],
    /// Those of them that the name is made of; a file has them as columns of their own.
    pub named: &'static [&'static str],
    /// How its rows are read for a file, where they can be.
    pub rows: Option<Rows>,
    /// The choices that can be changed on many records at once.
    pub settable: &'static [Settable],
    /// What it does itself to each of many records.
    pub each: &'static [Each],
    /// The choices of those of its fields that each workspace sets up for itself.
    pub lists: Lists,
    /// The other ways in which its list can be looked at.
    pub layouts: &'static [Layout],
    /// The condition by which one of them is still work to whoever owns it; empty where rules give none away.
    pub workload: &'static str,
    /// Whether several of its records can become one (`joining`).
    pub joined: bool,
    /// Where some of them can be had to try things with, below `/w/{workspace}`; empty where that can't be.
    pub tried: &'static str,
}

/// In the place of a kind: each of them.
const ANY: &str = "";

/// Another way to look at a list, below its collection: `/deals/board`.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    pub label: &'static str,
    pub path: &'static str,
    pub icon: &'static str,
    /// What of its address a view keeps: the pipeline of a board.
    pub keeps: &'static [&'static str],
}

/// The list itself, among the layouts.
pub const TABLE: &str = "table";

impl Layout {
    /// What views keep it by: `board`.
    pub fn name(&self) -> &'static str {
        self.path.trim_start_matches('/')
    }
}

/// For the kinds of which a workspace sets up nothing.
pub fn no_lists(_: &mut Tx) -> Result<Vec<(&'static str, Vec<Choice>)>> {
    Ok(Vec::new())
}

impl Kind {
    /// What the rights to its records are called by.
    pub const fn resource(&self) -> &'static str {
        self.table
    }

    /// Whether its list can be sorted that way; nothing said is the usual one.
    pub fn sorts_by(&self, sort: &str) -> bool {
        let key = sort.strip_prefix('-').unwrap_or(sort);
        key.is_empty() || self.sorts.iter().any(|sort| sort.key == key)
    }

    /// What a view in that layout keeps beside the list.
    pub fn kept_beside(&self, layout: &str) -> &'static [&'static str] {
        let found = self.layouts.iter().find(|known| known.name() == layout);
        found.map_or(&[], |layout| layout.keeps)
    }

    pub fn has_layout(&self, name: &str) -> bool {
        name == TABLE || self.layouts.iter().any(|layout| layout.name() == name)
    }

    /// Whether its forms ask for custom fields.
    pub fn takes_custom(&self) -> bool {
        !self.custom.is_empty()
    }
}

/// A field of a record's own that is chosen from a few.
#[derive(Clone, Copy, Debug)]
pub struct Settable {
    /// The field, which is its column too.
    pub key: &'static str,
    /// The verb of the event that tells of it: `updated`.
    pub verb: &'static str,
    /// The column that says since when.
    pub since: Option<&'static str>,
}

impl Settable {
    pub const fn plain(key: &'static str) -> Settable {
        Settable {
            key,
            verb: "updated",
            since: None,
        }
    }
}

/// A verb of the kind's own that can be said to many records at once (`bulk::each`).
#[derive(Clone, Copy, Debug)]
pub struct Each {
    /// The last part of its address, below `/bulk`: `move`.
    pub key: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    /// What its menu asks for first; without any, its button does it.
    pub asks: &'static [AsksFor],
    /// Does it to one; `false` where it is so already.
    pub run: fn(&mut Tx, Uuid, &Value) -> Result<bool>,
    /// Takes back what an event of it changed; `false` where somebody has built on that.
    pub back: fn(&mut Tx, Uuid, &Value) -> Result<bool>,
}

impl Each {
    pub fn menu_id(&self) -> String {
        format!("bulk-{}", self.key)
    }
}

/// A choice that is asked for: the field it is sent as, its label, and the list of the setup it is made from.
#[derive(Clone, Copy, Debug)]
pub struct AsksFor {
    pub field: &'static str,
    pub label: &'static str,
    pub list: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct Kinds {
    kinds: Vec<Kind>,
    elsewhere: Vec<(&'static str, Elsewhere)>,
    besides: Vec<Beside>,
    pub setups: Setups,
    /// The titles that were asked for lately.
    pub known: Known,
}

impl Kinds {
    pub fn new(kinds: Vec<Kind>) -> Kinds {
        Kinds {
            setups: Setups::new(&kinds),
            kinds,
            elsewhere: Vec::new(),
            besides: Vec::new(),
            known: Known::default(),
        }
    }

    /// The timelines of a kind tell also of what this source keeps.
    pub fn telling(mut self, kind: &'static str, source: Elsewhere) -> Kinds {
        self.elsewhere.push((kind, source));
        self
    }

    /// The timelines of every kind do.
    pub fn telling_of_all(self, source: Elsewhere) -> Kinds {
        self.telling(ANY, source)
    }

    /// Every record has this beside it.
    pub fn beside(mut self, part: Beside) -> Kinds {
        self.besides.push(part);
        self
    }

    pub fn besides(&self) -> &[Beside] {
        &self.besides
    }

    /// What the timelines of a kind tell of beside its events.
    pub fn elsewhere(&self, kind: &str) -> impl Iterator<Item = Elsewhere> {
        let of = move |name: &str| name == kind || name == ANY;
        let of_kind = self.elsewhere.iter().filter(move |(name, _)| of(name));
        of_kind.map(|(_, source)| *source)
    }

    pub fn all(&self) -> &[Kind] {
        &self.kinds
    }

    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.name == name)
    }

    pub fn of_collection(&self, collection: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.collection == collection)
    }

    /// The page of a record, or the workspace's own where the kind is unknown.
    pub fn url(&self, workspace: &str, kind: &str, id: Uuid) -> String {
        match self.get(kind) {
            Some(kind) => format!("/w/{workspace}/{}/{id}", kind.collection),
            None => format!("/w/{workspace}"),
        }
    }
}
