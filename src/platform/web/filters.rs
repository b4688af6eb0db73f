//! Askama filters that every template may use; `use platform::web::filters;` brings them into scope.

use std::sync::LazyLock;

use askama::filters::Safe;
use askama::{Result, Values};
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::assets;

/// `{{ "app.css"|asset }}`: the fingerprinted URL of a static file.
#[askama::filter_fn]
pub fn asset(name: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    Ok(assets::url(&name.to_string()))
}

/// How days and minutes are written, read once rather than at each of a list's hundred times.
static DAY: LazyLock<Vec<Item>> = LazyLock::new(|| items("%-d %b %Y"));
static MINUTE: LazyLock<Vec<Item>> = LazyLock::new(|| items("%-d %b %Y, %H:%M"));

static ISO: LazyLock<Vec<Item>> = LazyLock::new(|| items("%Y-%m-%dT%H:%M:%SZ"));

fn items(format: &'static str) -> Vec<Item<'static>> {
    StrftimeItems::new(format).collect()
}

/// `{{ at|when(zone) }}`: `21 Nov 2026, 10:15` in the reader's zone.
#[askama::filter_fn]
pub fn when(at: &DateTime<Utc>, _: &dyn Values, zone: &Tz) -> Result<String> {
    Ok(at
        .with_timezone(zone)
        .format_with_items(MINUTE.iter())
        .to_string())
}

/// `{{ at|day(zone) }}`: `21 Nov 2026`.
#[askama::filter_fn]
pub fn day(at: &DateTime<Utc>, _: &dyn Values, zone: &Tz) -> Result<String> {
    Ok(at
        .with_timezone(zone)
        .format_with_items(DAY.iter())
        .to_string())
}

/// `{{ at|iso }}`: `2026-11-21T09:15:00Z`, for programs.
#[askama::filter_fn]
pub fn iso(at: &DateTime<Utc>, _: &dyn Values) -> Result<String> {
    Ok(at.format_with_items(ISO.iter()).to_string())
}

/// `{{ name|initials }}`: `Ann O'Brien` → `AO`.
#[askama::filter_fn]
pub fn initials(name: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    Ok(super::shell::initials(&name.to_string()))
}

/// `{{ address|breaking }}`: an address that breaks after its `@` and its dots rather than within a word.
#[askama::filter_fn]
pub fn breaking(address: impl std::fmt::Display, _: &dyn Values) -> Result<Safe<String>> {
    let escaped = askama::filters::escape(address.to_string(), askama::filters::Html)?.to_string();
    // Entities hold neither sign.
    Ok(Safe(escaped.replace('@', "@<wbr>").replace('.', ".<wbr>")))
}

/// `{{ n|count }}`: `12,345`.
#[askama::filter_fn]
pub fn count(n: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    Ok(thousands(&n.to_string()))
}

/// `{{ field|words }}`: `lifecycle_stage` → `Lifecycle stage`, `email_templates` → `E-mail templates`.
#[askama::filter_fn]
pub fn words(key: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    let key = key.to_string();
    let words = key.split(['_', '.', ' ']).map(|word| match word {
        "api" => "API",
        "sms" => "SMS",
        "email" => "e-mail",
        word => word,
    });
    let text = words.collect::<Vec<_>>().join(" ");
    let mut chars = text.chars();
    Ok(chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default())
}

pub fn thousands(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |d| ("-", d));
    let mut out = String::with_capacity(digits.len() + 4);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    format!("{sign}{out}")
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_are_grouped() {
        let grouped: Vec<_> = ["7", "999", "1000", "-1234567"].map(thousands).into();
        assert_eq!(grouped, ["7", "999", "1,000", "-1,234,567"]);
    }
}
