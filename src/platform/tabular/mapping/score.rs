//! How well a column fits a field.

use super::headers::Header;
use super::presets::Preset;
use super::samples::Samples;
use super::synonyms;
use super::{Kind, Target};

const PRESET: f64 = 1.0;
const SAME: f64 = 0.98;
const SAME_CORE: f64 = 0.85;
const MISSPELT: f64 = 0.72;
const BY_VALUES: f64 = 0.55;

/// All the names of a field, made comparable once.
pub struct Names {
    key: String,
    kind: Kind,
    names: Vec<Header>,
}

impl Names {
    pub fn of(target: &Target) -> Self {
        let own = [&target.key, &target.label];
        let mut names: Vec<Header> = own
            .into_iter()
            .chain(&target.aliases)
            .map(|name| Header::new(name))
            .collect();
        names.extend(synonyms::of(&target.key).map(Header::new));
        Self {
            key: target.key.clone(),
            kind: target.kind,
            names,
        }
    }
}

/// 0 to 1: by the preset, else by name, else by the values; the values can also speak against it.
pub fn score(header: &Header, samples: &Samples, field: &Names, preset: Option<&Preset>) -> f64 {
    if let Some(preset) = preset {
        if let Some(rank) = preset.rank(header, &field.key) {
            return PRESET - 0.01 * rank as f64;
        }
        if preset.ignores(header) {
            return 0.0;
        }
    }
    by_name(header, field).max(by_values(samples, field)) * agreement(samples, field.kind)
}

fn by_name(header: &Header, field: &Names) -> f64 {
    let scores = field.names.iter().enumerate().map(|(place, name)| {
        let score = similarity(header, name);
        // Its key and label before its aliases, so that two fields with a common alias can be told apart.
        if place < 2 { score } else { score - 0.01 }
    });
    scores.fold(0.0, f64::max)
}

fn similarity(header: &Header, name: &Header) -> f64 {
    let compact = |header: &Header| header.folded.replace(' ', "");
    if header.folded.is_empty() || name.folded.is_empty() {
        0.0
    } else if compact(header) == compact(name) {
        SAME
    } else if header.core == name.core {
        SAME_CORE
    } else if !synonyms::is_known(header) && is_misspelt(&header.core, &name.core) {
        MISSPELT
    } else {
        0.0
    }
}

/// One slip, in a word long enough that it is not another word.
fn is_misspelt(one: &str, other: &str) -> bool {
    let length = one.chars().count().min(other.chars().count());
    let slips = match length {
        0..=4 => return false,
        5..=9 => 1,
        _ => 2,
    };
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    digits(one) == digits(other) && strsim::osa_distance(one, other) <= slips
}

/// Only addresses are so plain that they need no name.
fn by_values(samples: &Samples, field: &Names) -> f64 {
    let is_first = !field.key.contains(|c: char| c.is_ascii_digit());
    if field.kind == Kind::Email && is_first && samples.fit(Kind::Email) >= Some(0.8) {
        BY_VALUES
    } else {
        0.0
    }
}

/// Less than 1 when the values are of another kind than the field.
fn agreement(samples: &Samples, kind: Kind) -> f64 {
    match samples.fit(kind) {
        Some(fit) if samples.count() >= 3 && fit < 0.3 => 0.4,
        Some(fit) if samples.count() >= 3 && fit < 0.6 => 0.8,
        _ => 1.0,
    }
}
