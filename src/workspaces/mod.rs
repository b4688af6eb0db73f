//! Workspaces: what surrounds everybody's work in one of them.

pub mod home;
