//! The timeline of a record: what happened to it, newest first, with the notes people wrote.

mod telling;
mod words;

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
use super::kinds::Kind;
use super::notes::{Note, Shown as ShownNote};
use super::on::OnRecord;
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::web::can::{self, Member};
use crate::web::{Crumb, Page, Routes, View, filters};

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

/// What a timeline is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The events before this one.
    before: Option<i64>,
    /// The day whose heading stands already.
    day: Option<NaiveDate>,
}

impl Place {
    fn read(query: &str) -> Place {
        let mut place = Place::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "before" => place.before = value.parse().ok(),
                "day" => place.day = value.parse().ok(),
                _ => {}
            }
        }
        place
    }
}

impl Entries {
    pub fn load(
        tx: &mut Tx,
        member: &Member,
        kind: &Kind,
        record: Uuid,
        place: Place,
    ) -> Result<Entries> {
        let mut events = Event::of_record(tx, record, place.before, ENTRIES + 1)?;
        let more = events.len() as i64 > ENTRIES;
        events.truncate(ENTRIES as usize);
        let last = events.last().map(|event| (event.seq, event.at));
        let told = Telling {
            kinds: &member.app.kinds,
            setup: &member.setup,
            kind,
            zone: member.zone,
        };
        let mut items = told.entries(tx, &events, |note| ShownNote::of(member, kind, note))?;
        let mut day = place.day;
        for entry in &mut items {
            entry.day = heading(entry.at, member.zone, &mut day);
        }
        let earlier = last.filter(|_| more).map(|(seq, at)| {
            let day = at.with_timezone(&member.zone).date_naive();
            let path = format!("/records/{}/{record}/timeline", kind.name);
            member.url(&format!("{path}?before={seq}&day={day}"))
        });
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
