//! Forms in a list: what they are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Listed, Shown};

use super::form::{Status, WebForm};

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "forms.name"),
        Field::column("status", "Status", Choice, "forms.status").choices(Status::options()),
        Field::column("submissions", "Submissions", Number, "forms.submissions").whole(),
        Field::column("closes_at", "Closes", DateTime, "forms.closes_at"),
        Field::column("owner_id", "Owner", Person, "forms.owner_id"),
        Field::column("created_at", "Created", DateTime, "forms.created_at"),
        Field::column("updated_at", "Changed", DateTime, "forms.updated_at"),
    ]
}

impl Listed for WebForm {
    type Row = WebForm;
    const ABOUT: &'static str =
        "A form on your site turns visitors into contacts and starts a sequence of mails.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &["status", "submissions", "updated_at"];

    list_queries!(forms);

    fn place(&self, key: &str) -> String {
        match key {
            "name" => self.name.clone(),
            "updated_at" => self.updated_at.to_rfc3339(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &WebForm) -> &WebForm {
        row
    }
}

impl Cells for WebForm {
    fn shown(&self, key: &str) -> Shown<'_> {
        match key {
            "status" => Shown::State(self.status.label(), self.status.tone()),
            "submissions" => Shown::number(self.submissions),
            "closes_at" => Shown::moment(self.closes_at),
            "owner_id" => Shown::member(self.owner_id),
            "created_at" => Shown::Moment(self.created_at),
            "updated_at" => Shown::Moment(self.updated_at),
            _ => Shown::Nothing,
        }
    }
}

pub const SORTS: [Sort; 3] = [
    Sort {
        key: "created_at",
        column: "forms.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "forms.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "forms.name",
        cast: "text",
    },
];
