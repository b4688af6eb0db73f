//! The fields of a contact that columns can go to.

use platform::tabular::mapping::{Kind, Target};

pub fn targets() -> Vec<Target> {
    let all = OWN.into_iter().map(|(key, label, kind)| {
        let target = Target::new(key, label, kind);
        match key {
            "description" => target.alias("notes").alias("note").alias("comments"),
            _ => target,
        }
    });
    all.collect()
}

const OWN: [(&str, &str, Kind); 27] = [
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
