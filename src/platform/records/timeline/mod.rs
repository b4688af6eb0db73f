//! The timeline of a record: what happened to it, newest first, with the notes people wrote.

mod telling;
mod words;

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use telling::Telling;
pub use telling::live;
pub use words::{Change, What, said};

use super::followers;
use super::kinds::{Kind, Kinds};
use super::notes::{Note, Shown as ShownNote};
use super::on::OnRecord;
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::web::can::{self, Member};
use crate::web::{Crumb, Page, Routes, View, filters, link};

const ENTRIES: i64 = 30;
/// The heading that what happens before the reader's eyes joins.
const TODAY: &str = "Today";

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub seq: i64,
    pub id: Uuid,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: What,
    pub note: Option<ShownNote>,
    #[serde(skip)]
    pub icon: &'static str,
    /// The heading of its day, where it is the first of it.
    #[serde(skip)]
    pub day: Option<String>,
    /// It happens before the reader's eyes.
    #[serde(skip)]
    pub now: bool,
}

/// The items of a timeline, and the way to the earlier ones.
#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "records/entries.html")]
pub struct Entries {
    pub items: Vec<Entry>,
    pub earlier: Option<String>,
    #[serde(skip)]
    pub zone: Tz,
}

/// Events of a record that are kept as rows of something else, such as the mails of campaigns: the newest of those
/// before a moment, at most so many.
pub type Elsewhere = fn(&mut Tx, Uuid, Option<DateTime<Utc>>, i64) -> Result<Vec<Event>>;

/// What a timeline is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The events before this one.
    before: Option<i64>,
    /// Of what is kept elsewhere, that before this moment.
    until: Option<DateTime<Utc>>,
    /// The day whose heading stands already.
    day: Option<NaiveDate>,
}

impl Place {
    fn read(query: &str) -> Place {
        let mut place = Place::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "before" => place.before = value.parse().ok(),
                "until" => {
                    place.until = value.parse().ok().and_then(DateTime::from_timestamp_micros)
                }
                "day" => place.day = value.parse().ok(),
                _ => {}
            }
        }
        place
    }

    /// The next events of a record from here on, at most [`ENTRIES`], and whether there are more.
    fn next(
        &mut self,
        tx: &mut Tx,
        kinds: &Kinds,
        kind: &str,
        record: Uuid,
    ) -> Result<(Vec<Event>, bool)> {
        let logged = Event::of_record(tx, record, self.before, ENTRIES + 1)?;
        let mut others = Vec::new();
        for source in kinds.elsewhere(kind) {
            others.extend(source(tx, record, self.until, ENTRIES + 1)?);
        }
        others.sort_by_key(|event| Reverse(event.at));
        let more = logged.len() + others.len() > ENTRIES as usize;
        let (mut logged, mut others) =
            (logged.into_iter().peekable(), others.into_iter().peekable());
        let mut events = Vec::new();
        while events.len() < ENTRIES as usize {
            let later = match (logged.peek(), others.peek()) {
                (Some(event), Some(other)) => other.at > event.at,
                (event, _) => event.is_none(),
            };
            let next = match later {
                true => others.next().inspect(|event| self.until = Some(event.at)),
                false => logged.next().inspect(|event| self.before = Some(event.seq)),
            };
            let Some(next) = next else { break };
            events.push(next);
        }
        Ok((events, more))
    }

    /// The timeline at `path` from here on, as [`Place::read`] reads it.
    fn url(&self, path: &str) -> String {
        let before = self.before.map(|seq| seq.to_string());
        let until = self.until.map(|at| at.timestamp_micros().to_string());
        let day = self.day.map(|day| day.to_string());
        let pairs = [("before", before), ("until", until), ("day", day)];
        let told = pairs.map(|(key, value)| (key, value.unwrap_or_default()));
        link::filled(path, told)
    }
}

