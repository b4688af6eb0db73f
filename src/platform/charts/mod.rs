//! Charts, drawn on the server: SVG that fits any width, with its figures in a table behind a toggle.
//!
//! Shares of the width are percentages, so that nothing is stretched and words keep their size. To a screen reader the
//! drawing is one picture with a title and a description; the links of its marks stand in the table, one tab stop each.

mod bars;
mod over_time;
mod scale;

use askama::Template;
use serde::Serialize;

pub use bars::Bars;
pub use over_time::{OverTime, Style};
pub use scale::{compact, ticks};

/// A value, and the list that stands behind it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Mark {
    pub label: String,
    /// The label where there is little room for one.
    #[serde(skip)]
    pub short: String,
    /// Of amounts, in the minor unit.
    pub value: i64,
    /// How many records stand behind it.
    pub count: i64,
    /// The value in words.
    pub told: String,
    pub url: String,
    /// The colour of a mark that has one of its own: `tag--blue`.
    #[serde(skip)]
    pub class: String,
}

impl Mark {
    /// `Sat 21 Nov: 7`.
    pub fn said(&self) -> String {
        format!("{}: {}", self.label, self.told)
    }
}

/// Any of them.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Chart {
    Bars(Bars),
    OverTime(OverTime),
}

impl Chart {
    pub fn draw(&self) -> askama::Result<String> {
        match self {
            Chart::Bars(chart) => chart.render(),
            Chart::OverTime(chart) => chart.render(),
        }
    }
}
