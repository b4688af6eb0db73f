//! Contacts, companies, and what an agent does with them all day.

pub mod address;
pub mod companies;
pub mod contacts;
pub mod deals;
pub mod demo;
pub mod follow_ups;
pub mod imports;
pub mod pipelines;
pub mod playbooks;
pub mod relationships;
pub mod tasks;
