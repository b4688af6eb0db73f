//! What is in the demo data: the forms of its records, and by which names they are linked. Every address is below `.example`.

use platform::records::activities::LoggedForm;
use platform::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Counts;
use crate::crm::companies::CompanyForm;
use crate::crm::contacts::ContactForm;
use crate::crm::deals::DealForm;
use crate::crm::tasks::TaskForm;

#[derive(Deserialize)]
pub struct Company {
    /// The company above it, which stands before it.
    pub parent: Option<String>,
    #[serde(flatten)]
    pub form: CompanyForm,
}

#[derive(Deserialize)]
pub struct Contact {
    pub company: Option<String>,
    #[serde(flatten)]
    pub form: ContactForm,
}

/// How far a deal is: in which of the open stages, or how it ended.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Place {
    Open(usize),
    Ended(String),
}

#[derive(Deserialize)]
pub struct Deal {
    pub company: String,
    pub contact: String,
    pub stage: Place,
    /// In so many days.
    pub closes_in: i64,
    #[serde(flatten)]
    pub form: DealForm,
}

#[derive(Deserialize)]
pub struct Task {
    pub about: Option<String>,
    /// In so many days.
    pub due_in: i64,
    #[serde(default)]
    pub done: bool,
    #[serde(flatten)]
    pub form: TaskForm,
}

#[derive(Deserialize)]
pub struct Activity {
    pub about: String,
    pub hours_ago: i64,
    #[serde(flatten)]
    pub form: LoggedForm,
}

pub struct Set {
    pub companies: Vec<Company>,
    pub contacts: Vec<Contact>,
    pub deals: Vec<Deal>,
    pub tasks: Vec<Task>,
    pub activities: Vec<Activity>,
}

impl Set {
    pub fn read() -> Result<Set> {
        Ok(Set {
            companies: part(include_str!("set/companies.json"))?,
            contacts: part(include_str!("set/contacts.json"))?,
            deals: part(include_str!("set/deals.json"))?,
            tasks: part(include_str!("set/tasks.json"))?,
            activities: part(include_str!("set/activities.json"))?,
        })
    }

    /// Every tag that something in it has.
    pub fn tags(&self) -> Vec<String> {
        let companies = self.companies.iter().flat_map(|one| &one.form.tags);
        let contacts = self.contacts.iter().flat_map(|one| &one.form.tags);
        let deals = self.deals.iter().flat_map(|one| &one.form.tags);
        companies.chain(contacts).chain(deals).cloned().collect()
    }

    pub fn counts(&self) -> Counts {
        Counts {
            contacts: self.contacts.len(),
            companies: self.companies.len(),
            deals: self.deals.len(),
            tasks: self.tasks.len(),
            activities: self.activities.len(),
        }
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    serde_json::from_str(text).map_err(Error::internal)
}
