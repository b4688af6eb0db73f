//! A filter whose every rule names a field there is, an operator that it has and a value that fits.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::field::{Catalogue, Field};
use super::operator::Operator;
use super::tree::{Group, Node, Problem, Wording};
use super::value::Value;

/// One condition.
#[derive(Clone, Debug)]
pub struct Rule {
    pub field: Arc<Field>,
    pub op: Operator,
    pub value: Value,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        (&self.field.key, self.op, &self.value) == (&other.field.key, other.op, &other.value)
    }
}

/// A checked filter. The empty one lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub(super) root: Group<Rule>,
}

impl Filter {
    /// Reads a filter as it is kept: all of it is good, or what is wrong with it is told.
    pub fn parse(json: &str, catalogue: &Catalogue) -> Result<Self, Vec<Problem>> {
        let tree = Group::parse(json).map_err(|problem| vec![problem])?;
        Self::strict(&tree, catalogue)
    }

    /// Reads a filter that is already JSON, as from a jsonb column.
    pub fn from_json(json: &Json, catalogue: &Catalogue) -> Result<Self, Vec<Problem>> {
        let tree = Group::from_json(json).map_err(|problem| vec![problem])?;
        Self::strict(&tree, catalogue)
    }

    fn strict(tree: &Group<Wording>, catalogue: &Catalogue) -> Result<Self, Vec<Problem>> {
        let (filter, problems) = Self::check(tree, catalogue);
        if problems.is_empty() {
            Ok(filter)
        } else {
            Err(problems)
        }
    }

    /// Keeps the rules that are good and tells what is wrong with the others. Lines without a field are blank lines of
    /// the editor, and groups without rules say nothing: neither is kept nor a problem.
    pub fn check(tree: &Group<Wording>, catalogue: &Catalogue) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let root = check(tree, catalogue, &mut Vec::new(), &mut problems);
        let root = if root.nodes.is_empty() {
            Group::default()
        } else {
            root
        };
        (Self { root }, problems)
    }

    pub fn is_empty(&self) -> bool {
        self.root.nodes.is_empty()
    }

    /// How many rules there are, at any depth.
    pub fn rules(&self) -> usize {
        self.root.rules()
    }

    /// The tree as it is kept; of equal filters it is equal.
    pub fn to_json(&self) -> Json {
        self.root.to_json(&Rule::to_json)
    }

    /// The filter without its `index`-th part.
    pub fn without(&self, index: usize) -> Self {
        let mut shorter = self.clone();
        shorter.root.remove(&[index]);
        if shorter.is_empty() {
            Self::default()
        } else {
            shorter
        }
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Rule {
    fn read(wording: &Wording, catalogue: &Catalogue) -> Result<Self, String> {
        let field = catalogue
            .get(&wording.field)
            .ok_or_else(|| format!("There is no field “{}” to filter by.", wording.field))?;
        if wording.op.is_empty() {
            return Err(format!("Choose how to compare {}.", field.label));
        }
        let op = Operator::named(&wording.op, field.kind)
            .ok_or_else(|| format!("{} cannot be compared with “{}”.", field.label, wording.op))?;
        let value = Value::read(field, op, &wording.value)?;
        Ok(Self {
            field: Arc::clone(field),
            op,
            value,
        })
    }

    fn to_json(&self) -> Json {
        let mut rule = json!({ "field": self.field.key, "op": self.op.name() });
        if self.value != Value::Nothing {
            rule["value"] = self.value.to_json();
        }
        rule
    }
}

fn check(
    group: &Group<Wording>,
    catalogue: &Catalogue,
    path: &mut Vec<usize>,
    problems: &mut Vec<Problem>,
) -> Group<Rule> {
    let mut nodes = Vec::new();
    for (index, node) in group.nodes.iter().enumerate() {
        path.push(index);
        match node {
            Node::Group(inner) => {
                let inner = check(inner, catalogue, path, problems);
                if !inner.nodes.is_empty() {
                    nodes.push(Node::Group(inner));
                }
            }
            Node::Rule(wording) if wording.field.is_empty() => {}
            Node::Rule(wording) => match Rule::read(wording, catalogue) {
                Ok(rule) => nodes.push(Node::Rule(rule)),
                Err(message) => problems.push(Problem::new(path, &wording.field, message)),
            },
        }
        path.pop();
    }
    Group {
        join: group.join,
        nodes,
    }
}
