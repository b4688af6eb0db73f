//! Guesses which column of a table is which field, from the columns' names and what is in them.

mod headers;
mod presets;
mod samples;
mod score;
mod synonyms;

use serde::{Deserialize, Serialize};

use super::Row;
use headers::Header;
use presets::Preset;
use samples::Samples;

/// Below this a guess would be a surprise.
const CERTAIN_ENOUGH: f64 = 0.5;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Text,
    LongText,
    Email,
    Phone,
    Url,
    Number,
    Money,
    Date,
    DateTime,
    Boolean,
    Choice,
    Choices,
    Tags,
    /// A person or record, told by name or address.
    Reference,
}

/// A field that columns can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub key: String,
    pub label: String,
    /// Other names for it; those usual for its key (`first_name`, `email`, …) are known already.
    pub aliases: Vec<String>,
    pub kind: Kind,
}

impl Target {
    pub fn new(key: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            aliases: Vec::new(),
            kind,
        }
    }

    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.aliases.push(name.into());
        self
    }
}

/// Where a column goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Destination {
    Field { key: String },
    NewField { label: String, kind: Kind },
    Skip,
}

/// The guess for one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    pub column: usize,
    pub destination: Destination,
    /// 0 to 1.
    pub confidence: f64,
    /// What the column holds by its looks, should it become a new field.
    pub kind: Kind,
    /// Some of its values, to show beside it.
    pub examples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// The program that the file was exported from, if its header tells.
    pub source: Option<&'static str>,
    pub columns: Vec<Guess>,
}

/// Each target is given to one column at most: the one that fits it best.
pub fn guess(header: &[String], rows: &[Row], targets: &[Target]) -> Mapping {
    let preset = presets::recognise(header);
    let columns: Vec<(Header, Samples)> = header
        .iter()
        .enumerate()
        .map(|(column, name)| (Header::new(name), Samples::of(rows, column)))
        .collect();
    let given = assign(
        candidates(&columns, targets, preset),
        columns.len(),
        targets.len(),
    );
    let guesses = columns.iter().zip(given).enumerate();
    Mapping {
        source: preset.map(|preset| preset.name),
        columns: guesses
            .map(|(column, ((header, samples), given))| Guess {
                column,
                destination: match given {
                    Some((target, _)) => Destination::Field {
                        key: targets[target].key.clone(),
                    },
                    None => unclaimed(header, samples, preset),
                },
                confidence: given.map_or(0.0, |(_, score)| score),
                kind: samples.kind(),
                examples: samples.examples(),
            })
            .collect(),
    }
}

struct Candidate {
    score: f64,
    column: usize,
    target: usize,
}

fn candidates(
    columns: &[(Header, Samples)],
    targets: &[Target],
    preset: Option<&Preset>,
) -> Vec<Candidate> {
    let names: Vec<score::Names> = targets.iter().map(score::Names::of).collect();
    let mut candidates = Vec::new();
    for (column, (header, samples)) in columns.iter().enumerate() {
        if samples.is_empty() && preset.is_some_and(|preset| preset.ignores(header)) {
            continue;
        }
        for (target, names) in names.iter().enumerate() {
            let score = score::score(header, samples, names, preset);
            if score >= CERTAIN_ENOUGH {
                candidates.push(Candidate {
                    score,
                    column,
                    target,
                });
            }
        }
    }
    candidates
}

/// The best pair first, then the best of what is left.
fn assign(
    mut candidates: Vec<Candidate>,
    columns: usize,
    targets: usize,
) -> Vec<Option<(usize, f64)>> {
    candidates.sort_by(|a, b| {
        let order = b.score.total_cmp(&a.score);
        order
            .then(a.column.cmp(&b.column))
            .then(a.target.cmp(&b.target))
    });
    let mut given = vec![None; columns];
    let mut taken = vec![false; targets];
    for candidate in candidates {
        if given[candidate.column].is_none() && !taken[candidate.target] {
            given[candidate.column] = Some((candidate.target, candidate.score));
            taken[candidate.target] = true;
        }
    }
    given
}

/// What holds something is kept as a new field, unless the other program only kept it for itself.
fn unclaimed(header: &Header, samples: &Samples, preset: Option<&Preset>) -> Destination {
    if samples.is_empty()
        || header.is_internal()
        || preset.is_some_and(|preset| preset.ignores(header))
    {
        return Destination::Skip;
    }
    Destination::NewField {
        label: header.label.clone(),
        kind: samples.kind(),
    }
}
