//! The start page as it is shown.

use actix_web::HttpResponse;
use askama::Template;
use chrono::Timelike;
use platform::Result;
use platform::clock;
use platform::dashboard::{Asked, Asking, Drawn};
use platform::db::Tx;
use platform::web::can::{Member, View as See};
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;

use super::Dashboard;
use super::arrangement::{Arrangement, granted};
use super::overview::{self, Overview, Work};
use super::remembered;
use super::steps::{HIDING, Steps};
use crate::crm::demo;

#[derive(Template, Serialize)]
#[template(path = "workspaces/home/index.html", blocks = ["work", "cards"])]
pub struct Home {
    greeting: String,
    today: String,
    period: String,
    compared: String,
    work: Vec<Under>,
    steps: Steps,
    cards: Vec<Shown>,
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    empty: bool,
    #[serde(skip)]
    hidden: bool,
    /// Whether there is demo data, and whether this member may add and remove it.
    demo: bool,
    #[serde(skip)]
    may_try: bool,
    #[serde(skip)]
    base: String,
}

/// A card on the page.
#[derive(Serialize)]
struct Shown {
    key: &'static str,
    title: &'static str,
    whole: bool,
    #[serde(flatten)]
    drawn: Drawn,
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

impl Home {
    fn arrange_url(&self) -> String {
        format!("{}/dashboard/cards", self.base)
    }

    fn hiding_url(&self) -> String {
        self.base.clone() + HIDING
    }

    fn demo_url(&self) -> String {
        self.base.clone() + demo::PATH
    }

    fn still_to_do(&self) -> bool {
        self.steps.are_left() && !self.hidden
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
        match id {
            "work" => Some(self.as_work().render()),
            "cards" => Some(self.as_cards().render()),
            _ => None,
        }
    }
}

pub async fn show(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    let (asking, problem) = Asking::read(&can.member).await?;
    let page = can
        .tx(move |tx| {
            let asked = Asked::of(tx, &asking, problem)?;
            load(tx, &asking, asked)
        })
        .await?;
    can.page_with(page.asked.status(), page)
}

fn load(tx: &mut Tx, asking: &Asking, asked: Asked) -> Result<Home> {
    let member = &asking.member;
    let all = granted(member);
    let Arrangement(places) = Arrangement::mine(tx, &all)?;
    let mut cards = Vec::new();
    for place in places {
        if let Some(card) = all.iter().find(|card| card.key == place.key) {
            cards.push(Shown {
                key: card.key,
                title: card.title,
                whole: place.whole,
                drawn: remembered::drawn(tx, card, asking)?,
            });
        }
    }
    let overview = Overview::load(
        tx,
        &overview::Asked {
            imports: asking.may_view("imports"),
            campaigns: asking.may_view("campaigns"),
            me: member.person().id,
        },
    )?;
    let now = clock::now().with_timezone(&member.zone);
    let name = member.person().name.split_whitespace().next();
    let part = match now.hour() {
        5..=11 => "Good morning",
        12..=17 => "Good afternoon",
        _ => "Good evening",
    };
    Ok(Home {
        greeting: name.map_or_else(|| part.to_owned(), |name| format!("{part}, {name}")),
        today: now.format("%A, %-d %B").to_string(),
        period: asking.period.told(),
        compared: asking.period.before().told(),
        steps: Steps::of(member, &overview),
        empty: !overview.contacts,
        hidden: overview.hidden,
        demo: overview.demo,
        may_try: demo::may_try(member),
        work: overview
            .work
            .into_iter()
            .map(|w| under(member, w))
            .collect(),
        cards,
        asked,
        base: member.url(""),
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
            ("/imports", label, format!("{} %", share.min(100)))
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
