//! Long work on records that somebody asked for and watches: how far it is, what came of it, how to take it back.

mod asker;
mod door;
mod handlers;
mod selection;
#[allow(clippy::module_inception)]
mod work;

pub use asker::Asker;
pub use door::Door;
pub use selection::Selection;
pub use work::{Gone, KEPT, Lane, State, Work, folder};

use crate::web::Routes;

/// More rows than this are a job's business.
pub const AT_ONCE: i64 = 1_000;

/// Their rooms hear only the person whose work it is.
pub const ROOM: &str = "work";

pub fn routes(r: &mut Routes) {
    r.get("/work", handlers::index)
        .get("/work/{id}", handlers::show)
        .get("/work/{id}/file", handlers::file)
        .post("/work/{id}/stop", handlers::stop)
        .post("/work/{id}/undo", super::bulk::undo);
}
