//! The pages of the help.

use actix_web::{HttpResponse, web};
use askama::Template;
use platform::web::can::{Member, View as See};
use platform::web::help::Help;
use platform::web::{Can, Crumb, Page, View};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Manual;
use crate::workspaces::home::{self, HIDING};

/// What fills the panel beside a page.
const PANEL: &str = "help-body";

/// Longer than anything that is looked for.
const LONGEST: usize = 100;

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct Entry {
    title: String,
    section: &'static str,
    text: String,
    url: String,
    #[serde(skip)]
    icon: &'static str,
}

impl Entry {
    fn of(member: &Member, help: &Help) -> Entry {
        Entry {
            title: help.title.clone(),
            section: help.topic.section,
            text: help.lead.clone(),
            url: url(member, help),
            icon: help.topic.icon,
        }
    }
}

fn url(member: &Member, help: &Help) -> String {
    member.url(&format!("/help/{}", help.topic.key))
}

#[derive(Serialize)]
struct Section {
    label: &'static str,
    items: Vec<Entry>,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/help/index.html", blocks = ["results"])]
struct Index {
    query: String,
    sections: Vec<Section>,
    /// Whether this member put the first steps of the start page away.
    #[serde(skip)]
    hidden: bool,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    base: String,
}

impl Index {
    fn hiding_url(&self) -> String {
        format!("{}{HIDING}", self.root)
    }
}

impl Page for Index {
    fn title(&self) -> String {
        "Help".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Help")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            PANEL => Some(Contents { page: self }.render()),
            _ => None,
        }
    }
}

/// All topics beside a page.
#[derive(Template)]
#[template(path = "workspaces/help/contents.html")]
struct Contents<'a> {
    page: &'a Index,
}

pub async fn index(can: Can<See, Manual>, query: web::Query<Query>) -> Result<HttpResponse> {
    let kept = query.q.chars().filter(|c| !c.is_control());
    let query: String = kept.take(LONGEST).collect();
    let topics = can.app.navigation.topics();
    let mut sections: Vec<Section> = Vec::new();
    for help in topics.search(&query, |topic| can.reads(topic)) {
        // What was looked for stands in one list, the best first.
        let label = match query.trim().is_empty() {
            true => help.topic.section,
            false => "",
        };
        let entry = Entry::of(&can, help);
        match sections.iter_mut().find(|section| section.label == label) {
            Some(section) => section.items.push(entry),
            None => sections.push(Section {
                label,
                items: vec![entry],
            }),
        }
    }
    can.page(Index {
        query,
        sections,
        hidden: can.tx(home::are_hidden).await?,
        root: can.url(""),
        base: can.url("/help"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/help/show.html")]
struct Show {
    title: String,
    html: String,
    section: &'static str,
    #[serde(skip)]
    beside: String,
    #[serde(skip)]
    base: String,
    /// The other topics of its section.
    #[serde(skip)]
    others: Vec<Entry>,
}

impl Page for Show {
    fn title(&self) -> String {
        format!("{} · Help", self.title)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Help", &self.base), Crumb::here(&self.title)]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == PANEL).then(|| Beside { page: self }.render())
    }
}

/// The same beside the screen that it explains.
#[derive(Template)]
#[template(path = "workspaces/help/beside.html")]
struct Beside<'a> {
    page: &'a Show,
}

/// `/w/{workspace}/help/{topic}`.
pub async fn show(
    can: Can<See, Manual>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (_, key) = path.into_inner();
    let topics = can.app.navigation.topics();
    let help = topics.find(&key).filter(|help| can.reads(&help.topic));
    let help = help.ok_or(Error::NotFound)?;
    let others = topics.all().iter().filter(|other| {
        other.topic.section == help.topic.section
            && other.topic.key != help.topic.key
            && can.reads(&other.topic)
    });
    can.page(Show {
        title: help.title.clone(),
        html: help.html(&can.url("")),
        section: help.topic.section,
        beside: help.in_panel(&can.url("")),
        others: others.map(|other| Entry::of(&can, other)).collect(),
        base: can.url("/help"),
    })
}
