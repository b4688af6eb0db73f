//! The register of record kinds: one line each, given by the slices at start.

use uuid::Uuid;

/// How the rest of Nexus speaks of a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `Record::KIND`.
    pub name: &'static str,
    pub singular: &'static str,
    pub plural: &'static str,
    /// The collection in URLs and the resource in permissions: `contacts`.
    pub collection: &'static str,
    pub icon: &'static str,
    pub table: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    pub fn new(kinds: Vec<Kind>) -> Kinds {
        Kinds(kinds)
    }

    pub fn all(&self) -> &[Kind] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.0.iter().find(|k| k.name == name)
    }

    pub fn of_collection(&self, collection: &str) -> Option<&Kind> {
        self.0.iter().find(|k| k.collection == collection)
    }

    /// The page of a record, or the workspace's own where the kind is unknown.
    pub fn url(&self, workspace: &str, kind: &str, id: Uuid) -> String {
        match self.get(kind) {
            Some(kind) => format!("/w/{workspace}/{}/{id}", kind.collection),
            None => format!("/w/{workspace}"),
        }
    }
}
