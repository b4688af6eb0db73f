//! The pages of imports.

mod columns;

use askama::Template;
use chrono_tz::Tz;
use platform::live::Bar;
use platform::web::{Action, Can, Crumb, Form, Page, filters};
use serde::{Deserialize, Serialize};
use validator::Validate;

pub use columns::Columns;

use super::handlers::{base, may_import};
use super::import::{Import, Preview, State};
use super::problem::{self, Problem};
use super::progress;
use super::what::What;

/// `base` is where the imports of that kind are: `…/deals/imports`.
fn crumbs(base: &str, what: What, here: Option<&str>) -> Vec<Crumb> {
    let list = base.trim_end_matches("/imports");
    let mut crumbs = vec![Crumb::to(what.label(), list)];
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
    /// One kind's alone; none: those of all kinds.
    #[serde(skip)]
    pub what: Option<What>,
    /// The kinds that whoever looks may bring in.
    #[serde(skip)]
    pub may_import: Vec<What>,
    /// The workspace's address.
    #[serde(skip)]
    pub root: String,
    #[serde(skip)]
    pub zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        "Imports".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        match self.what {
            Some(what) => crumbs(&self.base(&what), what, None),
            None => vec![Crumb::here("Imports")],
        }
    }
}

impl Index {
    fn base(&self, what: &What) -> String {
        format!("{}/{}/imports", self.root, what.collection())
    }
    /// Where a new one begins.
    fn new_url(&self) -> Option<String> {
        let asked = self.what.unwrap_or_default();
        let asked = self.may_import.iter().find(|what| **what == asked);
        let what = asked.or(self.may_import.first())?;
        Some(format!("{}/new", self.base(what)))
    }
    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        let all = ("All", format!("{}/imports", self.root), self.what.is_none());
        let each = What::ALL.into_iter();
        let each = each.map(|what| (what.label(), self.base(&what), self.what == Some(what)));
        [all].into_iter().chain(each).collect()
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
    what: What,
    /// What else a file may hold: its name, where such a file is uploaded, and whether it is this one.
    #[serde(skip)]
    kinds: Vec<(&'static str, String, bool)>,
    #[serde(skip)]
    base: String,
}

impl Page for New {
    fn title(&self) -> String {
        format!("Import {}", self.what.kind().plural)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        crumbs(&self.base, self.what, Some("New"))
    }
}

impl New {
    pub fn of<A: Action>(can: &Can<A, Import>, what: What, form: Form<Chosen>) -> New {
        let kinds = What::ALL.into_iter().filter(|kind| may_import(can, *kind));
        let kinds = kinds.map(|kind| {
            let url = format!("{}/new", base(can, kind));
            (kind.label(), url, kind == what)
        });
        New {
            form,
            what,
            kinds: kinds.collect(),
            base: base(can, what),
        }
    }
    fn formats(&self) -> &'static str {
        match self.what {
            What::Contact => ".csv,.tsv,.txt,.xlsx,.vcf,text/csv,text/vcard",
            _ => ".csv,.tsv,.txt,.xlsx,text/csv",
        }
    }
    fn sample(&self) -> &'static str {
        self.what.sample().0
    }
    fn sample_holds(&self) -> &'static str {
        self.what.sample().1
    }
    fn sample_name(&self) -> String {
        format!("{}.csv", self.what.collection())
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
        crumbs(
            &self.base,
            self.import.record_kind,
            Some(&self.import.file_name),
        )
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
    fn what(&self) -> What {
        self.import.record_kind
    }
    /// `Deals added`
    fn counted(&self, done: &str) -> String {
        format!("{} {done}", self.what().label())
    }
    fn see(&self) -> String {
        format!("See the {}", self.import.noun(0))
    }
    /// The newest come first there.
    fn list_url(&self) -> &str {
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
        let mut crumbs = crumbs(&self.base, self.import.record_kind, Some("Problems"));
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
