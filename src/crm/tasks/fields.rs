//! What tasks are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::records::list::Sort;

use super::about;
use super::choices::{Priority, TaskKind};

pub const OPEN: &str = "open";
pub const DONE: &str = "done";
pub const STATES: [(&str, &str); 2] = [(OPEN, "Open"), (DONE, "Done")];

const STATUS: &str = "(case when tasks.completed_at is null then 'open' else 'done' end)";
const OVERDUE: &str = "(tasks.completed_at is null and coalesce(tasks.due_at < now(), tasks.due_on < \
     (select (now() at time zone w.zone)::date from workspaces w where w.id = tasks.workspace_id), false))";
const REPEATS: &str = "(tasks.repeat <> '')";

/// What stands in the place of a day that nobody has named, after all others.
pub const NEVER: &str = "infinity";

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "tasks.name"),
        Field::column("status", "Status", Choice, STATUS).choices(STATES),
        Field::column("due_on", "Due", Date, "tasks.due_on"),
        Field::column("overdue", "Overdue", Checkbox, OVERDUE).group("Related"),
        Field::column("priority", "Priority", Choice, "tasks.priority")
            .choices(Priority::options()),
        Field::column("kind", "Type", Choice, "tasks.kind").choices(TaskKind::options()),
        Field::column("owner_id", "Assignee", Person, "tasks.owner_id"),
        Field::column("record_id", "About", Record("record"), "tasks.record_id")
            .pointing_at(&about::KINDS, about::PATH),
        Field::column("tags", "Tags", Tags, "tasks.tags"),
        Field::column("remind_at", "Reminder", DateTime, "tasks.remind_at"),
        Field::column("repeat", "Repeats", Text, "tasks.repeat"),
        Field::column("repeats", "Repeats at all", Checkbox, REPEATS).group("Related"),
        Field::column("checklist", "Checklist", Text, "(tasks.checklist::text)").group("Related"),
        Field::column("completed_at", "Done", DateTime, "tasks.completed_at"),
        Field::column("completed_by", "Done by", Person, "tasks.completed_by"),
        Field::column("description", "Description", LongText, "tasks.description"),
        Field::column("created_at", "Created", DateTime, "tasks.created_at"),
        Field::column("updated_at", "Changed", DateTime, "tasks.updated_at"),
    ]
}

pub const SORTS: [Sort; 5] = [
    Sort {
        key: "created_at",
        column: "tasks.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "tasks.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "tasks.name",
        cast: "text",
    },
    Sort {
        key: "due_on",
        column: "tasks.due_by",
        cast: "timestamp",
    },
    Sort {
        key: "priority",
        column: "tasks.urgency",
        cast: "smallint",
    },
];

pub const COLUMNS: [&str; 6] = [
    "status",
    "due_on",
    "priority",
    "kind",
    "record_id",
    "owner_id",
];
