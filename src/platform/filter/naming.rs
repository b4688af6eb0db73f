//! Names for the records that a filter points at, so that it can be put into words.

use std::sync::Arc;

use super::field::FieldType;
use super::rule::{Filter, Rule};
use super::tree::{Group, Node};

impl Filter {
    /// The filter with its records called by these names, each with the id that it stands for.
    pub fn naming(mut self, names: &[(String, String)]) -> Self {
        if !names.is_empty() {
            self.root.name(names);
        }
        self
    }
}

impl Group<Rule> {
    fn name(&mut self, names: &[(String, String)]) {
        for node in &mut self.nodes {
            match node {
                Node::Group(group) => group.name(names),
                Node::Rule(rule) => rule.name(names),
            }
        }
    }
}

impl Rule {
    fn name(&mut self, names: &[(String, String)]) {
        if let FieldType::Record(_) = self.field.kind {
            let field = (*self.field).clone();
            self.field = Arc::new(field.choices(names.iter().cloned()));
        }
    }
}
