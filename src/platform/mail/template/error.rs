//! What is wrong with a template, and where.

use std::fmt;

use super::engine::{SUBJECT, TEXT};
use super::merge::Fault;

/// What is wrong with a template, as a sentence for the person who writes it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TemplateError {
    pub part: Part,
    pub line: Option<usize>,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Subject,
    Body,
    Text,
    Footer,
}

impl TemplateError {
    pub(super) fn new(part: Part, line: Option<usize>, message: String) -> Self {
        Self {
            part,
            line,
            message,
        }
    }

    pub(super) fn at(part: Part, source: &str, (position, message): Fault) -> Self {
        let before = source.get(..position).unwrap_or(source);
        Self::new(part, Some(1 + before.matches('\n').count()), message)
    }

    pub(super) fn of_engine(template: &str, error: &minijinja::Error) -> Self {
        let part = match template {
            SUBJECT => Part::Subject,
            TEXT => Part::Text,
            _ => Part::Body,
        };
        let detail = error.detail().map(str::to_owned);
        Self::new(
            part,
            None,
            detail.unwrap_or_else(|| error.kind().to_string()),
        )
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Subject => "Subject",
            Part::Body => "Content",
            Part::Text => "Plain text",
            Part::Footer => "Footer",
        };
        match self.line {
            Some(line) => write!(f, "{part}, line {line}: {}.", self.message),
            None => write!(f, "{part}: {}.", self.message),
        }
    }
}

impl std::error::Error for TemplateError {}
