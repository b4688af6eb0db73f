//! Numbers as people write them, exact: fifteen digits before the point and six after.

use std::fmt;

use serde_json::{Number, Value as Json};

const PLACES: u32 = 6;
const ONE: i128 = 10_i128.pow(PLACES);

/// A decimal number, counted in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fraction = fraction.trim_end_matches('0');
        if digits.trim_matches('.').is_empty()
            || whole.len() > 15
            || fraction.len() > PLACES as usize
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return None;
        }
        let units: i128 = format!("{whole}{fraction:0<6}").parse().ok()?;
        Some(Self(sign * units))
    }

    /// The number in units of its `decimals`-th decimal (cents are 2), rounded down, and whether that is exact.
    pub fn scaled(self, decimals: u32) -> (i64, bool) {
        let unit = 10_i128.pow(PLACES - decimals.min(PLACES));
        let floor = self.0.div_euclid(unit);
        let exact = self.0.rem_euclid(unit) == 0;
        (i64::try_from(floor).unwrap_or(i64::MAX), exact)
    }

    /// The same digits, `decimals` places further left.
    pub fn shifted(self, decimals: u32) -> Self {
        Self(self.0.saturating_mul(10_i128.pow(decimals)))
    }

    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Self::parse(text),
            Json::Number(number) if number.is_f64() => Self::parse(&number.as_f64()?.to_string()),
            Json::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    /// A JSON number where that says exactly the same, or else a string.
    pub fn to_json(self) -> Json {
        let text = self.to_string();
        if self.0 % ONE == 0
            && let Ok(whole) = i64::try_from(self.0 / ONE)
        {
            return whole.into();
        }
        text.parse::<f64>()
            .ok()
            .filter(|float| float.to_string() == text)
            .and_then(Number::from_f64)
            .map_or(Json::String(text), Json::Number)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let one = ONE.unsigned_abs();
        let text = format!("{sign}{}.{:06}", units / one, units % one);
        out.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written() {
        for (text, expected) in [
            ("5", "5"),
            ("+05.50", "5.5"),
            ("-0.25", "-0.25"),
            (".5", "0.5"),
            ("1250.", "1250"),
            (" 999999999999999.999999 ", "999999999999999.999999"),
            ("1.1000000000", "1.1"),
        ] {
            assert_eq!(
                Decimal::parse(text).map(|d| d.to_string()).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            ".",
            "-",
            "1,5",
            "1e5",
            "NaN",
            "0x10",
            "1.2.3",
            "１",
            "1234567890123456",
            "0.0000001",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn cents_are_counted_downwards() {
        let scaled = |text| Decimal::parse(text).unwrap().scaled(2);
        assert_eq!(scaled("12.34"), (1234, true));
        assert_eq!(scaled("12.345"), (1234, false));
        assert_eq!(scaled("-12.345"), (-1235, false));
    }

    proptest! {
        #[test]
        fn writing_and_reading_give_the_same(units in -10_i128.pow(21) + 1..10_i128.pow(21)) {
            let number = Decimal(units);
            prop_assert_eq!(Decimal::parse(&number.to_string()), Some(number));
            let json = serde_json::from_str(&number.to_json().to_string()).unwrap();
            prop_assert_eq!(Decimal::from_json(&json), Some(number));
        }
    }
}
