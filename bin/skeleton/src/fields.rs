//! What __many__ are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::records::list::Sort;

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "widgets.name"),
        Field::column("description", "Description", LongText, "widgets.description"),
        Field::column("owner_id", "Owner", Person, "widgets.owner_id"),
        Field::column("tags", "Tags", Tags, "widgets.tags"),
        Field::column("created_at", "Created", DateTime, "widgets.created_at"),
        Field::column("updated_at", "Changed", DateTime, "widgets.updated_at"),
    ]
}

pub const SORTS: [Sort; 3] = [
    Sort {
        key: "created_at",
        column: "widgets.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "widgets.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "widgets.name",
        cast: "text",
    },
];

pub const COLUMNS: [&str; 3] = ["owner_id", "tags", "created_at"];
