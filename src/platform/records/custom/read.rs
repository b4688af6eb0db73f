//! Reads custom values as they come from forms and programs into the shape in which they are kept.

use chrono::NaiveDate;
use serde_json::{Map, Number, Value, json};
use uuid::Uuid;

use super::{Custom, CustomField};
use crate::error::FieldError;
use crate::tabular::values;

const LONGEST_TEXT: usize = 500;
const LONGEST_LONG_TEXT: usize = 20_000;
const MOST_CHOICES: usize = 100;

/// Reads `typed` field by field. What is not filled in is left out; values of fields that are no longer in use stay as
/// they are in `before`. A field that must be filled in is asked for where it was `sent`.
pub fn read<'a>(
    fields: impl Iterator<Item = &'a CustomField>,
    typed: &Custom,
    before: &Custom,
    sent: impl Fn(&str) -> bool,
) -> (Custom, Vec<FieldError>) {
    let (mut kept, mut errors, mut rest) = (Map::new(), Vec::new(), typed.0.clone());
    for field in fields {
        let value = rest.remove(&field.key).unwrap_or(Value::Null);
        // A choice that is offered no more stays where it was made.
        if !value.is_null() && before.get(&field.key) == Some(&value) {
            kept.insert(field.key.clone(), value);
            continue;
        }
        match one(field, &value) {
            Ok(Some(value)) => {
                kept.insert(field.key.clone(), value);
            }
            Ok(None) if field.required && sent(&field.name()) => {
                errors.push(problem(field, "Please fill this in.".into()));
            }
            Ok(None) => {}
            Err(message) => errors.push(problem(field, message)),
        }
    }
    for (key, value) in rest {
        if before.get(&key) == Some(&value) {
            kept.insert(key, value);
        } else if !value.is_null() {
            errors.push(FieldError {
                field: format!("custom.{key}"),
                message: format!("There is no custom field “{key}”."),
            });
        }
    }
    (crate::db::Json(kept), errors)
}

fn problem(field: &CustomField, message: String) -> FieldError {
    FieldError {
        field: field.name(),
        message,
    }
}

type One = Result<Option<Value>, String>;

fn one(field: &CustomField, value: &Value) -> One {
    match field.kind.as_str() {
        "multi_choice" => several(field, value),
        "checkbox" => checkbox(value),
        kind => {
            let Some(text) = text(value)? else {
                return Ok(None);
            };
            single(field, kind, &text, value).map(Some)
        }
    }
}

fn single(field: &CustomField, kind: &str, text: &str, value: &Value) -> Result<Value, String> {
    Ok(match kind {
        "number" => number(text)?,
        // Programs send the minor unit, people the amount.
        "money" => match value.as_i64() {
            Some(minor) => json!(minor),
            None => json!(money(text)?),
        },
        "date" => json!(
            text.parse::<NaiveDate>()
                .map_err(|_| "Please enter a date such as 2026-05-31.")?
        ),
        "choice" => {
            let known = field.choices.iter().find(|c| c.as_str() == text);
            json!(
                known
                    .ok_or_else(|| format!("Please choose one of {}.", field.choices.join(", ")))?
            )
        }
        "url" => json!(values::web_address(text)?),
        "email" => json!(values::email(text)?),
        "phone" => json!(values::text(text, 40)?),
        "person" | "record" => json!(
            text.parse::<Uuid>()
                .map_err(|_| "Please choose one from the list.")?
        ),
        "long_text" => json!(within(text, LONGEST_LONG_TEXT)?),
        _ => json!(within(text, LONGEST_TEXT)?),
    })
}

/// The value as text without blanks around it; a list gives its last, since the hidden twin of a field comes first.
fn text(value: &Value) -> Result<Option<String>, String> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(items) => return items.last().map_or(Ok(None), self::text),
        Value::Object(_) => return Err("This is not a single value.".into()),
    };
    Ok(Some(text).filter(|t| !t.is_empty()))
}

fn within(text: &str, longest: usize) -> Result<&str, String> {
    if text.chars().count() > longest {
        return Err(format!("Please use at most {longest} characters."));
    }
    Ok(text)
}

fn number(text: &str) -> Result<Value, String> {
    let number = values::number(text, None).map_err(|_| "Please enter a number.")?;
    let whole = number.to_i64().map(Number::from);
    let number = whole.or_else(|| Number::from_f64(number.to_f64()));
    number
        .map(Value::Number)
        .ok_or_else(|| "Please enter a number.".into())
}

