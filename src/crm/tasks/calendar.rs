//! The calendar: tasks by the day on which they are due.

use actix_web::HttpResponse;
use chrono::{Days, NaiveTime};
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::list::ListParams;
use platform::records::month::{self, By, Item, MOST, Span, Standing};
use platform::schema::tasks;
use platform::web::Can;
use platform::web::can::{Member, View as See};

use super::lines::Line;
use super::task::Task;

const BY: By = By {
    field: "due_on",
    given: "due",
};

pub async fn show(can: Can<See, Task>) -> Result<HttpResponse> {
    let member = can.member.clone();
    let read = move |tx: &mut Tx, params: &ListParams, span: Span| due(tx, &member, params, span);
    month::show(can, BY, read).await
}

fn due(tx: &mut Tx, member: &Member, params: &ListParams, span: Span) -> Result<Vec<Item>> {
    // A day more on both sides: a moment may fall on another day where somebody else is.
    let (from, to) = (span.first - Days::new(1), span.last + Days::new(2));
    let found: Vec<Task> = tasks::table
        .filter(params.matching(&tx.scope, "tasks"))
        .filter(tasks::due_by.ge(from.and_time(NaiveTime::MIN)))
        .filter(tasks::due_by.lt(to.and_time(NaiveTime::MIN)))
        .order((tasks::due_by, tasks::id))
        .limit(MOST + 1)
        .select(Task::as_select())
        .load(&mut **tx)?;
    let item = |line: Line| {
        let standing = match (line.task.is_done(), line.overdue) {
            (true, _) => Standing::Done,
            (_, true) => Standing::Late,
            _ => Standing::Open,
        };
        Some(Item {
            day: line.task.due(member.zone)?.day,
            time: line.time(),
            url: line.url,
            name: line.task.name,
            standing,
        })
    };
    let lines = Line::of(tx, member, found)?.into_iter();
    Ok(lines.filter_map(item).collect())
}
