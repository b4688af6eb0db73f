//! The filter language: a tree of conditions over a catalogue of fields, compiled to one SQL predicate.
//!
//! Lists, saved views, segments, workflow conditions, scoring, reports and exports all use it. A kind of record says what
//! it can be filtered by:
//!
//! ```ignore
//! let mut catalogue = Catalogue::new([
//!     Field::column("email", "E-mail", FieldType::Email, "contacts.email").folded(),
//!     Field::column("stage", "Life-cycle stage", FieldType::Choice, "contacts.lifecycle_stage").choices(stages),
//!     Field::related("company.industry", "Company industry", FieldType::Text, "companies", JOIN, "companies.industry"),
//! ]);
//! catalogue.extend(own.iter().filter_map(|f| Field::custom("contacts.custom", &f.key, &f.label, f.kind)));
//! ```
//!
//! [`Filter::parse`] holds what is kept or sent against it, and says in sentences what is wrong;
//! `contacts::table.into_boxed().filter(filter.predicate(&context))` finds the rows. The tree is JSON:
//!
//! ```json
//! {"and": [{"field": "stage", "op": "is_any_of", "value": ["lead", "customer"]},
//!          {"not": {"field": "created_at", "op": "in_last", "value": {"count": 30, "unit": "days"}}}]}
//! ```
//!
//! [`FilterEditor`] and [`FilterBar`] let people write one; what they send is a [`Draft`].

mod bar;
mod compare;
mod compile;
mod control;
mod decimal;
mod describe;
mod draft;
mod editor;
mod field;
mod kept;
mod naming;
mod operator;
mod ordered;
mod predicate;
mod rule;
mod source;
mod span;
#[cfg(test)]
mod tests;
mod text;
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
pub use span::{Span, Unit, start_of};
pub use text::{text_of, tree_of};
pub use tree::{Group, Join, Node, Problem, Wording};
pub use value::Value;