impl Entries {
    pub fn load(
        tx: &mut Tx,
        member: &Member,
        kind: &Kind,
        record: Uuid,
        mut place: Place,
    ) -> Result<Entries> {
        let (events, more) = place.next(tx, &member.app.kinds, kind.name, record)?;
        let told = Telling {
            kinds: &member.app.kinds,
            setup: &member.setup,
            kind,
            zone: member.zone,
        };
        let mut items = told.entries(tx, &events, |note| ShownNote::of(member, kind, note))?;
        for entry in &mut items {
            entry.day = heading(entry.at, member.zone, &mut place.day);
        }
        let path = format!("/records/{}/{record}/timeline", kind.name);
        let earlier = more.then(|| place.url(&member.url(&path)));
        Ok(Entries {
            items,
            earlier,
            zone: member.zone,
        })
    }
}

/// The heading above an entry of another day than the one before it.
fn heading(at: DateTime<Utc>, zone: Tz, day: &mut Option<NaiveDate>) -> Option<String> {
    let this = at.with_timezone(&zone).date_naive();
    if *day == Some(this) {
        return None;
    }
    *day = Some(this);
    let today = clock::now().with_timezone(&zone).date_naive();
    Some(match (today - this).num_days() {
        0 => TODAY.to_owned(),
        1 => "Yesterday".to_owned(),
        _ => this.format("%-d %b %Y").to_string(),
    })
}

/// What stands beside a record: the composer of notes, the pinned ones, and the timeline.
#[derive(Clone, Debug, Template, Serialize)]
#[template(path = "records/activity.html")]
pub struct Activity {
    pub entries: Entries,
    pub pinned: Vec<ShownNote>,
    pub following: bool,
    /// `/w/acme/records/contact/{id}`.
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    singular: &'static str,
    #[serde(skip)]
    room: String,
    #[serde(skip)]
    may_note: bool,
}

impl Activity {
    pub fn load(
        tx: &mut Tx,
        member: &Member,
        kind: &Kind,
        record: Uuid,
        place: Place,
    ) -> Result<Activity> {
        let pinned = Note::pinned(tx, record)?.into_iter();
        Ok(Activity {
            entries: Entries::load(tx, member, kind, record, place)?,
            pinned: pinned
                .map(|note| ShownNote::of(member, kind, note))
                .collect(),
            following: followers::follows(tx, record, member.person().id)?,
            url: member.url(&format!("/records/{}/{record}", kind.name)),
            singular: kind.singular,
            room: format!("{}:{record}", kind.name),
            may_note: member.may("notes", "create"),
        })
    }

    /// The list alone, to take the place of the one on the page.
    pub fn refreshed(&self) -> Refreshed<'_> {
        Refreshed {
            entries: &self.entries,
        }
    }
}

#[derive(Template)]
#[template(path = "records/timeline_oob.html")]
pub struct Refreshed<'a> {
    entries: &'a Entries,
}

/// A timeline as a page of its own, for those who read on without JavaScript.
#[derive(Template, Serialize)]
#[template(path = "records/timeline.html")]
struct Timeline {
    #[serde(flatten)]
    activity: Activity,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    list: Crumb,
    #[serde(skip)]
    record: String,
}

impl Page for Timeline {
    fn title(&self) -> String {
        format!("Timeline of {}", self.title)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            self.list.clone(),
            Crumb::to(self.title.clone(), self.record.clone()),
            Crumb::here("Timeline"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "activity" => Some(self.activity.render()),
            "earlier" => Some(self.activity.entries.render()),
            _ => None,
        }
    }
}

pub fn routes(r: &mut Routes) {
    r.get("/records/{kind}/{id}/timeline", show);
}

async fn show(on: OnRecord<can::View>, req: HttpRequest) -> Result<HttpResponse> {
    let place = Place::read(req.query_string());
    let (member, kind, id) = (on.member.clone(), on.kind, on.id);
    let (title, activity) = on
        .record(move |tx, card| {
            let activity = Activity::load(tx, &member, &kind, id, place)?;
            Ok((card.title, activity))
        })
        .await?;
    on.page(Timeline {
        activity,
        title,
        list: Crumb::to(
            super::facts::capital(kind.plural),
            on.url(&format!("/{}", kind.collection)),
        ),
        record: on.page_url(),
    })
}
