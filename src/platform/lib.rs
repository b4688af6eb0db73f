//! What every slice borrows: the fence around a workspace, records, events, forms, pages. It knows no domain.

// Templates and macros name this crate the same way inside it and outside.
extern crate self as platform;

pub mod charts;
pub mod clock;
pub mod config;
pub mod dashboard;
pub mod db;
pub mod documents;
pub mod error;
pub mod events;
pub mod filter;
pub mod http;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod order;
pub mod records;
#[rustfmt::skip]
pub mod schema;
pub mod tabular;
pub mod telemetry;
#[cfg(debug_assertions)]
pub mod testing;
pub mod web;
pub mod words;
pub mod world;

pub use error::{Error, Result};
