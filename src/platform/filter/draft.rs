//! A filter while it is being put together: what the editor sends, with its blank lines and half-filled rules.
//!
//! The editor sends one JSON value under its name, or, without JavaScript, a plain form: under the name `filter`, the fields
//! `filter.match` (all, any or none), `filter.0.field`, `filter.0.op`, `filter.0.value` (repeated), the same below
//! `filter.1.…` for a group, and `filter.do` from the buttons (`add:1`, `group:`, `remove:1.0`, `update`, `open`).

use std::collections::BTreeMap;

use serde_json::Value as Json;
use url::form_urlencoded;

use super::field::Catalogue;
use super::rule::Filter;
use super::tree::{Group, Join, MAX_DEPTH, MAX_RULES, Node, Problem, Wording};
use super::value::MAX_VALUES;

/// What a tree begins with: a group, or a single rule.
const TREE: [&str; 4] = ["and", "or", "not", "field"];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub tree: Group<Wording>,
    /// Why nothing of it could be read.
    pub unreadable: Option<Problem>,
    /// Somebody is at it: a button of the editor was pressed, which is not yet the wish to have it applied.
    pub editing: bool,
}

impl Draft {
    /// The filter that a form holds in its field `name`, in any of the shapes in which it comes: a tree, a tree as text, or
    /// the fields of the plain form.
    pub fn of(name: &str, value: &Json) -> Self {
        match value {
            Json::Null => Self::default(),
            Json::String(text) => Self::read(name, [(name, text.as_str())]),
            Json::Object(map) if TREE.iter().any(|key| map.contains_key(*key)) => {
                Self::read(name, [(name, value.to_string().as_str())])
            }
            fields => {
                let mut pairs = Vec::new();
                flatten(name.to_owned(), fields, &mut pairs);
                let pairs = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()));
                Self::read(name, pairs)
            }
        }
    }

    /// Reads what the editor called `name` sent, from a query string or the body of a form.
    pub fn from_query(name: &str, query: &str) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        Self::read(name, pairs.iter().map(|(key, value)| (&**key, &**value)))
    }

    /// Reads what the editor called `name` sent, from all that was sent.
    pub fn read<'a>(name: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut json = None;
        let mut pressed = None;
        let mut root = Slot::default();
        for (key, value) in pairs {
            let Some(rest) = key.strip_prefix(name) else {
                continue;
            };
            match rest.strip_prefix('.') {
                None if rest.is_empty() && !value.trim().is_empty() => json = Some(value),
                Some("do") => pressed = Some(value),
                Some(part) => root.put(part, value),
                None => {}
            }
        }
        let tree = match json {
            Some(json) => Group::parse(json),
            None => root.into_group().limited(),
        };
        let mut draft = match tree {
            Ok(tree) => Self {
                tree,
                ..Self::default()
            },
            Err(problem) => Self {
                unreadable: Some(problem),
                ..Self::default()
            },
        };
        if let Some(action) = pressed {
            draft.press(action);
        }
        draft
    }

    /// The good rules, and what is wrong with the others; while somebody is at it, unfinished rules are no problem.
    pub fn check(&self, catalogue: &Catalogue) -> (Filter, Vec<Problem>) {
        let (filter, mut problems) = Filter::check(&self.tree, catalogue);
        if self.editing {
            problems.clear();
        }
        problems.extend(self.unreadable.clone());
        (filter, problems)
    }

    /// What a button of the editor does.
    fn press(&mut self, action: &str) {
        self.editing = true;
        let (verb, path) = action.split_once(':').unwrap_or((action, ""));
        let steps: Option<Vec<usize>> = match path {
            "" => Some(Vec::new()),
            path => path.split('.').map(|step| step.parse().ok()).collect(),
        };
        let Some(path) = steps else { return };
        if verb == "remove" {
            self.tree.remove(&path);
            return;
        }
        let room = self.tree.rules() < MAX_RULES && path.len() < MAX_DEPTH;
        let Some(group) = self.tree.group_mut(&path).filter(|_| room) else {
            return;
        };
        let blank = Node::Rule(Wording::default());
        match verb {
            "add" => group.nodes.push(blank),
            "group" if path.len() + 1 < MAX_DEPTH => {
                group.nodes.push(Node::Group(Group {
                    join: Join::Any,
                    nodes: vec![blank],
                }));
            }
            _ => {}
        }
    }
}

impl From<&Filter> for Draft {
    fn from(filter: &Filter) -> Self {
        let tree = Group::from_json(&filter.to_json()).unwrap_or_default();
        Self {
            tree,
            ..Self::default()
        }
    }
}

/// A line or a group of the plain form, by its position.
#[derive(Default)]
struct Slot {
    join: Option<Join>,
    field: String,
    op: String,
    values: Vec<String>,
    children: BTreeMap<u16, Slot>,
}

