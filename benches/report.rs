//! Figures and how they are shown.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Which way a figure should go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

/// One measured value beside its limit.
pub struct Figure {
    pub value: f64,
    pub unit: &'static str,
    pub limit: Option<f64>,
    /// What the limit is: `pgbench`, `nginx`, or `asked for`.
    pub of: &'static str,
    pub better: Better,
    /// How much of the limit is asked for.
    pub aim: f64,
    pub note: String,
}

impl Figure {
    pub fn ratio(&self) -> Option<f64> {
        self.limit
            .filter(|limit| *limit > 0.0)
            .map(|limit| self.value / limit)
    }

    fn is_good(&self) -> bool {
        self.ratio().is_none_or(|ratio| match self.better {
            Better::Higher => ratio >= self.aim,
            Better::Lower => ratio <= self.aim,
        })
    }
}

#[derive(Default)]
pub struct Report {
    figures: Vec<(&'static str, Result<Figure, String>)>,
}

impl Report {
    pub fn add(&mut self, name: &'static str, figure: crate::Result<Figure>) {
        let figure = figure.map_err(|error| error.to_string());
        match &figure {
            Ok(figure) => eprintln!(
                "  {name}: {} {} {}",
                digits(figure.value),
                figure.unit,
                figure.note
            ),
            Err(error) => eprintln!("  {name}: {error}"),
        }
        self.figures.push((name, figure));
    }

    /// Whether every case could be measured.
    pub fn complete(&self) -> bool {
        self.figures.iter().all(|(_, figure)| figure.is_ok())
    }

    pub fn json(&self) -> String {
        let object: BTreeMap<_, _> = self
            .figures
            .iter()
            .map(|(name, figure)| (*name, as_json(figure)))
            .collect();
        serde_json::to_string_pretty(&object).unwrap_or_default()
    }

    pub fn table(&self) -> String {
        let mut out = format!(
            "{:<20} {:>12} {:<8} {:>12} {:<14} {:>7} {:>7}\n",
            "case", "value", "unit", "limit", "of", "ratio", "aim"
        );
        for (name, figure) in &self.figures {
            let line = match figure {
                Ok(figure) => row(name, figure),
                Err(error) => format!("{name:<20} not measured: {error}"),
            };
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

fn row(name: &str, figure: &Figure) -> String {
    let mut line = format!("{name:<20} {:>12} {:<8}", digits(figure.value), figure.unit);
    if let (Some(limit), Some(ratio)) = (figure.limit, figure.ratio()) {
        let sign = match figure.better {
            Better::Higher => '≥',
            Better::Lower => '≤',
        };
        let _ = write!(
            line,
            " {:>12} {:<14} {ratio:>7.2} {sign}{:>6.2} {}",
            digits(limit),
            figure.of,
            figure.aim,
            if figure.is_good() { " " } else { "!" }
        );
    }
    format!("{line} {}", figure.note)
}

fn as_json(figure: &Result<Figure, String>) -> serde_json::Value {
    match figure {
        Ok(figure) => serde_json::json!({
            "value": rounded(figure.value),
            "unit": figure.unit,
            "limit": figure.limit.map(rounded),
            "ratio": figure.ratio().map(rounded),
        }),
        Err(error) => serde_json::json!({
            "value": null, "unit": null, "limit": null, "ratio": null, "error": error,
        }),
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// Three figures that matter, thousands in groups.
fn digits(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.2}");
    }
    let whole = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
