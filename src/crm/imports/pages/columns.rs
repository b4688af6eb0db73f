//! The page that asks where each column goes.

use askama::Template;
use platform::tabular::mapping::Guess;
use platform::web::{Crumb, Form, Page};
use serde::Serialize;

use super::crumbs;
use crate::crm::contacts::LifecycleStage;
use crate::crm::imports::fields::{self, Custom};
use crate::crm::imports::import::Import;
use crate::crm::imports::plan::{Dates, Duplicates, NEW, Plan, SKIP, Unreadable};
use crate::crm::imports::reading::shortened;
use crate::crm::imports::what::What;

type Choices = Vec<(&'static str, &'static str)>;

/// A column of the file as it is asked about.
#[derive(Serialize)]
pub struct Column {
    pub label: String,
    pub chosen: String,
    pub examples: Vec<String>,
    /// What it would be as a new field.
    #[serde(skip)]
    new: &'static str,
}

#[derive(Template, Serialize)]
#[template(path = "crm/imports/columns.html")]
pub struct Columns {
    pub import: Import,
    pub form: Form<Plan>,
    pub columns: Vec<Column>,
    #[serde(skip)]
    pub owners: Vec<(String, String)>,
    /// Of deals alone.
    #[serde(skip)]
    pub pipelines: Vec<(String, String)>,
    #[serde(skip)]
    pub custom: Vec<Custom>,
    #[serde(skip)]
    pub may_make_fields: bool,
    #[serde(skip)]
    pub base: String,
}

impl Page for Columns {
    fn title(&self) -> String {
        self.import.file_name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        crumbs(&self.base, self.what(), Some(&self.import.file_name))
    }
}

/// Examples are for recognising a column, not for reading it.
const LONGEST_EXAMPLE: usize = 60;
const EXAMPLES: usize = 3;

impl Columns {
    pub fn columns(header: &[String], chosen: &[String], guesses: &[Guess]) -> Vec<Column> {
        let columns = header.iter().zip(guesses).enumerate();
        columns
            .map(|(place, (label, guess))| Column {
                label: label.clone(),
                chosen: chosen
                    .get(place)
                    .cloned()
                    .unwrap_or_else(|| SKIP.to_owned()),
                examples: guess
                    .examples
                    .iter()
                    .take(EXAMPLES)
                    .map(|text| shortened(text, LONGEST_EXAMPLE))
                    .collect(),
                new: fields::new_type(guess.kind),
            })
            .collect()
    }

    fn what(&self) -> What {
        self.import.record_kind
    }
    fn is_of_contacts(&self) -> bool {
        self.what() == What::Contact
    }
    /// `New deals`, as in `Owner of new deals`.
    fn of_new(&self, label: &str) -> String {
        format!("{label} of new {}", self.what().kind().plural)
    }
    fn own(&self) -> Vec<(String, String)> {
        let all = fields::own(self.what()).into_iter();
        all.map(|target| (target.key, target.label)).collect()
    }
    fn further(&self) -> Vec<(String, &str)> {
        let all = self.custom.iter();
        all.map(|field| (format!("custom.{}", field.key), field.label.as_str()))
            .collect()
    }
    /// A column may become a new field as text, and as what it looks like.
    fn new_fields(&self, column: &Column) -> Vec<(String, String)> {
        let mut types = vec!["text"];
        if column.new != "text" {
            types.insert(0, column.new);
        }
        types
            .into_iter()
            .map(|kind| {
                (
                    format!("{NEW}{kind}"),
                    format!(
                        "New field “{}” ({})",
                        shortened(&column.label, 40),
                        kind.replace('_', " ")
                    ),
                )
            })
            .collect()
    }
    fn kept(&self) -> usize {
        self.columns.iter().filter(|c| c.chosen != SKIP).count()
    }
    fn duplicates(&self) -> Choices {
        Duplicates::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn dates(&self) -> Choices {
        Dates::CHOICES.iter().map(|c| (c.key, c.label)).collect()
    }
    fn unreadable(&self) -> Choices {
        Unreadable::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn stages(&self) -> Choices {
        LifecycleStage::CHOICES
            .iter()
            .map(|c| (c.key, c.label))
            .collect()
    }
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.import.id)
    }
}
