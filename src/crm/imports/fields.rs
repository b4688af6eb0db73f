//! The fields that columns can go to, and the first guess at which goes where.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::custom::free_key;
use platform::schema::custom_fields;
use platform::tabular::mapping::{self, Destination, Kind, Mapping, Target};
use platform::tabular::{Row, values};
use uuid::Uuid;

use super::plan::{NEW, SKIP};
use super::what::What;
use super::{contacts, records};
use crate::crm::companies::Company;
use crate::crm::deals::Deal;
use crate::crm::tasks::Task;

/// More new fields than this are no fields but somebody's spreadsheet.
const MOST_NEW: usize = 60;
const MOST_CUSTOM: i64 = 500;

/// A field that the workspace added.
#[derive(Clone, Debug)]
pub struct Custom {
    pub key: String,
    pub label: String,
    pub kind: String,
    pub choices: Vec<values::Choice>,
}

impl Custom {
    /// Those of one kind of record.
    pub fn all(tx: &mut Tx, what: What) -> Result<Vec<Custom>> {
        let rows: Vec<(String, String, String, Vec<String>)> = custom_fields::table
            .filter(custom_fields::record_kind.eq(what.key()))
            .filter(custom_fields::archived_at.is_null())
            // These point at other rows, which a file names in no reliable way.
            .filter(custom_fields::type_.ne_all(["person", "record"]))
            .order((custom_fields::position, custom_fields::label))
            .limit(MOST_CUSTOM)
            .select((
                custom_fields::key,
                custom_fields::label,
                custom_fields::type_,
                custom_fields::choices,
            ))
            .load(&mut **tx)?;
        let choice = |text: String| values::Choice::new(text.clone(), text);
        Ok(rows
            .into_iter()
            .map(|(key, label, kind, choices)| Custom {
                key,
                label,
                kind,
                choices: choices.into_iter().map(choice).collect(),
            })
            .collect())
    }

    fn holds(&self) -> Kind {
        match self.kind.as_str() {
            "long_text" => Kind::LongText,
            "number" => Kind::Number,
            "money" => Kind::Money,
            "date" => Kind::Date,
            "choice" => Kind::Choice,
            "multi_choice" => Kind::Choices,
            "checkbox" => Kind::Boolean,
            "url" => Kind::Url,
            "email" => Kind::Email,
            "phone" => Kind::Phone,
            _ => Kind::Text,
        }
    }
}

/// The fields that such a record has itself.
pub fn own(what: What) -> Vec<Target> {
    match what {
        What::Contact => contacts::targets(),
        What::Company => records::targets::<Company>(),
        What::Deal => records::targets::<Deal>(),
        What::Task => records::targets::<Task>(),
    }
}

/// Whether a plan may send a column there.
pub fn is_field(key: &str, own: &[Target], custom: &[Custom]) -> bool {
    if let Some(kind) = key.strip_prefix(NEW) {
        return NEW_TYPES.contains(&kind);
    }
    match key.strip_prefix("custom.") {
        Some(key) => custom.iter().any(|field| field.key == key),
        None => own.iter().any(|target| target.key == key),
    }
}

/// Where each column seems to belong.
pub fn guess(what: What, header: &[String], sample: &[Row], custom: &[Custom]) -> Mapping {
    let further = custom
        .iter()
        .map(|field| Target::new(format!("custom.{}", field.key), &field.label, field.holds()));
    let targets: Vec<Target> = own(what).into_iter().chain(further).collect();
    mapping::guess(header, sample, &targets)
}

/// The guess as the columns of a plan; without the right to make new fields, what is unknown is left out.
pub fn columns(mapping: &Mapping, header: &[String], may_make_fields: bool) -> Vec<String> {
    let mut made = 0;
    let mut key = |destination: &Destination, label: &str| match destination {
        _ if REFUSED.contains(&label) => SKIP.to_owned(),
        Destination::Field { key } => key.clone(),
        Destination::NewField { kind, .. } if may_make_fields && made < MOST_NEW => {
            made += 1;
            format!("{NEW}{}", new_type(*kind))
        }
        Destination::NewField { .. } | Destination::Skip => SKIP.to_owned(),
    };
    let guesses = mapping.columns.iter().zip(header);
    guesses
        .map(|(guess, label)| key(&guess.destination, label))
        .collect()
}

/// The columns that a file of refused rows has before those of the record.
pub const REFUSED: [&str; 2] = ["Row in the file", "Why it was refused"];

/// What new fields can be.
const NEW_TYPES: [&str; 5] = ["text", "long_text", "number", "date", "checkbox"];

/// What a column of that look becomes: text, unless another type would hold all there is.
pub fn new_type(kind: Kind) -> &'static str {
    match kind {
        Kind::LongText => "long_text",
        Kind::Number => "number",
        Kind::Date => "date",
        Kind::Boolean => "checkbox",
        _ => "text",
    }
}

/// Makes the new fields that the plan's columns ask for, and writes their keys into it.
pub fn make_new(
    tx: &mut Tx,
    what: What,
    columns: &mut [String],
    header: &[String],
) -> Result<usize> {
    let known = Custom::all(tx, what)?;
    let mut taken: Vec<(String, String)> = known.into_iter().map(|f| (f.key, f.label)).collect();
    let mut made = 0;
    for (column, label) in columns.iter_mut().zip(header) {
        let Some(kind) = column.strip_prefix(NEW).map(str::to_owned) else {
            continue;
        };
        let label: String = label.chars().take(100).collect();
        if let Some((key, _)) = taken.iter().find(|(_, l)| *l == label) {
            *column = format!("custom.{key}");
            continue;
        }
        let key = free_key(tx, what.key(), &label)?;
        diesel::insert_into(custom_fields::table)
            .values((
                custom_fields::id.eq(Uuid::now_v7()),
                custom_fields::record_kind.eq(what.key()),
                custom_fields::key.eq(&key),
                custom_fields::label.eq(&label),
                custom_fields::type_.eq(kind),
                custom_fields::position.eq(1_000 + made as i32),
            ))
            .execute(&mut **tx)?;
        *column = format!("custom.{key}");
        taken.push((key, label));
        made += 1;
    }
    Ok(made)
}
