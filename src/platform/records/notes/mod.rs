//! Notes on any record.

mod handlers;
mod note;
pub mod rich;

pub use handlers::{back, routes};
pub use note::{Note, NoteForm, Shown};
