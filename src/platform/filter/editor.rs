//! The editor of filters: any form may hold one, and gets a [`Draft`] under its name.
//!
//! Its buttons send the form too, with `{name}.do`; a handler that finds [`Draft::editing`] shows the form again.

use askama::Template;
use serde_json::{Map, Value as Json, json};

use super::control::Control;
use super::draft::Draft;
use super::field::{Catalogue, Field, FieldType};
use super::operator::Operator;
use super::tree::{Group, Join, MAX_DEPTH, Node, Problem, Wording, dotted};

/// An entry of a select.
#[derive(Default)]
pub struct Entry {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

impl Entry {
    pub(super) fn new(value: &str, label: &str, selected: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.to_owned(),
            selected,
        }
    }
}

/// The entries of a select under one heading.
pub struct Section {
    pub label: String,
    pub entries: Vec<Entry>,
}

/// The editor line by line: groups are opened and closed, so that no depth needs recursion in the template.
pub enum Line {
    Open { path: String, joins: Vec<Entry> },
    Rule(Box<RuleLine>),
    Close { path: String, nests: bool },
}

/// One condition as it is shown.
pub struct RuleLine {
    pub path: String,
    pub fields: Vec<Section>,
    pub ops: Vec<Entry>,
    pub control: Control,
    pub problem: Option<String>,
}

#[derive(Template)]
#[template(path = "ui/filter_editor.html")]
pub struct FilterEditor<'a> {
    catalogue: &'a Catalogue,
    name: &'a str,
    tree: Group<Wording>,
    problems: Vec<Problem>,
}

impl<'a> FilterEditor<'a> {
    /// The editor called `name`; an empty draft is shown as one blank line.
    pub fn new(catalogue: &'a Catalogue, name: &'a str, draft: &Draft) -> Self {
        let (_, problems) = draft.check(catalogue);
        let mut tree = draft.tree.clone();
        if tree.nodes.is_empty() {
            tree.nodes.push(Node::Rule(Wording::default()));
        }
        Self {
            catalogue,
            name,
            tree,
            problems,
        }
    }

    fn problem_at(&self, path: &str) -> Option<String> {
        let problem = self.problems.iter().find(|problem| problem.path == path)?;
        Some(problem.message.clone())
    }

    fn joins(&self) -> Vec<Entry> {
        joins(self.tree.join)
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        self.push_lines(&self.tree, &mut Vec::new(), &mut lines);
        lines
    }

    fn push_lines(&self, group: &Group<Wording>, path: &mut Vec<usize>, lines: &mut Vec<Line>) {
        for (index, node) in group.nodes.iter().enumerate() {
            path.push(index);
            let place = dotted(path);
            match node {
                Node::Group(inner) => {
                    let joins = joins(inner.join);
                    lines.push(Line::Open {
                        path: place.clone(),
                        joins,
                    });
                    self.push_lines(inner, path, lines);
                    let nests = path.len() + 1 < MAX_DEPTH;
                    lines.push(Line::Close { path: place, nests });
                }
                Node::Rule(wording) => lines.push(Line::Rule(Box::new(self.rule(wording, place)))),
            }
            path.pop();
        }
    }

    fn rule(&self, wording: &Wording, path: String) -> RuleLine {
        let field = self.catalogue.get(&wording.field);
        let op = field.map(|field| chosen_op(field, &wording.op));
        let control = field
            .zip(op)
            .map(|(field, op)| Control::of(field, op, &wording.value));
        RuleLine {
            fields: self.sections(&wording.field),
            ops: field.map(|field| ops(field.kind, op)).unwrap_or_default(),
            control: control.unwrap_or(Control::Nothing),
            problem: self.problem_at(&path),
            path,
        }
    }

    /// A line with nothing in it, for filter-editor.js to copy.
    fn blank(&self) -> RuleLine {
        self.rule(&Wording::default(), String::new())
    }

    /// The fields under their headings, each heading once.
    fn sections(&self, chosen: &str) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for field in self.catalogue.fields() {
            let entry = Entry::new(&field.key, &field.label, field.key == chosen);
            match sections
                .iter_mut()
                .find(|section| section.label == field.group)
            {
                Some(section) => section.entries.push(entry),
                None => sections.push(Section {
                    label: field.group.clone(),
                    entries: vec![entry],
                }),
            }
        }
        sections
    }

    /// Whether records can be searched for.
    fn finds(&self) -> bool {
        let mut fields = self.catalogue.fields().iter();
        fields.any(|field| !field.finder.is_empty())
    }

    /// The types and choices of the fields, which filter-editor.js works from.
    fn data(&self) -> String {
        let mut types = Map::new();
        let mut fields = Map::new();
        for field in self.catalogue.fields() {
            let kind = field.kind;
            types.entry(kind.name()).or_insert_with(|| ops_json(kind));
            let choices = field
                .choices
                .iter()
                .map(|choice| json!([choice.value, choice.label]));
            fields.insert(
                field.key.clone(),
                json!([kind.name(), choices.collect::<Json>(), field.finder]),
            );
        }
        json!({ "types": types, "fields": fields }).to_string()
    }
}

/// The operator named, or the first there is.
fn chosen_op(field: &Field, name: &str) -> Operator {
    Operator::named(name, field.kind).unwrap_or(Operator::of(field.kind)[0])
}

fn ops(kind: FieldType, chosen: Option<Operator>) -> Vec<Entry> {
    let entry = |op: &Operator| Entry::new(op.name(), op.label(), Some(*op) == chosen);
    Operator::of(kind).iter().map(entry).collect()
}

fn ops_json(kind: FieldType) -> Json {
    let op = |op: &Operator| json!([op.name(), op.label(), op.input(kind).name()]);
    Operator::of(kind).iter().map(op).collect()
}

fn joins(chosen: Join) -> Vec<Entry> {
    let entry = |join: Join| Entry::new(join.name(), join.name(), join == chosen);
    Join::ALL.into_iter().map(entry).collect()
}
