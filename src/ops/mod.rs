//! How the machine itself is doing.

pub mod doctor;
pub mod health;
pub mod jobs;
pub mod mailbox;
pub mod ping;
pub mod reference;
pub mod styleguide;
