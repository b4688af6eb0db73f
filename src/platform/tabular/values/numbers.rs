//! Numbers and amounts with either decimal mark; which one a column uses is told by all its cells together.

use std::fmt;

use super::shown;

/// Powers of ten beyond this belong to no amount of anything.
const MAX_SHIFT: i32 = 30;
const MAX_DIGITS: usize = 60;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decimals {
    #[default]
    Point,
    Comma,
}

/// An exact decimal number, written with a point and without grouping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }

    /// Whole numbers only.
    pub fn to_i64(&self) -> Option<i64> {
        self.minor_units(0)
    }

    /// The amount in a currency's smallest unit, such as cents for two places; None if it has more places than that.
    pub fn minor_units(&self, places: usize) -> Option<i64> {
        let (whole, fraction) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > places {
            return None;
        }
        format!("{whole}{fraction:0<places$}").parse().ok()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Collects what a column's cells say about its decimal mark.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberVotes {
    pub point: u64,
    pub comma: u64,
}

impl NumberVotes {
    pub fn see(&mut self, cell: &str) {
        let digits = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
        let cell = cell.trim_matches(|c| !digits(c));
        match decided_mark(cell) {
            Some(Decimals::Point) => self.point += 1,
            Some(Decimals::Comma) => self.comma += 1,
            None => {}
        }
    }

    /// None while no cell decides it, or as many say one thing as the other.
    pub fn decimals(&self) -> Option<Decimals> {
        match self.point.cmp(&self.comma) {
            std::cmp::Ordering::Greater => Some(Decimals::Point),
            std::cmp::Ordering::Less => Some(Decimals::Comma),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// A number; the column's decimal mark is tried first, the other one if the cell fits only that.
pub fn number(cell: &str, decimals: Option<Decimals>) -> Result<Number, String> {
    read(cell, decimals).ok_or_else(|| format!("{} is not a number.", shown(cell)))
}

pub(super) fn read(cell: &str, decimals: Option<Decimals>) -> Option<Number> {
    let cell = plain(cell);
    let (body, negative) = sign(cell.trim())?;
    let body = body.strip_suffix('%').map_or(body, str::trim_end);
    let (mantissa, exponent) = exponent(body)?;
    if mantissa.len() > MAX_DIGITS {
        return None;
    }
    let first = decimals
        .or_else(|| decided_mark(mantissa))
        .unwrap_or_default();
    let second = match first {
        Decimals::Point => Decimals::Comma,
        Decimals::Comma => Decimals::Point,
    };
    let (whole, fraction) = parts(mantissa, first).or_else(|| parts(mantissa, second))?;
    Some(canonical(negative, &whole, fraction, exponent))
}

/// Full-width and Arabic digits become ASCII, odd spaces, dashes and apostrophes plain ones.
pub(super) fn plain(cell: &str) -> String {
    let zero = |c: char| {
        ['０', '٠', '۰', '०']
            .into_iter()
            .find(|zero| (*zero..).take(10).any(|digit| digit == c))
    };
    cell.chars()
        .map(|c| match c {
            _ if c.is_ascii_digit() => c,
            '−' | '－' | '–' | '‒' => '-',
            '’' | '‘' | '`' | '´' => '\'',
            '٫' => '.',
            '٬' => '\'',
            _ if c.is_whitespace() => ' ',
            _ => zero(c)
                .and_then(|zero| char::from_digit(c as u32 - zero as u32, 10))
                .unwrap_or(c),
        })
        .collect()
}

/// `-5`, `5-` and `(5)` are all negative.
fn sign(body: &str) -> Option<(&str, bool)> {
    let (body, negative) = if let Some(inner) = body.strip_prefix('(') {
        (inner.strip_suffix(')')?, true)
    } else if let Some(rest) = body.strip_prefix('-').or_else(|| body.strip_suffix('-')) {
        (rest, true)
    } else {
        (body.strip_prefix('+').unwrap_or(body), false)
    };
    Some((body.trim(), negative))
}

fn exponent(body: &str) -> Option<(&str, i32)> {
    match body.split_once(['e', 'E']) {
        None => Some((body, 0)),
        Some((mantissa, power)) => {
            let power: i32 = power.parse().ok()?;
            (power.abs() <= MAX_SHIFT).then_some((mantissa, power))
        }
    }
}

/// What a number's own marks prove: `1,5` is decimal, `1,234,567.8` is grouped, `1,234` could be either.
fn decided_mark(body: &str) -> Option<Decimals> {
    let (points, commas) = (body.matches('.').count(), body.matches(',').count());
    let alone = |mark: char| {
        let (whole, fraction) = body.split_once(mark)?;
        (fraction.len() != 3 || whole.len() > 3 || whole.is_empty() || whole == "0").then_some(())
    };
    match (points, commas) {
        (0, 0) => None,
        (1, 0) => alone('.').map(|()| Decimals::Point),
        (0, 1) => alone(',').map(|()| Decimals::Comma),
        (0, _) => Some(Decimals::Point),
        (_, 0) => Some(Decimals::Comma),
        _ if body.rfind('.') > body.rfind(',') => Some(Decimals::Point),
        _ => Some(Decimals::Comma),
    }
}

/// The digits before and after the decimal mark, if the number is well formed with that mark.
fn parts(body: &str, decimals: Decimals) -> Option<(String, &str)> {
    let (mark, grouping) = match decimals {
        Decimals::Point => ('.', ','),
        Decimals::Comma => (',', '.'),
    };
    let (whole, fraction) = body.split_once(mark).unwrap_or((body, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let Some(separator) = whole.chars().find(|c| [grouping, ' ', '\''].contains(c)) else {
        return digits(whole).then(|| (whole.to_owned(), fraction));
    };
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, last) = (groups.first()?, groups.last()?);
    let well_grouped = (1..=3).contains(&first.len())
        && last.len() == 3
        && groups[1..]
            .iter()
            .all(|group| (2..=3).contains(&group.len()))
        && groups.iter().all(|group| digits(group));
    well_grouped.then(|| (groups.concat(), fraction))
}

fn canonical(negative: bool, whole: &str, fraction: &str, shift: i32) -> Number {
    let mut digits = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 + shift;
    while point < 0 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = point as usize;
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(point);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let minus = if negative && digits.bytes().any(|digit| digit != b'0') {
        "-"
    } else {
        ""
    };
    Number(if fraction.is_empty() {
        format!("{minus}{whole}")
    } else {
        format!("{minus}{whole}.{fraction}")
    })
}

impl Number {
    /// Times a power of ten.
    pub fn shifted(&self, power: i32) -> Self {
        let (negative, body) = match self.0.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, self.0.as_str()),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        canonical(negative, whole, fraction, power)
    }
}
