//! How values look in a mail, whichever way they get there, and the filters that change them.

use std::borrow::Cow;
use std::fmt::Write as _;

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// A filter's result; larger than any field of a contact.
const MAX_VALUE: usize = 64 * 1024;

/// A value as a reader should see it: nothing for what is missing, a list with commas, lines ended one way.
pub(in crate::mail) fn display(value: &Value) -> Cow<'_, str> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None | ValueKind::Map => Cow::Borrowed(""),
        ValueKind::Bool => Cow::Borrowed(if value.is_true() { "true" } else { "false" }),
        ValueKind::String => lines(value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().into_iter().flatten().filter(is_scalar);
            let shown: Vec<String> = items.map(|item| display(&item).into_owned()).collect();
            Cow::Owned(shown.join(", "))
        }
        _ => Cow::Owned(value.to_string()),
    }
}

/// Lists in lists could hold the same list many times over.
fn is_scalar(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::String | ValueKind::Number | ValueKind::Bool
    )
}

/// With `\n` alone at the ends of lines.
pub(in crate::mail) fn lines(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}

/// The text with what HTML gives a meaning as entities.
pub(in crate::mail) fn escape(out: &mut impl std::fmt::Write, text: &str) -> std::fmt::Result {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        out.write_str(&text[from..at])?;
        out.write_str(entity)?;
        from = at + 1;
    }
    out.write_str(&text[from..])
}

pub(super) fn encode_url(text: &str) -> impl std::fmt::Display {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(text, KEPT)
}

/// Missing is what there is nothing to show of: contacts have empty fields more often than none.
pub(super) fn is_missing(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => true,
        ValueKind::String => value.as_str().is_some_and(|text| text.trim().is_empty()),
        ValueKind::Seq | ValueKind::Map => value.len() == Some(0),
        _ => false,
    }
}

pub(super) fn fallback(value: &Value, others: Rest<Value>) -> Value {
    match is_missing(value) {
        true => others.first().cloned().unwrap_or(Value::UNDEFINED),
        false => value.clone(),
    }
}

pub(super) fn replace(value: &Value, from: &str, to: &str) -> Result<String, Error> {
    let text = display(value);
    let times = if from.is_empty() {
        0
    } else {
        text.matches(from).count()
    };
    sized(text.len() + times.saturating_mul(to.len()))?;
    Ok(if times == 0 {
        text.into_owned()
    } else {
        text.replace(from, to)
    })
}

pub(super) fn join(value: &Value, separator: Option<&str>) -> Result<String, Error> {
    let separator = separator.unwrap_or_default();
    let mut joined = String::new();
    for (at, item) in value.try_iter()?.filter(is_scalar).enumerate() {
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&display(&item));
        sized(joined.len())?;
    }
    Ok(joined)
}

fn sized(length: usize) -> Result<(), Error> {
    match length <= MAX_VALUE {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::InvalidOperation,
            "a value gets too large",
        )),
    }
}

/// A date or time in another form, `%d.%m.%Y` by default; what is no date stays as it is.
pub(super) fn date(value: &Value, form: Option<&str>) -> Result<String, Error> {
    use chrono::format::{Item, StrftimeItems};
    let text = display(value).into_owned();
    let items: Vec<Item<'_>> = StrftimeItems::new(form.unwrap_or("%d.%m.%Y")).collect();
    if items.contains(&Item::Error) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "the form of the date is not valid",
        ));
    }
    let day = text
        .get(..10)
        .and_then(|day| day.parse::<chrono::NaiveDate>().ok());
    let time = text.parse::<chrono::DateTime<chrono::FixedOffset>>().ok();
    let mut shown = String::new();
    let written = match (time, day) {
        (Some(time), _) => write!(shown, "{}", time.format_with_items(items.iter())),
        (None, Some(day)) => write!(shown, "{}", day.format_with_items(items.iter())),
        (None, None) => return Ok(text),
    };
    // Hours of a date without a time cannot be shown.
    Ok(if written.is_ok() { shown } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::value::Serde;
    use serde_json::json;

    fn shown(value: serde_json::Value) -> String {
        display(&Value::from(Serde(value))).into_owned()
    }

    #[test]
    fn values_look_as_a_reader_expects() {
        assert_eq!(shown(json!(null)), "");
        assert_eq!(shown(json!("a\r\nb\rc")), "a\nb\nc");
        assert_eq!(shown(json!(["a", 1, null, ["b"], true])), "a, 1, true");
        assert_eq!(shown(json!({"a": 1})), "");
        assert_eq!(
            (shown(json!(12)), shown(json!(1.5))),
            ("12".into(), "1.5".into())
        );
    }

    #[test]
    fn dates_take_another_form() {
        let shown = |value: &str, form| date(&Value::from(value), form).unwrap();
        assert_eq!(shown("2026-03-01", None), "01.03.2026");
        assert_eq!(shown("2026-03-01T10:20:00+01:00", Some("%H:%M")), "10:20");
        assert_eq!(
            shown("2026-03-01", Some("%H:%M")),
            "2026-03-01",
            "there is no hour to show"
        );
        assert_eq!(shown("soon", None), "soon");
        assert!(date(&Value::from("2026-03-01"), Some("%")).is_err());
    }

    #[test]
    fn filters_cannot_blow_values_up() {
        let long = Value::from("a".repeat(10_000));
        assert!(replace(&long, "a", "aaaaaaaaaaaa").is_err());
        assert_eq!(replace(&Value::from("aXa"), "X", "-").unwrap(), "a-a");
        assert_eq!(replace(&Value::from("a"), "", "-").unwrap(), "a");
        let list = Value::from(vec!["a".repeat(40_000); 2]);
        assert!(join(&list, None).is_err());
    }

    #[test]
    fn html_is_escaped() {
        let mut out = String::new();
        escape(&mut out, "<a href=\"x\">Tom & 'Li'</a>ü").unwrap();
        assert_eq!(
            out,
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Li&#39;&lt;/a&gt;ü"
        );
    }
}
