//! The fields of a contact that columns can go to, and the first guess at which goes where.

use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::custom::free_key;
use platform::schema::custom_fields;
use platform::tabular::mapping::{self, Destination, Kind, Mapping, Target};
use platform::tabular::{Row, values};
use uuid::Uuid;

use super::plan::{NEW, SKIP};

/// More new fields than this are no fields but somebody's spreadsheet.
const MOST_NEW: usize = 60;
const MOST_CUSTOM: i64 = 500;

pub const OWN: [(&str, &str, Kind); 27] = [
    ("first_name", "First name", Kind::Text),
    ("last_name", "Last name", Kind::Text),
    ("full_name", "Whole name", Kind::Text),
    ("email", "E-mail", Kind::Email),
    ("email_2", "Further e-mail", Kind::Email),
    ("email_3", "Third e-mail", Kind::Email),
    ("phone", "Phone", Kind::Phone),
    ("mobile", "Mobile phone", Kind::Phone),
    ("phone_2", "Further phone", Kind::Phone),
    ("job_title", "Job title", Kind::Text),
    ("company", "Company", Kind::Reference),
    ("website", "Company's website", Kind::Url),
    ("lifecycle_stage", "Life-cycle stage", Kind::Choice),
    ("lead_status", "Lead status", Kind::Choice),
    ("lead_source", "Lead source", Kind::Choice),
    ("owner", "Owner", Kind::Reference),
    ("tags", "Tags", Kind::Tags),
    ("birthday", "Birthday", Kind::Date),
    ("street", "Street", Kind::Text),
    ("street_2", "Street, second line", Kind::Text),
    ("city", "City", Kind::Text),
    ("region", "Region", Kind::Text),
    ("postal_code", "Postcode", Kind::Text),
    ("country", "Country", Kind::Text),
    ("email_opt_in", "Agreed to e-mail", Kind::Boolean),
    ("email_opt_out", "Unsubscribed from e-mail", Kind::Boolean),
    ("description", "Notes about them", Kind::LongText),
];

/// A field that the workspace added.
#[derive(Clone, Debug)]
pub struct Custom {
    pub key: String,
    pub label: String,
    pub kind: String,
    pub choices: Vec<values::Choice>,
}

impl Custom {
    pub fn all(tx: &mut Tx) -> Result<Vec<Custom>> {
        let rows: Vec<(String, String, String, Vec<String>)> = custom_fields::table
            .filter(custom_fields::record_kind.eq("contact"))
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

/// Where each column seems to belong.
pub fn guess(header: &[String], sample: &[Row], custom: &[Custom]) -> Mapping {
    let own = OWN.map(|(key, label, kind)| {
        let target = Target::new(key, label, kind);
        if key == "description" {
            target.alias("notes").alias("note").alias("comments")
        } else {
            target
        }
    });
    let further = custom
        .iter()
        .map(|field| Target::new(format!("custom.{}", field.key), &field.label, field.holds()));
    let targets: Vec<Target> = own.into_iter().chain(further).collect();
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

/// The columns that a file of refused rows has before those of the person.
pub const REFUSED: [&str; 2] = ["Row in the file", "Why it was refused"];

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
pub fn make_new(tx: &mut Tx, columns: &mut [String], header: &[String]) -> Result<usize> {
    let known = Custom::all(tx)?;
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
        let key = free_key(tx, "contact", &label)?;
        diesel::insert_into(custom_fields::table)
            .values((
                custom_fields::id.eq(Uuid::now_v7()),
                custom_fields::record_kind.eq("contact"),
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
