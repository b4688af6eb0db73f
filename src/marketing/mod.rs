//! What a workspace says to many, and how the many answer.

pub mod audience;
pub mod brand;
pub mod campaigns;
pub mod forms;
pub mod scoring;
pub mod segments;
pub mod sequences;
pub mod suppressions;
pub mod templates;
#[cfg(test)]
mod tests;
pub mod topics;
pub mod tracking;
pub mod wanted;
