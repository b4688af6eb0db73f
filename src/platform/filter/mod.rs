//! The filter language: a tree of conditions over a catalogue of fields, compiled to one SQL predicate.
//!
//! Lists, saved views, segments, workflow conditions, scoring, reports and exports all use it. A kind of record says what
//! it can be filtered by in a [`Catalogue`]; [`Filter::parse`] holds a tree against it; [`Filter::predicate`] gives what
//! goes into `.filter(…)` of any query whose tables the catalogue names.

mod bar;
mod compare;
mod compile;
mod control;
mod decimal;
mod describe;
mod draft;
mod editor;
mod field;
mod operator;
mod ordered;
mod predicate;
mod rule;
mod source;
mod span;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub use bar::FilterBar;
pub use compile::Context;
pub use decimal::Decimal;
pub use describe::Chip;
pub use draft::Draft;
pub use editor::FilterEditor;
pub use field::{Catalogue, Choice, Field, FieldType};
pub use operator::{Input, Operator};
pub use predicate::Predicate;
pub use rule::{Filter, Rule};
pub use tree::{Group, Join, Node, Problem, Wording};
pub use value::{Span, Unit, Value};
