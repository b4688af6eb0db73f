//! Segments in a list: what they are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Listed, Shown};

use super::form::SegmentKind;
use super::segment::Segment;

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "segments.name"),
        Field::column("kind", "Kind", Choice, "segments.kind").choices(SegmentKind::options()),
        Field::column(
            "description",
            "Description",
            LongText,
            "segments.description",
        ),
        Field::column("owner_id", "Owner", Person, "segments.owner_id"),
        Field::column("created_at", "Created", DateTime, "segments.created_at"),
        Field::column("updated_at", "Changed", DateTime, "segments.updated_at"),
    ]
}

impl Listed for Segment {
    type Row = Segment;
    const ABOUT: &'static str = "A segment is a part of your contacts: everybody whom some conditions find, or a list made by hand.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &["kind", "description", "updated_at"];

    list_queries!(segments);

    fn place(&self, key: &str) -> String {
        match key {
            "name" => self.name.clone(),
            "created_at" => self.created_at.to_rfc3339(),
            _ => self.updated_at.to_rfc3339(),
        }
    }

    fn of(row: &Segment) -> &Segment {
        row
    }
}

impl Cells for Segment {
    fn shown(&self, key: &str) -> Shown<'_> {
        match key {
            "kind" => Shown::State(self.kind.label(), ""),
            "description" => Shown::long(&self.description),
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
        column: "segments.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "created_at",
        column: "segments.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "segments.name",
        cast: "text",
    },
];
