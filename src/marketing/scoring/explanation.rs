//! Where the points of one contact come from.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Timestamptz};
use platform::Result;
use platform::db::{Statement, Tx};
use platform::events::Event;
use platform::records::Editable;
use platform::records::timeline::said;
use platform::schema::events;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::counting::Rules;
use super::rule::{Rule, RuleKind, signed};
use crate::crm::contacts::{Contact, Temperature};

/// So many happenings of a rule are named; the others are only counted.
const NAMED: usize = 10;

/// One reason for points: `+10 opened a mail of Spring on 3 May`.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub points: i32,
    pub rule: String,
    pub words: String,
    pub at: Option<DateTime<Utc>>,
}

impl Line {
    fn signed(&self) -> String {
        signed(self.points)
    }
}

#[derive(Template, Serialize)]
#[template(path = "marketing/scoring/explanation.html", blocks = ["score"])]
struct Explanation {
    score: i32,
    temperature: Temperature,
    items: Vec<Line>,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    record: String,
    #[serde(skip)]
    list: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Explanation {
    fn title(&self) -> String {
        format!("Score of {}", self.name)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Contacts", &self.list),
            Crumb::to(&self.name, &self.record),
            Crumb::here("Score"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "score").then(|| self.as_score().render())
    }
}

impl Explanation {
    /// What the reasons add up to, which is never below nothing.
    fn sum(&self) -> i32 {
        self.items
            .iter()
            .map(|line| line.points)
            .sum::<i32>()
            .max(0)
    }
    /// It has changed since it was last counted.
    fn lags(&self) -> bool {
        self.sum() != self.score
    }
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Array<Bool>)]
    holds: Vec<bool>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    heard: Option<DateTime<Utc>>,
}

/// The reasons, those that hold first, then what happened, then silence.
pub fn lines(tx: &mut Tx, contact: Uuid) -> Result<Vec<Line>> {
    let rules = Rules::load(tx)?;
    let mut s = Statement::default();
    s.sql("select array[");
    for (at, (_, predicate)) in rules.of_fields().enumerate() {
        s.sql(if at > 0 { ", (" } else { "(" })
            .holds(predicate.clone())
            .sql(") is true");
    }
    s.sql("]::bool[] as holds, greatest(contacts.last_activity_at, contacts.created_at) as heard from contacts where contacts.id = ")
        .id(Some(contact));
    let held: Held = s.get_result(&mut **tx)?;
    let mut all: Vec<Line> = rules
        .of_fields()
        .zip(&held.holds)
        .filter(|(_, holds)| **holds)
        .map(|((rule, _), _)| Line {
            points: rule.points,
            rule: rule.name.clone(),
            words: rule.name.clone(),
            at: None,
        })
        .collect();
    for rule in rules.of_kind(RuleKind::Behaviour) {
        all.extend(happened(tx, rule, contact)?);
    }
    let silent = held.heard.map_or(0, |at| (tx.now - at).num_days().max(0));
    for rule in rules.of_kind(RuleKind::Decay) {
        let times = (silent / i64::from(rule.every_days)).min(rule.most.into()) as i32;
        if times > 0 {
            all.push(Line {
                points: rule.points * times,
                rule: rule.name.clone(),
                words: format!("nothing heard for {silent} days"),
                at: None,
            });
        }
    }
    Ok(all)
}

/// What a rule counts of what somebody did, the newest first; the oldest beyond the limit of names as one line.
fn happened(tx: &mut Tx, rule: &Rule, contact: Uuid) -> Result<Vec<Line>> {
    let since = rule
        .within_days
        .map(|days| tx.now - TimeDelta::days(days.into()));
    let mut query = events::table
        .filter(events::record_id.eq(contact))
        .filter(events::kind.eq(rule.happening.event()))
        .into_boxed();
    if let Some(since) = since {
        query = query.filter(events::at.gt(since));
    }
    let found: Vec<Event> = query
        .order(events::seq.desc())
        .limit(rule.most.into())
        .select(Event::as_select())
        .load(&mut **tx)?;
    let mut lines: Vec<Line> = found
        .iter()
        .take(NAMED)
        .map(|event| Line {
            points: rule.points,
            rule: rule.name.clone(),
            words: words(event),
            at: Some(event.at),
        })
        .collect();
    let more = found.len().saturating_sub(NAMED) as i32;
    if more > 0 {
        lines.push(Line {
            points: rule.points * more,
            rule: rule.name.clone(),
            words: format!("{more} times before"),
            at: None,
        });
    }
    Ok(lines)
}

fn words(event: &Event) -> String {
    match event.kind.as_str() {
        "form.submitted" => "filled in a form".into(),
        "note.created" => format!("{} wrote a note", event.actor_name),
        kind => said(kind.rsplit('.').next().unwrap_or_default(), &event.data),
    }
}

pub async fn show(can: Can<See, Contact>, Id(id): Id) -> Result<HttpResponse> {
    let (contact, items) = can
        .tx(move |tx| {
            let contact = Contact::find(tx, id)?;
            let items = lines(tx, id)?;
            Ok((contact, items))
        })
        .await?;
    can.page(Explanation {
        score: contact.score,
        temperature: contact.temperature,
        items,
        name: contact.name(),
        record: contact.url(&can),
        list: can.url("/contacts"),
        zone: can.zone,
    })
}
