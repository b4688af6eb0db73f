//! A row on its way from the file to the form of its record.

use platform::records::merge;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::field::Named;
use crate::crm::imports::reading::Place;

/// What the file gives; what it does not say is not there.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    pub place: Place,
    /// What the form is given.
    pub typed: Map<String, Value>,
    /// What is known by its name alone, and the cell that names it.
    pub named: Vec<(Named, usize)>,
    pub id: Option<Uuid>,
    pub done: Option<bool>,
    pub cells: Vec<Cell>,
}

/// A cell that had something in it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The field of the form that it decides.
    pub field: String,
    /// What the file calls its column.
    pub column: String,
    pub text: String,
}

impl Staged {
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        merge::set(&mut self.typed, field, value.into());
    }

    /// The text that the form is given for a field, or nothing.
    pub fn text(&self, field: &str) -> String {
        match merge::get(&self.typed, field) {
            Value::String(text) => text,
            _ => String::new(),
        }
    }

    /// What the first cell that names such a thing says.
    pub fn names(&self, what: Named) -> Option<(usize, &str)> {
        let found = self.named.iter().find(|(named, _)| *named == what);
        found.map(|(_, cell)| (*cell, self.cells[*cell].text.as_str()))
    }

    /// The column and the value behind a field of the form.
    pub fn told(&self, field: &str) -> (&str, &str) {
        let of = |cell: &&Cell| {
            let rest = field.strip_prefix(cell.field.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let cell = self.cells.iter().find(of);
        cell.map_or(("", ""), |cell| (&cell.column, &cell.text))
    }
}