impl Slot {
    fn put(&mut self, part: &str, value: &str) {
        let mut steps: Vec<&str> = part.split('.').collect();
        let name = steps.pop().unwrap_or_default();
        if steps.len() > MAX_DEPTH {
            return;
        }
        let mut slot = self;
        for step in steps {
            let Ok(step) = step.parse() else { return };
            if slot.children.len() >= MAX_RULES && !slot.children.contains_key(&step) {
                return;
            }
            slot = slot.children.entry(step).or_default();
        }
        match name {
            "match" => slot.join = Join::named(value),
            "field" => value.clone_into(&mut slot.field),
            "op" => value.clone_into(&mut slot.op),
            "value" if slot.values.len() <= MAX_VALUES => slot.values.push(value.to_owned()),
            _ => {}
        }
    }

    fn into_group(self) -> Group<Wording> {
        Group {
            join: self.join.unwrap_or(Join::All),
            nodes: self.children.into_values().map(Self::into_node).collect(),
        }
    }

    fn into_node(self) -> Node<Wording> {
        if self.join.is_some() || !self.children.is_empty() {
            return Node::Group(self.into_group());
        }
        let mut values: Vec<Json> = self.values.into_iter().map(Json::String).collect();
        let value = match values.len() {
            0 => Json::Null,
            1 => values.remove(0),
            _ => Json::Array(values),
        };
        Node::Rule(Wording {
            field: self.field,
            op: self.op,
            value,
        })
    }
}

fn flatten(name: String, value: &Json, pairs: &mut Vec<(String, String)>) {
    match value {
        Json::Object(map) => {
            for (key, inner) in map {
                flatten(format!("{name}.{key}"), inner, pairs);
            }
        }
        Json::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                let scalar = !inner.is_object() && !inner.is_array();
                let name = if scalar {
                    name.clone()
                } else {
                    format!("{name}.{i}")
                };
                flatten(name, inner, pairs);
            }
        }
        Json::String(text) => pairs.push((name, text.clone())),
        Json::Null => {}
        other => pairs.push((name, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &[(&str, &str)]) -> Draft {
        Draft::read("filter", form.iter().copied())
    }

    #[test]
    fn a_plain_form_says_the_same_as_json() {
        let form = read(&[
            ("search", "bonn"),
            ("filter.match", "any"),
            ("filter.0.field", "email"),
            ("filter.0.op", "contains"),
            ("filter.0.value", "x"),
            ("filter.1.match", "all"),
            ("filter.1.0.field", "created_at"),
            ("filter.1.0.op", "in_last"),
            ("filter.1.0.value", "30"),
            ("filter.1.0.value", "days"),
            ("filters.0.field", "another"),
        ]);
        let json = read(&[(
            "filter",
            r#"{"or":[{"field":"email","op":"contains","value":"x"},
                {"and":[{"field":"created_at","op":"in_last","value":["30","days"]}]}]}"#,
        )]);
        assert_eq!(form.tree, json.tree);
        assert!(!form.editing);
    }

    #[test]
    fn buttons_add_and_remove_lines() {
        let line = ("filter.0.field", "email");
        assert_eq!(read(&[line, ("filter.do", "add:")]).tree.rules(), 2);
        assert_eq!(read(&[line, ("filter.do", "remove:0")]).tree.rules(), 0);
        let grouped = read(&[line, ("filter.do", "group:")]).tree;
        assert!(matches!(&grouped.nodes[1], Node::Group(group) if group.rules() == 1));
        assert!(read(&[line, ("filter.do", "open")]).editing);
    }

    #[test]
    fn buttons_that_point_nowhere_do_nothing() {
        let line = ("filter.0.field", "email");
        for action in [
            "add:7",
            "remove:9.9",
            "remove:",
            "add:0",
            "group:x",
            "group:0.0.0.0.0.0",
            "dance",
            "",
        ] {
            assert_eq!(
                read(&[line, ("filter.do", action)]).tree.rules(),
                1,
                "{action}"
            );
        }
    }

    #[test]
    fn a_form_without_end_is_read_to_the_limit() {
        let names: Vec<String> = (0..5000).map(|n| format!("filter.{n}.field")).collect();
        let draft = Draft::read("filter", names.iter().map(|name| (name.as_str(), "email")));
        assert_eq!(draft.tree.rules(), MAX_RULES);
        let deep = format!("filter{}.field", ".0".repeat(1000));
        assert_eq!(read(&[(&deep, "email")]).tree.rules(), 0);
    }

    #[test]
    fn what_cannot_be_read_is_a_problem() {
        let (filter, problems) = read(&[("filter", "{")]).check(&Catalogue::default());
        assert!(filter.is_empty());
        assert_eq!(problems[0].message, "The filter is not valid JSON.");
    }
}
