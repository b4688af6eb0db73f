//! The pages of the audit log.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Event;
use platform::records::kinds::Kinds;
use platform::schema::members;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::filter::AuditFilter;
use super::sign_in::{self, SignIn};
use super::{Audit, entry};
use crate::identity::sessions::Outcome;
use crate::workspaces::settings;

const PATH: &str = "/settings/audit";
const SIGN_INS: &str = "/settings/audit/sign-ins";
const MOST_PEOPLE: i64 = 1_000;

/// What one can filter by, as choices.
struct Choices {
    people: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
}

fn people(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let people: Vec<(Uuid, String)> = members::table
        .order(members::name)
        .limit(MOST_PEOPLE)
        .select((members::person_id, members::name))
        .load(&mut **tx)?;
    Ok(people
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect())
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/audit/index.html", blocks = ["results"])]
struct Index {
    items: Vec<Event>,
    next_cursor: Option<String>,
    #[serde(skip)]
    filter: AuditFilter,
    #[serde(skip)]
    choices: Choices,
    #[serde(skip)]
    kinds: Kinds,
    #[serde(skip)]
    workspace: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_export: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Audit log".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Audit log")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn sign_ins_url(&self) -> String {
        format!("{}/sign-ins", self.base)
    }
    fn from(&self) -> String {
        self.filter
            .from
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
    fn to(&self) -> String {
        self.filter
            .to
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
    fn no_match(&self) -> &'static str {
        match self.filter.is_empty() {
            true => "Nothing has happened here yet.",
            false => "Nothing matches this filter.",
        }
    }
    fn older_url(&self) -> String {
        let before = self.next_cursor.as_deref().and_then(|c| c.parse().ok());
        before.map_or(String::new(), |seq| {
            format!("{}{}", self.base, self.filter.url(Some(seq)))
        })
    }
    fn newest_url(&self) -> String {
        match self.filter.before {
            Some(_) => format!("{}{}", self.base, self.filter.url(None)),
            None => String::new(),
        }
    }
    fn export_url(&self) -> String {
        format!("{}/export{}", self.base, self.filter.url(None))
    }
    fn what(&self, event: &Event) -> String {
        entry::words(&event.kind)
    }
    fn changes(&self, event: &Event) -> Vec<(String, String, String)> {
        entry::changes(event)
    }
    fn tone(&self, event: &Event) -> &'static str {
        match event.kind.rsplit('.').next() {
            Some("denied") => "danger",
            Some("archived" | "deleted" | "deactivated" | "revoked") => "warning",
            _ => "",
        }
    }
    fn who<'a>(&self, event: &'a Event) -> &'a str {
        match event.actor_name.as_str() {
            "" => "Nexus",
            name => name,
        }
    }
    /// The record's page, where the event is about one.
    fn record_url(&self, event: &Event) -> Option<String> {
        let (kind, id) = (event.record_kind.as_deref()?, event.record_id?);
        self.kinds.get(kind)?;
        Some(self.kinds.url(&self.workspace, kind, id))
    }
}

pub async fn index(can: Can<See, Audit>, req: HttpRequest) -> Result<HttpResponse> {
    let filter = AuditFilter::read(req.query_string())?;
    let (asked, zone, json) = (filter.clone(), can.zone, can.asked.json());
    let (mut items, choices) = can
        .tx(move |tx| {
            let items = entry::matching(tx, &asked, zone)?;
            let mut choices = Choices {
                people: Vec::new(),
                kinds: Vec::new(),
            };
            if !json {
                choices.people = people(tx)?;
                choices.kinds = kind_choices(&entry::kinds(tx)?);
            }
            Ok((items, choices))
        })
        .await?;
    let more = items.len() as i64 > filter.limit;
    items.truncate(filter.limit as usize);
    let next = items.last().filter(|_| more).map(|e| e.seq.to_string());
    can.page(Index {
        next_cursor: next,
        items,
        filter,
        choices,
        kinds: can.app.kinds.clone(),
        workspace: can.membership.slug.clone(),
        base: can.url(PATH),
        zone: can.zone,
        may_export: can.may("audit", "export"),
    })
}

/// Each noun before its kinds: all about contacts, then what can happen to them.
fn kind_choices(kinds: &[String]) -> Vec<(String, String)> {
    let mut choices = Vec::new();
    let mut last = "";
    for kind in kinds {
        let noun = kind.split('.').next().unwrap_or_default();
        if noun != last {
            choices.push((noun.to_owned(), format!("{}: all", entry::words(noun))));
            last = noun;
        }
        choices.push((kind.clone(), entry::words(kind)));
    }
    choices
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/audit/sign_ins.html", blocks = ["results"])]
struct SignIns {
    items: Vec<SignIn>,
    next_cursor: Option<String>,
    #[serde(skip)]
    filter: AuditFilter,
    #[serde(skip)]
    people: Vec<(String, String)>,
    #[serde(skip)]
    log: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for SignIns {
    fn title(&self) -> String {
        "Sign-ins".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, SIGN_INS),
            Crumb::to("Audit log", &self.log),
            Crumb::here("Sign-ins"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl SignIns {
    fn from(&self) -> String {
        self.filter
            .from
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
    fn to(&self) -> String {
        self.filter
            .to
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
    fn no_match(&self) -> &'static str {
        match self.filter.is_empty() {
            true => "Nobody has signed in yet.",
            false => "Nothing matches this filter.",
        }
    }
    fn outcomes(&self) -> Vec<(String, String)> {
        let choices = Outcome::CHOICES.iter();
        choices
            .map(|c| (c.key.to_owned(), c.label.to_owned()))
            .collect()
    }
    fn older_url(&self) -> String {
        let before = self.next_cursor.as_deref().and_then(|c| c.parse().ok());
        before.map_or(String::new(), |at| {
            format!("{}{}", self.base, self.filter.url(Some(at)))
        })
    }
    fn newest_url(&self) -> String {
        match self.filter.before {
            Some(_) => format!("{}{}", self.base, self.filter.url(None)),
            None => String::new(),
        }
    }
}

pub async fn sign_ins(can: Can<See, Audit>, req: HttpRequest) -> Result<HttpResponse> {
    let filter = AuditFilter::read(req.query_string())?;
    let (asked, zone) = (filter.clone(), can.zone);
    let (mut items, people) = can
        .tx(move |tx| Ok((sign_in::matching(tx, &asked, zone)?, people(tx)?)))
        .await?;
    let more = items.len() as i64 > filter.limit;
    items.truncate(filter.limit as usize);
    let next = items.last().filter(|_| more);
    can.page(SignIns {
        next_cursor: next.map(|s| s.place().to_string()),
        items,
        filter,
        people,
        log: can.url(PATH),
        base: can.url(SIGN_INS),
        zone: can.zone,
    })
}
