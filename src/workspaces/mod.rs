//! Workspaces: what surrounds everybody's work in one of them.

pub mod api_keys;
pub mod assignment;
pub mod audit;
pub mod brand;
pub mod chat;
pub mod custom_fields;
pub mod help;
pub mod home;
pub mod live;
pub mod members;
pub mod notifications;
pub mod roles;
pub mod search;
pub mod settings;
pub mod tags;
pub mod teams;
