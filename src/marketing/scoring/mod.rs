//! Lead scoring: points for what contacts are and do, how warm that makes them, and from when on they are another stage.

mod counting;
mod explanation;
mod form;
mod handlers;
mod jobs;
mod rule;
mod settings;
mod telling;
#[cfg(test)]
mod tests;

use platform::jobs::Registry;
use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub const NAV: NavItem =
    crate::routes::nav("Marketing", "Lead scoring", "/scoring", "gauge", "scoring");

pub const HELP: &[Topic] = &[crate::routes::topic(
    "scoring",
    "Marketing",
    "gauge",
    &["/scoring", "/contacts/*/score"],
    "scoring",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/scoring", handlers::index)
        .post("/scoring", handlers::create)
        .get("/scoring/new", handlers::new)
        .patch("/scoring/levels", settings::update)
        .post("/scoring/runs", jobs::start)
        .get("/scoring/{id}", handlers::edit)
        .patch("/scoring/{id}", handlers::update)
        .delete("/scoring/{id}", handlers::remove)
        .get("/contacts/{id}/score", explanation::show);
}

pub fn jobs(registry: Registry) -> Registry {
    registry
        .job::<jobs::CountScores>()
        .schedule(jobs::of_changes())
        .schedule(jobs::of_all())
}
