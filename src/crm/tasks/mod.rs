//! Tasks: what is to be done, by whom, until when, and about which record.

mod about;
mod acts;
mod calendar;
mod checklist;
mod choices;
mod dashboard;
mod day;
mod due;
mod fields;
mod form;
mod handlers;
mod lines;
mod list;
mod many;
mod quick;
mod record;
mod reminders;
mod repeat;
mod task;
#[cfg(test)]
mod tests;
mod verbs;

use platform::records;
use platform::records::Listed;
use platform::records::archiving::{archive, restore};
use platform::records::kinds::{Kind, Layout, Settable};
use platform::records::listing;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use choices::{Priority, TaskKind};
pub use dashboard::{DAY_CARD, TASKS};
pub use due::zone_of;
pub use form::TaskForm;
pub use record::{beside, told};
pub use reminders::schedules;
pub use task::Task;

pub const KIND: Kind = Kind {
    custom: "tasks.custom",
    fields: fields::fields,
    sorts: &fields::SORTS,
    rows: Some(records::export::rows::<Task>),
    settable: &[Settable::plain("priority"), Settable::plain("kind")],
    each: &[many::COMPLETE],
    layouts: &[Layout {
        label: "Calendar",
        path: "/calendar",
        icon: "calendar",
        keeps: &[],
    }],
    tried: crate::crm::demo::PATH,
    ..crate::routes::kind("task", ["task", "tasks"], "tasks", "list-todo")
};

pub const DAY: NavItem = NavItem {
    keys: "g m",
    ..crate::routes::nav("", "My day", "/tasks/today", "sun", "tasks")
};

pub const NAV: NavItem = NavItem {
    keys: "g k",
    create: Some(("Task", "/tasks/new")),
    ..crate::routes::nav("CRM", "Tasks", "/tasks", "list-todo", "tasks")
};

pub const HELP: &[Topic] = &[
    crate::routes::topic(
        "my-day",
        "Everyday",
        "sun",
        &["/tasks/today"],
        "tasks",
        include_str!("help/day.md"),
    ),
    crate::routes::topic(
        "tasks",
        "CRM",
        "list-todo",
        &["/tasks"],
        "tasks",
        include_str!("help/list.md"),
    ),
    crate::routes::topic(
        "task",
        "CRM",
        "circle-check",
        &["/tasks/*"],
        "tasks",
        include_str!("help/record.md"),
    ),
];

pub fn routes(r: &mut Routes) {
    r.get("/tasks", listing::index::<Task>)
        .lists::<Task>()
        .post("/tasks", handlers::create)
        .takes::<TaskForm>()
        .makes::<Task>()
        .get("/tasks/new", handlers::new)
        .get("/tasks/today", day::show)
        .post("/tasks/today", quick::for_me)
        .takes::<quick::QuickForm>()
        .makes::<Task>()
        .get("/tasks/calendar", calendar::show)
        .get("/tasks/about", about::choices)
        .get("/tasks/{id}", handlers::show)
        .versions::<<Task as Listed>::Row>()
        .get("/tasks/{id}/edit", handlers::edit)
        .patch("/tasks/{id}", handlers::update)
        .takes::<TaskForm>()
        .versions::<Task>()
        .delete("/tasks/{id}", archive::<Task>)
        .does()
        .post("/tasks/{id}/restoration", restore::<Task>)
        .versions::<Task>()
        .post("/tasks/{id}/complete", acts::complete)
        .takes::<acts::Back>()
        .versions::<Task>()
        .post("/tasks/{id}/reopen", acts::reopen)
        .takes::<acts::Back>()
        .versions::<Task>()
        .post("/tasks/{id}/snooze", acts::snooze)
        .takes::<acts::Snooze>()
        .versions::<Task>()
        .post("/tasks/{id}/check", acts::check)
        .takes::<acts::Tick>()
        .versions::<Task>()
        .post("/records/{kind}/{id}/tasks", quick::about)
        .takes::<quick::QuickForm>()
        .makes::<Task>();
    r.post("/tasks/bulk/complete", many::complete_all);
    records::routes_of::<Task>(r);
    records::routes_of_list::<Task>(r);
}
