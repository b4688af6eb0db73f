//! Sequences in a list: what they are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Listed, Shown};

use super::sequence::{Sequence, Status};

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "sequences.name"),
        Field::column("status", "Status", Choice, "sequences.status").choices(Status::options()),
        Field::column(
            "steps",
            "Steps",
            Number,
            "jsonb_array_length(sequences.steps)",
        )
        .whole(),
        Field::column("owner_id", "Owner", Person, "sequences.owner_id"),
        Field::column("created_at", "Created", DateTime, "sequences.created_at"),
        Field::column("updated_at", "Changed", DateTime, "sequences.updated_at"),
    ]
}

impl Listed for Sequence {
    type Row = Sequence;
    const ABOUT: &'static str =
        "A sequence writes to one contact after another: a welcome today, a reminder in two days.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &["status", "steps", "updated_at"];

    list_queries!(sequences);

    fn place(&self, key: &str) -> String {
        match key {
            "name" => self.name.clone(),
            "created_at" => self.created_at.to_rfc3339(),
            _ => self.updated_at.to_rfc3339(),
        }
    }

    fn of(row: &Sequence) -> &Sequence {
        row
    }
}

impl Cells for Sequence {
    fn shown(&self, key: &str) -> Shown<'_> {
        match key {
            "status" => Shown::State(self.status.label(), self.status.tone()),
            "steps" => Shown::number(self.steps().len()),
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
        column: "sequences.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "created_at",
        column: "sequences.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "sequences.name",
        cast: "text",
    },
];
