//! The key of a custom field, made of its label.

use diesel::prelude::*;

use crate::db::Tx;
use crate::error::Result;
use crate::schema::custom_fields;
use crate::tabular::values;

/// A key like the label that no field has, archived ones included.
pub fn free_key(tx: &mut Tx, kind: &str, label: &str) -> Result<String> {
    let base = slug(label);
    let like = custom_fields::table
        .filter(custom_fields::record_kind.eq(kind))
        .filter(custom_fields::key.like(format!("{base}%")))
        .limit(1_000)
        .select(custom_fields::key);
    let taken: Vec<String> = like.load(&mut **tx)?;
    let mut key = base.clone();
    let mut number = 2;
    while taken.contains(&key) {
        key = format!("{base}_{number}");
        number += 1;
    }
    Ok(key)
}

fn slug(label: &str) -> String {
    let folded = values::text::fold(label);
    let plain = folded
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == ' ');
    let words: String = plain
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("_");
    let words: String = words.chars().take(50).collect();
    match words.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => words,
        Some(_) => format!("field_{words}"),
        None => "field".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_key_is_made_of_the_letters_of_any_label() {
        assert_eq!(slug("Größe (cm)"), "grosse_cm");
        assert_eq!(slug("2024 budget"), "field_2024_budget");
        assert_eq!(slug("李雷"), "field");
    }
}
