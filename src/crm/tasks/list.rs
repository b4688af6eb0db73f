//! Tasks in a list, and the names that their ids stand for.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use platform::db::{Fixed, fixed};
use platform::list_queries;
use platform::records::list::{Sort, Spared};
use platform::records::{Cells, Custom, Listed, Shown, Tick};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::fields::{COLUMNS, NEVER, SORTS};
use super::task::Task;

#[derive(Clone, Debug, Queryable, Selectable, Serialize, JsonSchema)]
#[schemars(rename = "TaskRow")]
#[diesel(table_name = tasks, check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[serde(flatten)]
    #[diesel(embed)]
    pub task: Task,
    /// What the record that it is about is called.
    #[diesel(select_expression = fixed(ABOUT), select_expression_type = Fixed<Nullable<Text>>)]
    pub about: Option<String>,
    #[diesel(select_expression = fixed(OWNER), select_expression_type = Fixed<Nullable<Text>>)]
    pub owner: Option<String>,
}

const ABOUT: &str = "(select title from records r where r.workspace_id = tasks.workspace_id and r.id = tasks.record_id)";
const OWNER: &str = "(select name from members m where m.workspace_id = tasks.workspace_id and m.person_id = tasks.owner_id)";

impl Listed for Task {
    type Row = Row;
    const ABOUT: &'static str =
        "Tasks are what is to be done: by whom, until when, and about which record.";
    const SORTS: &'static [Sort] = &SORTS;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const EXPORTED: bool = true;
    const IMPORTED: bool = true;
    const SPARED: &'static [Spared] = &[
        Spared::Name(ABOUT),
        Spared::Name(OWNER),
        Spared::Column("custom"),
    ];

    list_queries!(tasks);

    fn tick(row: &Row) -> Option<Tick> {
        let ticked = row.task.is_done();
        Some(Tick {
            verb: if ticked { "reopen" } else { "complete" },
            label: if ticked {
                "Open it again"
            } else {
                "Mark as done"
            },
            ticked,
            owner: row.task.owner_id,
        })
    }

    fn place(&self, key: &str) -> String {
        match key {
            "updated_at" => self.updated_at.to_rfc3339(),
            "name" => self.name.clone(),
            "priority" => self.priority.urgency().to_string(),
            "due_on" => self.due_by(),
            _ => self.created_at.to_rfc3339(),
        }
    }

    fn of(row: &Row) -> &Task {
        &row.task
    }
}

impl Task {
    /// `due_by`, as PostgreSQL makes it of the day and the time.
    fn due_by(&self) -> String {
        match (self.due_on, self.due_time) {
            (None, _) => NEVER.into(),
            (Some(day), None) => format!("{day} 23:59:59"),
            (Some(day), Some(time)) => format!("{day} {time}"),
        }
    }
}

impl Cells for Row {
    fn shown(&self, key: &str) -> Shown<'_> {
        let t = &self.task;
        match key {
            "name" => Shown::text(&t.name),
            "status" => match t.is_done() {
                true => Shown::State("Done", "success"),
                false => Shown::State("Open", "info"),
            },
            "due_on" => match (t.due_at, t.due_on) {
                (Some(at), _) => Shown::Moment(at),
                (None, day) => day.map_or(Shown::Nothing, Shown::Day),
            },
            "priority" => match t.priority.is_raised() {
                true => Shown::State(t.priority.label(), t.priority.tone()),
                false => Shown::text(t.priority.label()),
            },
            "kind" => Shown::text(t.kind.label()),
            "owner_id" => Shown::member(t.owner_id),
            "record_id" => Shown::linked(t.record_id),
            "tags" => Shown::tags(&t.tags),
            "remind_at" => Shown::moment(t.remind_at),
            "repeat" => t
                .repeats()
                .map_or(Shown::Nothing, |words| Shown::Text(words.into())),
            "checklist" => match t.ticked() {
                (_, 0) => Shown::Nothing,
                (done, all) => Shown::Text(format!("{done} of {all}").into()),
            },
            "completed_at" => Shown::moment(t.completed_at),
            "completed_by" => Shown::member(t.completed_by),
            "description" => Shown::long(&t.description),
            "created_at" => Shown::Moment(t.created_at),
            "updated_at" => Shown::Moment(t.updated_at),
            _ => Shown::Nothing,
        }
    }

    fn records(&self) -> Vec<Uuid> {
        self.task.record_id.into_iter().collect()
    }

    fn custom(&self) -> &Custom {
        &self.task.custom
    }
}
