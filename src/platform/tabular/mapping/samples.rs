//! What the values of a column look like.

use std::collections::HashSet;

use super::Kind;
use crate::tabular::Row;
use crate::tabular::values::{Shape, shape};

const LOOKED_AT: usize = 200;
const EXAMPLES: usize = 3;
const LONG: usize = 120;
/// A column of few different words is a choice.
const MOST_CHOICES: usize = 12;

#[derive(Clone, Debug, Default)]
pub struct Samples {
    values: Vec<String>,
    shapes: Vec<Shape>,
}

impl Samples {
    pub fn of(rows: &[Row], column: usize) -> Self {
        let values: Vec<String> = rows
            .iter()
            .map(|row| row.get(column).trim())
            .filter(|value| !value.is_empty())
            .take(LOOKED_AT)
            .map(str::to_owned)
            .collect();
        let shapes = values.iter().map(|value| shape(value)).collect();
        Self { values, shapes }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// Different values, the first ones.
    pub fn examples(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        self.values
            .iter()
            .filter(|value| seen.insert(value.as_str()))
            .take(EXAMPLES)
            .cloned()
            .collect()
    }

    /// The share of values that could be of a kind; None if it tells nothing, as any text could.
    pub fn fit(&self, kind: Kind) -> Option<f64> {
        let fitting: fn(Shape) -> bool = match kind {
            Kind::Email => |shape| shape == Shape::Email,
            Kind::Phone => |shape| matches!(shape, Shape::Phone | Shape::Number),
            Kind::Number | Kind::Money => {
                |shape| matches!(shape, Shape::Number | Shape::Money | Shape::Boolean)
            }
            Kind::Date | Kind::DateTime => |shape| matches!(shape, Shape::Date | Shape::Number),
            Kind::Boolean => |shape| matches!(shape, Shape::Boolean | Shape::Number),
            Kind::Url => |shape| matches!(shape, Shape::Url | Shape::Text),
            Kind::Text | Kind::LongText => |shape| !matches!(shape, Shape::Email | Shape::Boolean),
            Kind::Choice | Kind::Choices | Kind::Tags | Kind::Reference => return None,
        };
        if self.shapes.is_empty() {
            return None;
        }
        Some(self.share(fitting))
    }

    pub fn kind(&self) -> Kind {
        let mostly = |shape: Shape| self.share(|other| other == shape) >= 0.9;
        let longest = self.values.iter().map(|value| value.chars().count()).max();
        if self.is_empty() {
            Kind::Text
        } else if mostly(Shape::Email) {
            Kind::Email
        } else if mostly(Shape::Url) {
            Kind::Url
        } else if mostly(Shape::Phone) {
            Kind::Phone
        } else if self.is_yes_or_no() {
            Kind::Boolean
        } else if mostly(Shape::Date) {
            self.date_kind()
        } else if mostly(Shape::Number) && !self.has_leading_zeros() {
            Kind::Number
        } else if self.share(|shape| matches!(shape, Shape::Money | Shape::Number)) >= 0.9
            && !self.has_leading_zeros()
        {
            Kind::Money
        } else if longest > Some(LONG) || self.values.iter().any(|value| value.contains('\n')) {
            Kind::LongText
        } else if self.repeats() {
            Kind::Choice
        } else {
            Kind::Text
        }
    }

    pub fn share(&self, fitting: impl Fn(Shape) -> bool) -> f64 {
        let count = self.shapes.iter().filter(|shape| fitting(**shape)).count();
        count as f64 / self.shapes.len().max(1) as f64
    }

    fn is_yes_or_no(&self) -> bool {
        let words: HashSet<String> = self
            .values
            .iter()
            .map(|value| value.to_lowercase())
            .collect();
        words.len() <= 2
            && self
                .values
                .iter()
                .all(|value| crate::tabular::values::boolean(value).is_ok())
            && (self.values.len() > 2 || words.iter().all(|word| word.parse::<f64>().is_err()))
    }

    fn date_kind(&self) -> Kind {
        if self.values.iter().any(|value| value.contains(':')) {
            Kind::DateTime
        } else {
            Kind::Date
        }
    }

    /// Codes, not quantities.
    fn has_leading_zeros(&self) -> bool {
        let is_code = |value: &String| {
            value.len() > 1
                && value.starts_with('0')
                && value.bytes().all(|byte| byte.is_ascii_digit())
        };
        self.values.iter().any(is_code)
    }

    fn repeats(&self) -> bool {
        let different: HashSet<&str> = self.values.iter().map(String::as_str).collect();
        self.values.len() >= 10
            && different.len() <= MOST_CHOICES
            && different.len() * 4 <= self.values.len()
    }
}
