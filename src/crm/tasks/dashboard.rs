//! What the dashboard tells of tasks: what is to be done, what is late, what was done; and one's own day.

use chrono::Days;
use diesel::prelude::*;
use platform::Result;
use platform::dashboard::{Asking, Card, Change, Drawn, Figure, Line, Part, count, holds};
use platform::db::Tx;
use platform::schema::tasks;
use serde_json::{Value, json};

use super::lines;
use super::task::Task;

pub const TASKS: Card = Card {
    key: "tasks",
    title: "Tasks",
    text: "What is open, late and for today, and what was done",
    icon: "list-todo",
    needs: "tasks",
    whole: false,
    usual: true,
    load: tasks,
};

pub const DAY_CARD: Card = Card {
    key: "day",
    title: "My day",
    text: "What you have to do today, and what is late",
    icon: "sun",
    needs: "tasks",
    whole: false,
    usual: true,
    load: day,
};

fn tasks(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let open = |more: Option<Value>| {
        let rules = std::iter::once(holds("completed_at", "is_empty")).chain(more);
        asking.seek("task", rules.collect())
    };
    let due = |op: &str| json!({"field": "due_on", "op": op, "value": asking.today});
    let all = open(None)?;
    let late = open(Some(due("before")))?;
    let today = open(Some(due("on")))?;
    let done = asking.seek("task", vec![asking.period.rule("completed_at")])?;
    let before = asking.seek("task", vec![asking.period.before().rule("completed_at")])?;
    let counts = count(tx, &[&all, &late, &today, &done, &before])?;
    let by_due = |url: String| format!("{url}&sort=due_on");
    Ok(Drawn::of(vec![Part::Figures(vec![
        Figure::counted("Open", counts[0], by_due(all.url)),
        Figure::counted("Overdue", counts[1], by_due(late.url)).alarming(),
        Figure::counted("Due today", counts[2], by_due(today.url)),
        Figure::counted("Done", counts[3], done.url).changed(Change::counted(counts[3], counts[4])),
    ])])
    .more("My day", asking.member.url("/tasks/today")))
}

const SHOWN: i64 = 6;

fn day(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    // A day further: a moment may fall on another day where somebody else is.
    let mine: Vec<Task> = tasks::table
        .filter(tasks::owner_id.eq(asking.member.person().id))
        .filter(tasks::archived_at.is_null())
        .filter(tasks::completed_at.is_null())
        .filter(tasks::due_on.le(asking.today + Days::new(1)))
        .order((tasks::due_by, tasks::id))
        .limit(SHOWN * 2)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let zone = asking.member.zone;
    let due = |task: &Task| task.due(zone).is_some_and(|due| due.day <= asking.today);
    let mine = mine.into_iter().filter(due).take(SHOWN as usize).collect();
    let lines = lines::Line::of(tx, &asking.member, mine)?;
    let lines = lines.into_iter().map(|line| Line {
        title: line.task.name.clone(),
        sub: line.about.clone().unwrap_or_default(),
        state: if line.overdue { "Overdue" } else { "" }.into(),
        tone: "danger",
        icon: line.task.kind.icon(),
        end: line.when,
        url: line.url,
    });
    let nothing = "Nothing is due today.";
    let day = asking.member.url("/tasks/today");
    Ok(Drawn::lines(lines.collect(), nothing).more("All of it", day))
}
