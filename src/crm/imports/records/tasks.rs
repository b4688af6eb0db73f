//! Tasks: known by their name, what they are about and when they are due; what they are about is named.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Date, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Imported;
use super::field::{Field, Named, To};
use super::staged::Staged;
use crate::crm::imports::what::What;
use crate::crm::tasks::{Priority, Task, TaskKind};

const DONE: &str = "done";
const ABOUT: Named = Named::About(&["contact", "company", "deal"]);
const CONTACT: Named = Named::About(&["contact"]);
const COMPANY: Named = Named::About(&["company"]);
const DEAL: Named = Named::About(&["deal"]);

impl Imported for Task {
    const WHAT: What = What::Task;

    const FIELDS: &'static [Field] = &[
        Field::new("name", "Name", To::Text("name")).called(&[
            "task",
            "task name",
            "task title",
            "title",
            "subject",
            "to do",
            "aufgabe",
        ]),
        Field::new("done", "Status", To::Done).called(&["task status", "completed", "state"]),
        Field::new("due", "Due", To::DayAndTime("due_on", "due_time"))
            .called(&["due date", "due on", "deadline", "fällig"]),
        Field::new(
            "priority",
            "Priority",
            To::Choice("priority", Priority::CHOICES),
        ),
        Field::new("kind", "Type", To::Choice("kind", TaskKind::CHOICES)).called(&["task type"]),
        Field::new("owner", "Assignee", To::Owner).called(&["assigned to", "task owner"]),
        Field::new("about", "About", To::Named(ABOUT)).called(&[
            "related to",
            "regarding",
            "record",
        ]),
        Field::new("contact", "About a contact", To::Named(CONTACT)).called(&[
            "contact",
            "associated contact",
            "contact email",
            "person",
        ]),
        Field::new("company", "About a company", To::Named(COMPANY)),
        Field::new("deal", "About a deal", To::Named(DEAL)).called(&[
            "deal",
            "associated deal",
            "opportunity",
        ]),
        Field::new("remind_at", "Reminder", To::Moment("remind_at")).called(&["reminder date"]),
        Field::new("tags", "Tags", To::Tags),
        Field::new("description", "Description", To::Lines("description")).called(&[
            "notes",
            "comments",
            "task notes",
        ]),
        Field::new("id", "Nexus ID", To::Id),
    ];

    fn key(staged: &Staged) -> String {
        let about = staged.named.iter();
        let about = about.map(|(_, cell)| staged.cells[*cell].text.to_lowercase());
        match staged.id {
            Some(id) => id.to_string(),
            None => format!(
                "{}\n{}\n{}",
                staged.text("name").to_lowercase(),
                staged.text("due_on"),
                about.collect::<Vec<_>>().join("\n")
            ),
        }
    }

    fn known(tx: &mut Tx, typed: &Map<String, Value>) -> Result<(Vec<Uuid>, &'static str)> {
        let text = |field: &str| typed.get(field).and_then(Value::as_str).unwrap_or_default();
        let about: Option<Uuid> = text("record_id").parse().ok();
        let due: Option<chrono::NaiveDate> = text("due_on").parse().ok();
        let found: Vec<Found> = sql_query(
            "select id from tasks where archived_at is null and record_id = $2 and due_on is not distinct from $3
               and fold(name) = fold($1)
             union all
             select id from tasks where archived_at is null and $2 is null and record_id is null
               and due_on is not distinct from $3 and name = $1
             limit 2",
        )
        .bind::<Text, _>(text("name").trim())
        .bind::<Nullable<SqlUuid>, _>(about)
        .bind::<Nullable<Date>, _>(due)
        .load(&mut **tx)?;
        let found = found.into_iter().map(|row| row.id);
        Ok((found.collect(), "name, subject and day"))
    }

    fn finish(&self, tx: &mut Tx, staged: &Staged, _: &[Uuid]) -> Result<()> {
        match staged.done {
            Some(true) => self.complete(tx).map(drop),
            Some(false) => self.reopen(tx).map(drop),
            None => Ok(()),
        }
    }

    fn beside(&self, _: &mut Tx) -> Result<Map<String, Value>> {
        Ok(Map::from_iter([(DONE.to_owned(), json!(self.is_done()))]))
    }

    fn put_back(&self, tx: &mut Tx, _: &str, old: &Value) -> Result<()> {
        match old.as_bool() {
            Some(true) => self.complete(tx).map(drop),
            _ => self.reopen(tx).map(drop),
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}
