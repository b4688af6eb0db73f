//! Notes on any record.

mod handlers;
mod note;

pub use handlers::{back, routes};
pub use note::{Note, NoteForm, Shown};
