//! The timeline of a record: what happened to it, newest first, with the notes people wrote.

mod activity;
mod aside;
mod place;
mod sought;
mod telling;
mod words;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

pub use activity::Activity;
pub use aside::{Aside, Composer};
pub use place::Place;
pub use sought::{Found, Part, Sought};
use telling::Telling;
pub use telling::live;
pub use words::{Change, What, said};

use super::activities;
use super::kinds::Kind;
use super::notes::Shown as ShownNote;
use super::on::OnRecord;
use crate::clock;
use crate::db::Tx;
use crate::error::Result;
use crate::schema::records;
use crate::web::can::{self, Member};
use crate::web::{Crumb, Page, Routes, View, filters};

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
    pub activity: Option<activities::Shown>,
    /// Whether whoever may change the record can undo it, and then where.
    #[serde(skip)]
    pub undoable: bool,
    #[serde(skip)]
    pub undo: Option<String>,
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
/// before a moment, at most so many, as far as they are sought.
pub type Elsewhere = fn(&mut Tx, Uuid, Option<DateTime<Utc>>, i64, &Sought) -> Result<Found>;

/// What a slice puts beside every record.
pub type Beside = fn(&mut Tx, &Member, &Kind, Uuid) -> Result<Aside>;

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
        let mut items = told.entries(
            tx,
            &events,
            |note| ShownNote::of(member, kind, note),
            |logged| activities::Shown::of(member, kind, logged),
        )?;
        let mut may_edit = member.may(kind.resource(), "edit");
        let undoable = items.iter().any(|entry| entry.undoable);
        // Whoever may change only some of them is asked whose this one is.
        if may_edit && undoable && !member.may_with(kind.resource(), "edit", None) {
            let owner = records::table
                .filter(records::id.eq(record))
                .select(records::owner_id);
            let owner: Option<Option<Uuid>> = owner.first(&mut **tx).optional()?;
            may_edit = member.may_with(kind.resource(), "edit", owner.flatten());
        }
        for entry in &mut items {
            entry.day = heading(entry.at, member.zone, &mut place.day);
            if may_edit && entry.undoable {
                let path = format!("/{}/undo/{}", kind.collection, entry.id);
                entry.undo = Some(member.url(&path));
            }
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
pub fn heading(at: DateTime<Utc>, zone: Tz, day: &mut Option<NaiveDate>) -> Option<String> {
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
            "timeline" => Some(self.activity.as_timeline().render()),
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
