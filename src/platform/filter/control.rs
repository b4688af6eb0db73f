//! The control that stands to the right of an operator, filled with the value as it was written.

use serde_json::Value as Json;

use super::editor::Entry;
use super::field::Field;
use super::operator::{Input, Operator};
use super::span::Unit;
use super::value::texts;

pub enum Control {
    Nothing,
    Text(String),
    Lines(String),
    Number(String),
    Numbers(String, String),
    Day(String),
    Days(String, String),
    One(Vec<Entry>),
    /// One of many records, which `finder` searches.
    Record {
        entries: Vec<Entry>,
        finder: String,
    },
    Many(Vec<Entry>),
    Span {
        count: String,
        units: Vec<Entry>,
    },
    Within {
        count: String,
        units: Vec<Entry>,
    },
    Times {
        times: String,
        count: String,
        units: Vec<Entry>,
    },
}

impl Control {
    pub(super) fn of(field: &Field, op: Operator, value: &Json) -> Self {
        let input = op.input(field.kind);
        let texts = texts(value, input);
        match input {
            Input::One if !field.finder.is_empty() => Self::Record {
                entries: entries(field, &texts),
                finder: field.finder.clone(),
            },
            Input::One if field.choices.is_empty() => Self::filled(Input::Text, &texts),
            Input::Many if field.choices.is_empty() => Self::filled(Input::Texts, &texts),
            Input::One => Self::One(entries(field, &texts)),
            Input::Many => Self::Many(entries(field, &texts)),
            input => Self::filled(input, &texts),
        }
    }

    /// One of each kind with nothing in it, for filter-editor.js to copy.
    pub(super) fn blanks() -> Vec<Self> {
        let inputs = [
            Input::Text,
            Input::Texts,
            Input::Number,
            Input::Numbers,
            Input::Day,
            Input::Days,
            Input::One,
            Input::Many,
            Input::Span,
            Input::Within,
            Input::Times,
        ];
        inputs
            .into_iter()
            .map(|input| Self::filled(input, &[]))
            .collect()
    }

    fn filled(input: Input, texts: &[String]) -> Self {
        let at = |index: usize| texts.get(index).cloned().unwrap_or_default();
        match input {
            Input::Nothing => Self::Nothing,
            Input::Text => Self::Text(at(0)),
            Input::Texts => Self::Lines(texts.join("\n")),
            Input::Number => Self::Number(at(0)),
            Input::Numbers => Self::Numbers(at(0), at(1)),
            Input::Day => Self::Day(at(0)),
            Input::Days => Self::Days(at(0), at(1)),
            Input::One => Self::One(Vec::new()),
            Input::Many => Self::Many(vec![Entry::default()]),
            Input::Span => Self::Span {
                count: at(0),
                units: units(&at(1)),
            },
            Input::Within => Self::Within {
                count: at(0),
                units: units(&at(1)),
            },
            Input::Times => Self::Times {
                times: at(0),
                count: at(1),
                units: units(&at(2)),
            },
        }
    }

    /// What the control is called in the page.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Nothing => Input::Nothing,
            Self::Text(_) => Input::Text,
            Self::Lines(_) => Input::Texts,
            Self::Number(_) => Input::Number,
            Self::Numbers(..) => Input::Numbers,
            Self::Day(_) => Input::Day,
            Self::Days(..) => Input::Days,
            Self::One(_) | Self::Record { .. } => Input::One,
            Self::Many(_) => Input::Many,
            Self::Span { .. } => Input::Span,
            Self::Within { .. } => Input::Within,
            Self::Times { .. } => Input::Times,
        }
        .name()
    }
}

/// The choices, and after them what is chosen though it is no choice any more, so that it isn't lost unseen.
fn entries(field: &Field, chosen: &[String]) -> Vec<Entry> {
    let is_choice = |text: &str| field.choices.iter().any(|choice| choice.value == text);
    let known = field
        .choices
        .iter()
        .map(|choice| (&choice.value, &choice.label));
    let gone = chosen
        .iter()
        .filter(|text| !text.is_empty() && !is_choice(text));
    known
        .chain(gone.map(|text| (text, text)))
        .map(|(value, label)| Entry::new(value, label, chosen.contains(value)))
        .collect()
}

fn units(chosen: &str) -> Vec<Entry> {
    let entry = |unit: Unit| Entry::new(unit.name(), unit.name(), unit.name() == chosen);
    Unit::ALL.into_iter().map(entry).collect()
}
