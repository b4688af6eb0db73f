//! Workspaces: what surrounds everybody's work in one of them.

pub mod brand;
pub mod home;
pub mod live;
pub mod notifications;
pub mod search;
