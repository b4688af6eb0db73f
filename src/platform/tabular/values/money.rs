//! Amounts of money as people write them: `$1,234.50`, `1.234,50 €`, `USD 1.2m`.

use super::numbers::{self, Decimals, Number};
use super::shown;

/// An amount and the currency beside it, where that is certain: `$` alone could be many.
pub fn money(cell: &str, decimals: Option<Decimals>) -> Result<(Number, Option<String>), String> {
    read(cell, decimals).ok_or_else(|| format!("{} is not an amount of money.", shown(cell)))
}

fn read(cell: &str, decimals: Option<Decimals>) -> Option<(Number, Option<String>)> {
    if let Some(number) = numbers::read(cell, decimals) {
        return Some((number, None));
    }
    let cell = numbers::plain(cell);
    let first = cell.find(|c: char| c.is_ascii_digit())?;
    let last = cell.rfind(|c: char| c.is_ascii_digit())?;
    let (before, digits, after) = (&cell[..first], &cell[first..=last], cell[last + 1..].trim());
    let after = after
        .strip_prefix(".-")
        .or(after.strip_prefix(",-"))
        .unwrap_or(after);
    let negative = before.contains(['-', '(']) || after.ends_with('-');
    let (power, after) = magnitude(after);
    let currency = currency(word(before), word(after))?;
    let sign = if negative { "-" } else { "" };
    let number = numbers::read(&format!("{sign}{digits}"), decimals)?;
    Some((number.shifted(power), currency))
}

/// `1.2m`: how many zeros the letter behind the digits stands for.
fn magnitude(after: &str) -> (i32, &str) {
    let after = after.trim_start();
    let end = after
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(after.len());
    let power = match after[..end].to_lowercase().as_str() {
        "k" | "tsd" => 3,
        "m" | "mm" | "mn" | "mio" => 6,
        "b" | "bn" | "mrd" => 9,
        _ => return (0, after),
    };
    (power, &after[end..])
}

fn word(beside: &str) -> &str {
    beside.trim_matches(|c: char| c.is_whitespace() || "+-().,'".contains(c))
}

/// None if what stands beside the digits is no currency; `Some(None)` if it could be several.
fn currency(before: &str, after: &str) -> Option<Option<String>> {
    let word = match (before, after) {
        (word, "") | ("", word) => word,
        ("$", word) if word.len() == 3 => word,
        _ => return None,
    };
    let word = word.to_uppercase();
    let code = match word.as_str() {
        "" | "$" | "KR" => return Some(None),
        "€" => "EUR",
        "£" => "GBP",
        "¥" | "￥" => "JPY",
        "₹" | "RS" => "INR",
        "₽" => "RUB",
        "₺" | "TL" => "TRY",
        "₩" => "KRW",
        "₪" => "ILS",
        "₫" => "VND",
        "₴" => "UAH",
        "ZŁ" => "PLN",
        "FR" | "SFR" => "CHF",
        "US$" => "USD",
        "C$" | "CA$" => "CAD",
        "A$" | "AU$" => "AUD",
        "R$" => "BRL",
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => code,
        _ => return None,
    };
    Some(Some(code.to_owned()))
}
