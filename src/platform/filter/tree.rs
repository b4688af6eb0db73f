//! The tree that a filter is: groups of rules, and groups within groups, to and from JSON.

use serde::Serialize;
use serde_json::{Value as Json, json};

/// How deep groups may nest, how many rules a filter may have, and how long its JSON may be.
pub const MAX_DEPTH: usize = 5;
pub const MAX_RULES: usize = 100;
pub const MAX_BYTES: usize = 256 * 1024;

const WRITTEN: &str = "A condition is written as {\"field\": …, \"op\": …, \"value\": …}.";

/// How the parts of a group count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    All,
    Any,
    None,
}

impl Join {
    pub const ALL: [Self; 3] = [Self::All, Self::Any, Self::None];

    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::None => "none",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|join| join.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node<R> {
    Group(Group<R>),
    Rule(R),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Group<R> {
    pub join: Join,
    pub nodes: Vec<Node<R>>,
}

impl<R> Default for Group<R> {
    fn default() -> Self {
        Self {
            join: Join::All,
            nodes: Vec::new(),
        }
    }
}

/// A rule as it was written, before it is held against the fields there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wording {
    pub field: String,
    pub op: String,
    pub value: Json,
}

/// What is wrong with a part of a filter, said to the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The positions that lead from the root to the part: `0.2` is the third part of the first group.
    pub path: String,
    pub field: String,
    pub message: String,
}

impl Problem {
    pub(super) fn new(path: &[usize], field: &str, message: impl Into<String>) -> Self {
        Self {
            path: dotted(path),
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

pub(super) fn dotted(path: &[usize]) -> String {
    let steps: Vec<String> = path.iter().map(usize::to_string).collect();
    steps.join(".")
}

impl<R> Group<R> {
    /// How many rules there are, at any depth.
    pub fn rules(&self) -> usize {
        let rules = |node: &Node<R>| match node {
            Node::Group(group) => group.rules(),
            Node::Rule(_) => 1,
        };
        self.nodes.iter().map(rules).sum()
    }

    pub fn to_json(&self, rule: &impl Fn(&R) -> Json) -> Json {
        let parts = || -> Vec<Json> { self.nodes.iter().map(|node| node.to_json(rule)).collect() };
        match (self.join, self.nodes.as_slice()) {
            (Join::All, _) => json!({ "and": parts() }),
            (Join::Any, _) => json!({ "or": parts() }),
            (Join::None, [only]) if !only.is_any() => json!({ "not": only.to_json(rule) }),
            (Join::None, _) => json!({ "not": { "or": parts() } }),
        }
    }

    /// The group or the rule at `path`.
    pub(super) fn at_mut(&mut self, path: &[usize]) -> Option<&mut Node<R>> {
        let (first, rest) = path.split_first()?;
        let node = self.nodes.get_mut(*first)?;
        match node {
            node if rest.is_empty() => Some(node),
            Node::Group(group) => group.at_mut(rest),
            Node::Rule(_) => None,
        }
    }

    /// The group at `path`, where the empty path is this one.
    pub(super) fn group_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        if path.is_empty() {
            return Some(self);
        }
        match self.at_mut(path)? {
            Node::Group(group) => Some(group),
            Node::Rule(_) => None,
        }
    }

    pub(super) fn remove(&mut self, path: &[usize]) {
        if let Some((last, parent)) = path.split_last()
            && let Some(group) = self.group_mut(parent)
            && *last < group.nodes.len()
        {
            group.nodes.remove(*last);
        }
    }
}

impl<R> Node<R> {
    fn is_any(&self) -> bool {
        matches!(self, Self::Group(group) if group.join == Join::Any)
    }

    fn to_json(&self, rule: &impl Fn(&R) -> Json) -> Json {
        match self {
            Self::Group(group) => group.to_json(rule),
            Self::Rule(content) => rule(content),
        }
    }
}

impl Wording {
    fn to_json(&self) -> Json {
        let mut rule = json!({ "field": self.field, "op": self.op });
        if !self.value.is_null() {
            rule["value"] = self.value.clone();
        }
        rule
    }
}

impl Group<Wording> {
    /// Reads a tree; nothing at all is the filter that lets everything through.
    pub fn parse(json: &str) -> Result<Self, Problem> {
        let root = |message| Problem::new(&[], "", message);
        if json.trim().is_empty() {
            return Ok(Self::default());
        }
        if json.len() > MAX_BYTES {
            return Err(root("The filter is too long."));
        }
        let json: Json =
            serde_json::from_str(json).map_err(|_| root("The filter is not valid JSON."))?;
        Self::from_json(&json)
    }

    pub fn from_json(json: &Json) -> Result<Self, Problem> {
        let group = match node(json, &mut Vec::new())? {
            Node::Group(group) => group,
            rule => Self {
                join: Join::All,
                nodes: vec![rule],
            },
        };
        group.limited()
    }

    pub(super) fn limited(self) -> Result<Self, Problem> {
        if self.rules() <= MAX_RULES {
            return Ok(self);
        }
        let message = format!("A filter can have at most {MAX_RULES} conditions.");
        Err(Problem::new(&[], "", message))
    }

    pub fn as_written(&self) -> Json {
        self.to_json(&Wording::to_json)
    }
}

fn node(json: &Json, path: &mut Vec<usize>) -> Result<Node<Wording>, Problem> {
    let Some(parts) = json.as_object() else {
        return Err(Problem::new(path, "", WRITTEN));
    };
    if let Some(parts) = parts.get("and") {
        return group(Join::All, parts, path);
    }
    if let Some(parts) = parts.get("or") {
        return group(Join::Any, parts, path);
    }
    if let Some(inner) = parts.get("not") {
        return match inner.get("or") {
            Some(parts) => group(Join::None, parts, path),
            None => group(Join::None, &Json::Array(vec![inner.clone()]), path),
        };
    }
    if parts.is_empty() {
        return Ok(Node::Group(Group::default()));
    }
    let text = |name: &str| parts.get(name).and_then(Json::as_str).map(str::to_owned);
    let Some(field) = text("field") else {
        return Err(Problem::new(path, "", WRITTEN));
    };
    Ok(Node::Rule(Wording {
        field,
        op: text("op").unwrap_or_default(),
        value: parts.get("value").cloned().unwrap_or_default(),
    }))
}

fn group(join: Join, parts: &Json, path: &mut Vec<usize>) -> Result<Node<Wording>, Problem> {
    if path.len() >= MAX_DEPTH {
        let message = format!("Groups can be nested at most {MAX_DEPTH} deep.");
        return Err(Problem::new(path, "", message));
    }
    let Some(parts) = parts.as_array() else {
        return Err(Problem::new(
            path,
            "",
            "A group holds a list of conditions.",
        ));
    };
    let mut nodes = Vec::new();
    for (index, part) in parts.iter().enumerate().take(MAX_RULES + 1) {
        path.push(index);
        nodes.push(node(part, path)?);
        path.pop();
    }
    Ok(Node::Group(Group { join, nodes }))
}
