//! Campaigns in a list: what they are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::list_queries;
use platform::records::list::Sort;
use platform::records::{Cells, Listed, Shown};

use super::campaign::Campaign;
use super::form::Status;

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "campaigns.name"),
        Field::column("status", "Status", Choice, "campaigns.status").choices(Status::options()),
        Field::column("subject", "Subject", Text, "campaigns.subject"),
        Field::column("sender_name", "Sender", Text, "campaigns.sender_name"),
        Field::column("owner_id", "Owner", Person, "campaigns.owner_id"),
        Field::column(
            "scheduled_at",
            "Scheduled",
            DateTime,
            "campaigns.scheduled_at",
        ),
        Field::column("started_at", "Started", DateTime, "campaigns.started_at"),
        Field::column("finished_at", "Finished", DateTime, "campaigns.finished_at"),
        Field::column("created_at", "Created", DateTime, "campaigns.created_at"),
        Field::column("updated_at", "Changed", DateTime, "campaigns.updated_at"),
    ]
}

impl Listed for Campaign {
    type Row = Campaign;
    const ABOUT: &'static str =
        "A campaign sends one template to one segment, and tells who opened it, clicked and left.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &[
        "status",
        "subject",
        "scheduled_at",
        "started_at",
        "updated_at",
    ];

    list_queries!(campaigns);

    fn place(&self, key: &str) -> String {
        match key {
            "name" => self.name.clone(),
            "created_at" => self.created_at.to_rfc3339(),
            _ => self.updated_at.to_rfc3339(),
        }
    }

    fn is_open(&self) -> bool {
        Campaign::is_open(self)
    }

    fn of(row: &Campaign) -> &Campaign {
        row
    }
}

impl Cells for Campaign {
    fn shown(&self, key: &str) -> Shown<'_> {
        match key {
            "status" => Shown::State(self.status.label(), self.status.tone()),
            "subject" if self.subject.is_empty() => Shown::text("As in the template"),
            "subject" => Shown::text(&self.subject),
            "sender_name" => Shown::text(&self.sender_name),
            "owner_id" => Shown::member(self.owner_id),
            "scheduled_at" => Shown::moment(self.scheduled_at),
            "started_at" => Shown::moment(self.started_at),
            "finished_at" => Shown::moment(self.finished_at),
            "created_at" => Shown::Moment(self.created_at),
            "updated_at" => Shown::Moment(self.updated_at),
            _ => Shown::Nothing,
        }
    }
}

pub const SORTS: [Sort; 3] = [
    Sort {
        key: "updated_at",
        column: "campaigns.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "created_at",
        column: "campaigns.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "campaigns.name",
        cast: "text",
    },
];
