//! From values to places: round numbers along an axis, and shares of it.

use crate::web::filters::thousands;

/// An axis is divided into so many parts at most.
const PARTS: i128 = 4;

/// Round numbers from 0 to the first that is no less than `most`; nothing but 0 where there is nothing to show.
pub fn ticks(most: i64) -> Vec<i64> {
    if most <= 0 {
        return vec![0];
    }
    let most = i128::from(most);
    let least = (most + PARTS - 1) / PARTS;
    let mut magnitude: i128 = 1;
    while magnitude * 10 <= least {
        magnitude *= 10;
    }
    let round = [1, 2, 5, 10].map(|n| n * magnitude);
    let step = round.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(magnitude * 10);
    let count = (most + step - 1) / step;
    let tick = |n: i128| i64::try_from(n * step).unwrap_or(i64::MAX);
    (0..=count).map(tick).collect()
}

/// What part of `whole` that is, in percent with two digits.
pub fn percent(part: i64, whole: i64) -> f64 {
    match whole {
        ..=0 => 0.0,
        whole => rounded(part.max(0) as f64 * 100.0 / whole as f64),
    }
}

pub fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// `1250000` in cents → `12.5k`: few signs, for an axis.
pub fn compact(value: i64, decimals: u32) -> String {
    let unit = 10_i128.pow(decimals);
    let tenths = i128::from(value) * 10 / unit;
    let units = [
        (1_000_000_000_000, "T"),
        (1_000_000_000, "B"),
        (1_000_000, "M"),
    ];
    let found = units.iter().find(|(size, _)| tenths >= size * 10);
    let (size, sign) = match found {
        Some((size, sign)) => (*size, *sign),
        None if tenths >= 100_000 => (1_000, "k"),
        None => (1, ""),
    };
    let tenths = tenths / size;
    let whole = thousands(&(tenths / 10).to_string());
    match tenths % 10 {
        0 => format!("{whole}{sign}"),
        tenth => format!("{whole}.{tenth}{sign}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_most() {
        assert_eq!(ticks(0), [0]);
        assert_eq!(ticks(-5), [0]);
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(3), [0, 1, 2, 3]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(100), [0, 50, 100]);
        assert_eq!(ticks(123_456), [0, 50_000, 100_000, 150_000]);
    }

    #[test]
    fn ticks_of_any_number_are_few_and_grow() {
        for most in (0..63).flat_map(|bit| [1_i64 << bit, (1_i64 << bit) - 1, i64::MAX - bit]) {
            let ticks = ticks(most);
            assert!(ticks.len() <= 5, "{most}: {ticks:?}");
            assert!(ticks.last().is_some_and(|last| *last >= most), "{most}");
            assert!(ticks.windows(2).all(|two| two[0] < two[1]), "{most}");
        }
    }

    #[test]
    fn shares_of_nothing_are_nothing() {
        assert_eq!(percent(5, 0), 0.0);
        assert_eq!(percent(-5, 10), 0.0);
        assert_eq!(percent(1, 3), 33.33);
        assert_eq!(percent(i64::MAX, i64::MAX), 100.0);
    }

    #[test]
    fn an_axis_says_much_in_few_signs() {
        let said = [0, 7, 9_999, 10_000, 12_500, 1_200_000, i64::MAX].map(|n| compact(n, 0));
        let told = ["0", "7", "9,999", "10k", "12.5k", "1.2M", "9,223,372T"];
        assert_eq!(said, told);
        assert_eq!(compact(50, 2), "0.5");
        assert_eq!(compact(1_250_000, 2), "12.5k");
    }
}
