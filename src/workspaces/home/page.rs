//! The start page as it is shown.

use askama::Template;
use chrono::Timelike;
use chrono_tz::Tz;
use platform::Result;
use platform::clock;
use platform::web::can::Member;
use platform::web::{Crumb, Page, filters};
use serde::Serialize;

use super::overview::{Overview, Recent, Work};
use super::trend::{Days, HEIGHT, Trend};
use crate::workspaces::notifications::Notification;

const RECENT: usize = 8;

#[derive(Template, Serialize)]
#[template(path = "workspaces/home/index.html", blocks = ["work"])]
pub struct Home {
    greeting: String,
    today: String,
    news: Vec<Notification>,
    recent: Vec<Place>,
    work: Vec<Under>,
    /// `None` for who may see no contacts.
    trend: Option<Trend>,
    steps: Vec<Step>,
    #[serde(skip)]
    empty: bool,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
}

#[derive(Serialize)]
struct Place {
    #[serde(flatten)]
    record: Recent,
    url: String,
    #[serde(skip)]
    icon: &'static str,
}

/// Work that is under way, in words.
#[derive(Serialize)]
struct Under {
    #[serde(flatten)]
    work: Work,
    url: String,
    label: String,
    detail: String,
}

/// Something to set up once.
#[derive(Serialize)]
struct Step {
    label: &'static str,
    text: &'static str,
    url: String,
    done: bool,
}

impl Home {
    pub fn of(
        member: &Member,
        days: Days,
        news: Vec<Notification>,
        recent: Vec<Recent>,
        overview: Overview,
    ) -> Result<Home> {
        let now = clock::now().with_timezone(&member.zone);
        let name = member.person().name.split_whitespace().next();
        let part = match now.hour() {
            5..=11 => "Good morning",
            12..=17 => "Good afternoon",
            _ => "Good evening",
        };
        let places = recent.into_iter().filter_map(|r| place(member, r));
        let may_see_contacts = member.may("contacts", "view");
        Ok(Home {
            greeting: name.map_or_else(|| part.to_owned(), |name| format!("{part}, {name}")),
            today: now.format("%A, %-d %B").to_string(),
            news,
            recent: places.take(RECENT).collect(),
            trend: may_see_contacts
                .then(|| Trend::of(&days, &overview.counts, &member.url("/contacts"))),
            steps: steps(member, &overview),
            empty: !overview.contacts,
            work: overview
                .work
                .into_iter()
                .map(|w| under(member, w))
                .collect(),
            base: member.url(""),
            zone: member.zone,
        })
    }

    fn done(&self) -> usize {
        self.steps.iter().filter(|s| s.done).count()
    }

    /// Steps are shown until all of them are done.
    fn still_to_do(&self) -> bool {
        self.done() < self.steps.len()
    }

    fn height(&self) -> i64 {
        HEIGHT
    }
}

impl Page for Home {
    fn title(&self) -> String {
        "Home".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Home")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "work").then(|| self.as_work().render())
    }
}

/// Where a record is, if it may still be seen.
fn place(member: &Member, record: Recent) -> Option<Place> {
    let kind = member.app.kinds.get(&record.kind)?;
    member
        .may_with(kind.resource(), "view", record.owner_id)
        .then(|| Place {
            url: member.url(&format!("/{}/{}", kind.collection, record.id)),
            icon: kind.icon,
            record,
        })
}

fn under(member: &Member, work: Work) -> Under {
    let number = |n: i64| filters::thousands(&n.to_string());
    let (path, label, detail) = match (work.kind.as_str(), work.state.as_str()) {
        ("import", state) => {
            let label = match state {
                "checking" => "Checking",
                "undoing" => "Taking back",
                _ => "Importing",
            };
            let share = work.done.saturating_mul(100) / work.total.max(1);
            ("/contacts/imports", label, format!("{} %", share.min(100)))
        }
        ("work", state) => {
            let label = match state {
                "undoing" => "Taking back:",
                _ => "",
            };
            let detail = format!("{} of {}", number(work.done), number(work.total));
            ("/work", label, detail)
        }
        (_, state) => {
            let label = if state == "paused" {
                "Paused"
            } else {
                "Sending"
            };
            let detail = format!("{} of {}", number(work.done), number(work.total));
            ("/campaigns", label, detail)
        }
    };
    Under {
        url: member.url(&format!("{path}/{}", work.id)),
        label: format!("{label} {}", work.name).trim().to_owned(),
        detail,
        work,
    }
}

/// What a new workspace needs, as far as this member can do it.
fn steps(member: &Member, overview: &Overview) -> Vec<Step> {
    let all = [
        (
            ("imports", "create"),
            "Import your contacts",
            "From a file, or from the system you used before.",
            "/contacts/imports/new",
            overview.contacts,
        ),
        (
            ("settings", "edit"),
            "Set the postal address",
            "The law wants it at the foot of every mail.",
            "/settings/workspace",
            overview.address,
        ),
        (
            ("forms", "create"),
            "Create a form",
            "For your site: whoever fills it in becomes a contact.",
            "/forms/new",
            overview.forms,
        ),
        (
            ("members", "create"),
            "Invite a colleague",
            "They see only what their role allows.",
            "/settings/members/new",
            overview.colleagues,
        ),
    ];
    let mine = all
        .into_iter()
        .filter(|(right, ..)| member.may(right.0, right.1));
    mine.map(|(_, label, text, path, done)| Step {
        label,
        text,
        url: member.url(path),
        done,
    })
    .collect()
}
