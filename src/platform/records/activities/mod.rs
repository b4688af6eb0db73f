//! Calls, meetings and e-mails that people log on any record. They come by the million and are no records.

mod all;
mod form;
mod handlers;
mod logged;
mod telling;

pub use all::CARD;
pub use form::LoggedForm;
pub use handlers::routes;
pub use logged::{Direction, Logged, LoggedKind, Outcome, Shown};
pub use telling::{LAST, names, told};
