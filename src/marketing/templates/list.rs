//! E-mail templates in a list: what they are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Listed, Shown};

use super::template::EmailTemplate;

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "email_templates.name"),
        Field::column("subject", "Subject", Text, "email_templates.subject"),
        Field::column("owner_id", "Owner", Person, "email_templates.owner_id"),
        Field::column(
            "created_at",
            "Created",
            DateTime,
            "email_templates.created_at",
        ),
        Field::column(
            "updated_at",
            "Changed",
            DateTime,
            "email_templates.updated_at",
        ),
    ]
}

impl Listed for EmailTemplate {
    type Row = EmailTemplate;
    const ABOUT: &'static str = "A template is what a campaign says: written once, with each reader's name and details filled in.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &["subject", "updated_at"];

    list_queries!(email_templates);

    fn place(&self, key: &str) -> String {
        match key {
            "name" => self.name.clone(),
            "created_at" => self.created_at.to_rfc3339(),
            _ => self.updated_at.to_rfc3339(),
        }
    }

    fn of(row: &EmailTemplate) -> &EmailTemplate {
        row
    }
}

impl Cells for EmailTemplate {
    fn shown(&self, key: &str) -> Shown<'_> {
        match key {
            "subject" => Shown::text(&self.subject),
            "owner_id" => Shown::member(self.owner_id),
            "created_at" => Shown::Moment(self.created_at),
            "updated_at" => Shown::Moment(self.updated_at),
            _ => Shown::Nothing,
        }
    }
}

pub const SORTS: [Sort; 3] = [
    Sort {
        key: "updated_at",
        column: "email_templates.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "created_at",
        column: "email_templates.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "email_templates.name",
        cast: "text",
    },
];
