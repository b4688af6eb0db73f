//! What a workspace says to many, and how the many answer.

mod footer;
pub mod forms;
pub mod sequences;

pub use footer::footer;