/// An amount as people write it, in its minor unit.
pub fn money(text: &str) -> Result<i64, String> {
    let (amount, _) =
        values::money(text, None).map_err(|_| "Please enter an amount such as 1,250.50.")?;
    amount
        .minor_units(2)
        .ok_or_else(|| "Please enter an amount with at most two decimals.".into())
}

fn checkbox(value: &Value) -> One {
    if let Value::Bool(yes) = value {
        return Ok(Some(json!(yes)));
    }
    match text(value)? {
        None => Ok(None),
        Some(text) if text == "on" => Ok(Some(json!(true))),
        Some(text) => values::boolean(&text)
            .map(|yes| Some(json!(yes)))
            .map_err(|_| "Please answer yes or no.".into()),
    }
}

fn several(field: &CustomField, value: &Value) -> One {
    let items: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| text(item).transpose())
            .collect::<Result<_, _>>()?,
        one => text(one)?.into_iter().collect(),
    };
    let mut chosen: Vec<String> = Vec::new();
    for item in items.into_iter().take(MOST_CHOICES) {
        if !field.choices.contains(&item) {
            return Err(format!("Please choose from {}.", field.choices.join(", ")));
        }
        if !chosen.contains(&item) {
            chosen.push(item);
        }
    }
    Ok((!chosen.is_empty()).then(|| json!(chosen)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Json;

    fn field(key: &str, kind: &str, choices: &[&str]) -> CustomField {
        CustomField {
            id: Uuid::nil(),
            record_kind: "contact".into(),
            key: key.into(),
            label: key.into(),
            kind: kind.into(),
            choices: choices.iter().map(|c| (*c).into()).collect(),
            required: false,
            help: String::new(),
            position: 0,
            target: String::new(),
            sought_at: None,
            indexed_at: None,
        }
    }

    fn kept(field: &CustomField, value: Value) -> Result<Value, String> {
        let typed = Json(Map::from_iter([(field.key.clone(), value)]));
        let (kept, errors) = read([field].into_iter(), &typed, &Custom::default(), |_| true);
        match errors.into_iter().next() {
            Some(error) => Err(error.message),
            None => Ok(kept.0.get(&field.key).cloned().unwrap_or(Value::Null)),
        }
    }

    #[test]
    fn each_type_is_kept_in_its_own_shape() {
        let choices = ["Sail", "Motor"];
        for (kind, typed, expected) in [
            ("text", json!(" Ida "), json!("Ida")),
            ("number", json!("12,5"), json!(12.5)),
            ("number", json!(7), json!(7)),
            ("money", json!("1,250.50"), json!(125_050)),
            ("money", json!(125_050), json!(125_050)),
            ("date", json!("2026-05-31"), json!("2026-05-31")),
            ("choice", json!("Sail"), json!("Sail")),
            ("multi_choice", json!(["", "Sail", "Sail"]), json!(["Sail"])),
            ("multi_choice", json!(""), Value::Null),
            ("checkbox", json!(["", "true"]), json!(true)),
            ("checkbox", json!(false), json!(false)),
            ("url", json!("example.com"), json!("https://example.com")),
            ("text", json!("  "), Value::Null),
        ] {
            assert_eq!(
                kept(&field("f", kind, &choices), typed.clone()),
                Ok(expected),
                "{kind} {typed}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (kind, typed) in [
            ("number", json!("many")),
            ("money", json!("a lot")),
            ("date", json!("31.5.")),
            ("choice", json!("Row")),
            ("multi_choice", json!(["Row"])),
            ("checkbox", json!("perhaps")),
            ("email", json!("nobody")),
            ("person", json!("Bob")),
            ("text", json!({"a": 1})),
        ] {
            assert!(kept(&field("f", kind, &["Sail"]), typed).is_err(), "{kind}");
        }
    }

    #[test]
    fn values_of_fields_out_of_use_stay_and_unknown_ones_are_refused() {
        let before = Json(Map::from_iter([("old".into(), json!("x"))]));
        let (kept, errors) = read([].into_iter(), &before, &before, |_| true);
        assert_eq!((kept, errors.len()), (before.clone(), 0));
        let typed = Json(Map::from_iter([("new".into(), json!("x"))]));
        let (_, errors) = read([].into_iter(), &typed, &before, |_| true);
        assert_eq!(errors[0].message, "There is no custom field “new”.");
    }
}
