//! The work behind the scenes: queues, what was given up, and what runs by the clock (OPS-02, PLT-11).

mod dead;
mod handlers;
pub(in crate::ops) mod queues;
mod schedules;
#[cfg(test)]
mod tests;

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;
use platform::web::can::Member;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;
use platform::web::{Resource, Routes};
use uuid::Uuid;

pub struct Jobs;

impl Resource for Jobs {
    const NAME: &'static str = "jobs";
}

pub const NAV: NavItem =
    crate::routes::nav("Operations", "Jobs", "/operations/jobs", "activity", "jobs");

pub const HELP: &[Topic] = &[crate::routes::topic(
    "jobs",
    "Operations",
    "activity",
    &["/operations/jobs"],
    "jobs",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/operations/jobs", handlers::index)
        .post("/operations/jobs/dead/retry", handlers::retry_all)
        .delete("/operations/jobs/dead", handlers::discard_all)
        .post("/operations/jobs/dead/{id}/retry", handlers::retry)
        .get("/operations/jobs/dead/{id}", handlers::show)
        .delete("/operations/jobs/dead/{id}", handlers::discard)
        .post(
            "/operations/jobs/discarded/{at}/restoration",
            handlers::restore,
        )
        .post("/operations/jobs/queues/{queue}/pause", handlers::pause)
        .delete("/operations/jobs/queues/{queue}/pause", handlers::resume)
        .post("/operations/jobs/schedules/{name}/run", handlers::run_now);
}

/// Whose jobs somebody sees: their workspace's, and with them the installation's own if they look after that.
///
/// The jobs of all workspaces lie in one table that no policy guards, so every statement here goes through this.
#[derive(Clone, Copy)]
struct Mine {
    workspace: Uuid,
    installation: bool,
}

impl Mine {
    fn of(member: &Member) -> Mine {
        Mine {
            workspace: member.membership.workspace_id,
            installation: member.person().super_admin,
        }
    }

    /// The condition on `jobs`. The id is a UUID by type, so it may stand in the text.
    fn jobs(self) -> SqlLiteral<Bool> {
        sql(&self.condition())
    }

    fn condition(self) -> String {
        let workspace = self.workspace;
        match self.installation {
            false => format!("jobs.workspace_id = '{workspace}'"),
            true => format!("(jobs.workspace_id = '{workspace}' or jobs.workspace_id is null)"),
        }
    }
}
