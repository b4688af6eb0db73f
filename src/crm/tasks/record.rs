//! The tasks about a record: beside it, and in its timeline.

use askama::Template;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Statement, Tx};
use platform::events::Event;
use platform::records::activities;
use platform::records::kinds::Kind;
use platform::records::timeline::{Aside, Composer, Found, Part, Sought};
use platform::schema::tasks;
use platform::web::can::Member;
use serde_json::json;
use uuid::Uuid;

use super::choices::TaskKind;
use super::lines::Line;
use super::quick::DAYS;
use super::task::Task;

/// Open ones that are looked at, and shown.
const LOOKED_AT: i64 = 100;
const SHOWN: usize = 8;

/// What stands beside a record: its open tasks.
#[derive(Template)]
#[template(path = "crm/tasks/aside.html")]
struct Open<'a> {
    lines: &'a [Line],
    more: bool,
    all_url: String,
    /// The page of the record, and what stands beside it.
    page: String,
    timeline: String,
}

/// One more, from the composer.
#[derive(Template)]
#[template(path = "crm/tasks/compose.html")]
struct Compose {
    action: String,
    new_url: String,
}

impl Compose {
    fn days(&self) -> [(&'static str, &'static str); 4] {
        DAYS
    }
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        TaskKind::options()
    }
}

/// For the rail of any record: the tasks about it that this member may see, and a line for one more.
pub fn beside(tx: &mut Tx, member: &Member, kind: &Kind, record: Uuid) -> Result<Aside> {
    if !member.may("tasks", "view") {
        return Ok(Aside::default());
    }
    let mut open: Vec<Task> = tasks::table
        .filter(tasks::record_id.eq(record))
        .filter(tasks::archived_at.is_null())
        .filter(tasks::completed_at.is_null())
        .order((tasks::due_by, tasks::id))
        .limit(LOOKED_AT)
        .select(Task::as_select())
        .load(&mut **tx)?;
    open.retain(|task| member.may_with("tasks", "view", task.owner_id));
    let mut lines = Line::of(tx, member, open)?;
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    for line in &mut lines {
        // It stands beside what it is about.
        line.about = None;
    }
    let filter = json!({"and": [{"field": "record_id", "op": "is", "value": record}]});
    let at = format!("/records/{}/{record}", kind.name);
    let compose = Compose {
        action: member.url(&format!("{at}/tasks")),
        new_url: member.url(&format!("/tasks/new?record={record}")),
    };
    let part = match lines.is_empty() {
        true => String::new(),
        false => Open {
            lines: &lines,
            more,
            all_url: platform::web::link::filtered(&member.url("/tasks"), &filter),
            page: member.url(&format!("/{}/{record}", kind.collection)),
            timeline: member.url(&format!("{at}/timeline")),
        }
        .render()?,
    };
    let composer = match member.may("tasks", "create") {
        true => Some(Composer {
            key: "task",
            label: "Task",
            icon: "list-todo",
            html: compose.render()?,
        }),
        false => None,
    };
    Ok(Aside { part, composer })
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    verb: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    who: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// The making and the completing of tasks, in the timeline of the record that they are about. They are told from the tasks
/// themselves: one that is moved to another record takes its story along.
pub fn told(
    tx: &mut Tx,
    record: Uuid,
    until: Option<DateTime<Utc>>,
    most: i64,
    sought: &Sought,
) -> Result<Found> {
    if !sought.wants(Part::Tasks) {
        return Ok(Found::default());
    }
    let until = until.unwrap_or(activities::LAST);
    let mut s = Statement::kept();
    s.sql("select * from (");
    part(
        &mut s,
        ["created", "created_by", "created_at"],
        record,
        until,
        most,
        sought,
    );
    s.sql(" union all ");
    part(
        &mut s,
        ["completed", "completed_by", "completed_at"],
        record,
        until,
        most,
        sought,
    );
    s.sql(") t order by at desc limit ").whole(most);
    let told: Vec<Told> = s.load(&mut **tx)?;
    let names = activities::names(tx, told.iter().filter_map(|task| task.who))?;
    let events = told.into_iter().map(|task| {
        let mut event = Event::new(
            &format!("task.{}", task.verb),
            task.who,
            &tx.origin,
            task.at,
        );
        // The same in every look at it, and not that of the task itself, which is told twice.
        event.id = match task.verb.as_str() {
            "created" => task.id,
            _ => Uuid::from_u128(!task.id.as_u128()),
        };
        event.actor_name = task
            .who
            .and_then(|id| names.get(&id).cloned())
            .unwrap_or_else(|| "Nexus".to_owned());
        let verb = match task.verb.as_str() {
            "created" => "added",
            _ => "completed",
        };
        event.with("task", task.id);
        event.with("text", format!("{verb} the task “{}”", task.name));
        event
    });
    Ok(events.collect::<Vec<_>>().into())
}

/// What was done to the tasks about a record, as one of the columns that tell when: `[verb, who, when]`.
fn part(
    s: &mut Statement,
    [verb, who, when]: [&'static str; 3],
    record: Uuid,
    until: DateTime<Utc>,
    most: i64,
    sought: &Sought,
) {
    s.sql(format!(
        "(select id, '{verb}' as verb, name, {who} as who, {when} as at from tasks where record_id = "
    ))
    .id(Some(record))
    .sql(format!(" and {when} < "))
    .at(until);
    if !sought.words.is_empty() {
        s.sql(" and strpos(fold(name), fold(")
            .text(sought.words.clone())
            .sql(")) > 0");
    }
    s.sql(format!(" order by {when} desc, id desc limit "))
        .whole(most)
        .sql(")");
}
