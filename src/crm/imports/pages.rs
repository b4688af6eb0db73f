//! The pages of imports.

use askama::Template;
use chrono_tz::Tz;
use platform::live::Bar;
use platform::tabular::mapping::Guess;
use platform::web::{Crumb, Form, Page, filters};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::fields::{self, Custom, OWN};
use super::import::{Import, Preview, State};
use super::plan::{Dates, Duplicates, NEW, Plan, SKIP, Unreadable};
use super::problem::{self, Problem};
use super::progress;
use super::reading::shortened;
use crate::crm::contacts::LifecycleStage;

type Choices = Vec<(&'static str, &'static str)>;

fn crumbs(base: &str, here: Option<&str>) -> Vec<Crumb> {
    let contacts = base.trim_end_matches("/imports");
    let mut crumbs = vec![Crumb::to("Contacts", contacts)];
    match here {
        None => crumbs.push(Crumb::here("Imports")),
        Some(here) => {
            crumbs.push(Crumb::to("Imports", base));
            crumbs.push(Crumb::here(here));
        }
    }
    crumbs
}

#[derive(Template, Serialize)]
#[template(path = "crm/imports/index.html")]
pub struct Index {
    pub items: Vec<Import>,
    #[serde(skip)]
    pub base: String,
    #[serde(skip)]
    pub zone: Tz,
    #[serde(skip)]
    pub may_create: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Imports".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        crumbs(&self.base, None)
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
}

/// The file itself comes another way; this holds what was wrong with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Chosen {}

#[derive(Template, Serialize)]
#[template(path = "crm/imports/new.html")]
pub struct New {
    pub form: Form<Chosen>,
    #[serde(skip)]
    pub base: String,
}

impl Page for New {
    fn title(&self) -> String {
        "Import contacts".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        crumbs(&self.base, Some("New"))
    }
}

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
        crumbs(&self.base, Some(&self.import.file_name))
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

    fn own(&self) -> Choices {
        OWN.map(|(key, label, _)| (key, label)).to_vec()
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

#[derive(Template, Serialize)]
#[template(path = "crm/imports/show.html", blocks = ["state"])]
pub struct Show {
    #[serde(flatten)]
    pub import: Import,
    #[serde(skip)]
    pub problems: Vec<Problem>,
    #[serde(skip)]
    pub base: String,
    #[serde(skip)]
    pub zone: Tz,
    #[serde(skip)]
    pub may_create: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.import.file_name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        crumbs(&self.base, Some(&self.import.file_name))
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "state").then(|| self.as_state().render())
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.import.id)
    }
    fn bar(&self) -> Bar {
        progress::bar(&self.import)
    }
    fn preview(&self) -> Option<Preview> {
        self.import.preview()
    }
    fn totals(&self) -> Vec<(problem::Outcome, problem::Kind, i64)> {
        match (self.import.state, self.preview()) {
            (State::Checked, Some(preview)) => problem::told(&preview.totals),
            _ => self.import.told(),
        }
    }
    /// The newest come first there.
    fn contacts_url(&self) -> &str {
        self.base.trim_end_matches("/imports")
    }
    /// How long the run took.
    fn took(&self) -> String {
        let (Some(from), Some(to)) = (self.import.started_at, self.import.finished_at) else {
            return String::new();
        };
        let seconds = (to - from).num_milliseconds() as f64 / 1000.0;
        format!("{seconds:.1} s")
    }
    fn sub(&self) -> String {
        let size = size(self.import.size);
        match &self.import.source {
            Some(source) => format!("{size}, exported from {source}"),
            None => size,
        }
    }
    fn more_problems(&self) -> bool {
        let all: i64 = self.totals().iter().map(|(_, _, count)| count).sum();
        all > self.problems.len() as i64
    }
}

fn size(bytes: i64) -> String {
    match bytes {
        ..10_240 => format!("{} bytes", filters::thousands(&bytes.to_string())),
        10_240..10_485_760 => format!("{} kB", bytes / 1024),
        _ => format!("{} MB", bytes / (1024 * 1024)),
    }
}

#[derive(Template, Serialize)]
#[template(path = "crm/imports/problems.html")]
pub struct Problems {
    pub items: Vec<Problem>,
    pub next_cursor: Option<String>,
    #[serde(skip)]
    pub import: Import,
    #[serde(skip)]
    pub base: String,
}

impl Page for Problems {
    fn title(&self) -> String {
        "What was wrong".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = crumbs(&self.base, Some("Problems"));
        let url = format!("{}/{}", self.base, self.import.id);
        crumbs.insert(2, Crumb::to(&self.import.file_name, url));
        crumbs
    }
}

impl Problems {
    fn next(&self) -> String {
        let url =
            |cursor: &String| format!("{}/{}/problems?cursor={cursor}", self.base, self.import.id);
        self.next_cursor.as_ref().map(url).unwrap_or_default()
    }
    fn shown(&self) -> String {
        format!("{} shown", self.items.len())
    }
}
