use super::super::mapping::{Destination, Kind, Mapping, Target, guess};
use super::read;

pub fn targets() -> Vec<Target> {
    let fields = [
        ("first_name", "First name", Kind::Text),
        ("last_name", "Last name", Kind::Text),
        ("full_name", "Full name", Kind::Text),
        ("email", "E-mail", Kind::Email),
        ("email_2", "Second e-mail", Kind::Email),
        ("phone", "Phone", Kind::Phone),
        ("mobile", "Mobile", Kind::Phone),
        ("company", "Company", Kind::Reference),
        ("job_title", "Job title", Kind::Text),
        ("street", "Street", Kind::Text),
        ("city", "City", Kind::Text),
        ("region", "State", Kind::Text),
        ("postal_code", "Postal code", Kind::Text),
        ("country", "Country", Kind::Text),
        ("birthday", "Birthday", Kind::Date),
        ("lifecycle_stage", "Life-cycle stage", Kind::Choice),
        ("lead_source", "Lead source", Kind::Choice),
        ("owner", "Owner", Kind::Reference),
        ("tags", "Tags", Kind::Tags),
        ("email_opt_out", "Opted out of e-mail", Kind::Boolean),
    ];
    fields
        .map(|(key, label, kind)| Target::new(key, label, kind))
        .into()
}

pub fn mapped(text: &str) -> Mapping {
    let found = read(text);
    guess(&found.header, &found.rows, &targets())
}

/// The fields in the order of the columns; `+` for a new field, `-` for a column left out.
pub fn fields(mapping: &Mapping) -> Vec<&str> {
    let columns = mapping.columns.iter();
    columns.map(|guess| name(&guess.destination)).collect()
}

fn name(destination: &Destination) -> &str {
    match destination {
        Destination::Field { key } => key,
        Destination::NewField { .. } => "+",
        Destination::Skip => "-",
    }
}

#[test]
fn plain_headers_are_understood_in_several_spellings() {
    let found = mapped(
        "FIRST_NAME,lastName,E-Mail Address,Cell Phone,Company Name,Zip Code\nJane,Doe,jane@example.com,+1 212 555 0123,Acme,02110\n",
    );
    assert_eq!(
        fields(&found),
        [
            "first_name",
            "last_name",
            "email",
            "mobile",
            "company",
            "postal_code"
        ]
    );
    assert!(found.columns.iter().all(|guess| guess.confidence > 0.9));
    assert_eq!(found.source, None);
}

#[test]
fn other_languages_are_understood() {
    let german = mapped(
        "Vorname;Nachname;E-Mail-Adresse;Telefon;Firma;PLZ;Ort\nJürgen;Groß;j@example.com;030 1234567;Acme;10115;Berlin\n",
    );
    assert_eq!(
        fields(&german),
        [
            "first_name",
            "last_name",
            "email",
            "phone",
            "company",
            "postal_code",
            "city"
        ]
    );
    let french = mapped("Prénom;Nom;Courriel;Ville;Pays\nRené;Dupont;r@example.com;Lyon;France\n");
    assert_eq!(
        fields(&french),
        ["first_name", "last_name", "email", "city", "country"]
    );
    let chinese = mapped("姓,名,邮箱\n李,雷,li@example.com\n");
    assert_eq!(fields(&chinese), ["last_name", "first_name", "email"]);
}

#[test]
fn a_field_is_given_once_and_to_the_best_column() {
    let found =
        mapped("Contact e-mail,Email,Work email\na@example.com,b@example.com,c@example.com\n");
    assert_eq!(
        fields(&found)
            .iter()
            .filter(|field| **field == "email")
            .count(),
        1
    );
    assert_eq!(fields(&found)[1], "email");
}

#[test]
fn slips_of_the_pen_are_forgiven_but_not_other_words() {
    let found = mapped("Frist Name,Last Nmae,Emial,Stage\nJane,Doe,jane@example.com,New\n");
    assert_eq!(
        fields(&found),
        ["first_name", "last_name", "email", "lifecycle_stage"]
    );
    assert!(found.columns[0].confidence < 0.9);
}

#[test]
fn values_speak_for_and_against_a_column() {
    let found = mapped(
        "Kontaktweg,Email\njane@example.com,yes\njoe@example.com,no\nann@example.com,yes\nbob@example.com,no\n",
    );
    assert_eq!(fields(&found), ["email", "+"]);
    assert_eq!(found.columns[1].kind, Kind::Boolean);
}

#[test]
fn unknown_columns_become_fields_of_the_kind_they_hold() {
    let found = mapped(
        "Email,Budget,Renewal,VIP,Sku,Last login,Empty\nja@example.com,\"$1,200.50\",2024-03-01,yes,007,2024-01-02 10:00,\njo@example.com,$80,2024-04-15,no,042,2024-01-03 11:30,\njm@example.com,$95.10,2025-01-31,yes,115,2024-01-04 09:15,\n",
    );
    let kinds: Vec<Kind> = found.columns[1..6].iter().map(|guess| guess.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Money,
            Kind::Date,
            Kind::Boolean,
            Kind::Text,
            Kind::DateTime
        ]
    );
    assert_eq!(fields(&found), ["email", "+", "+", "+", "+", "+", "-"]);
    assert_eq!(found.columns[1].examples, ["$1,200.50", "$80", "$95.10"]);
}
