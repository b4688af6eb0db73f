//! What happened to the records that somebody owns or follows (PLT-31).

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::records::facts::capital;
use platform::records::timeline::said;
use platform::schema::{notifications, records};
use platform::web::help::Topic;
use platform::web::{Can, Crumb, Id, Page, Resource, Routes, Toast, View, can, filters};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

#[cfg(test)]
mod tests;

pub struct Notifications;

impl Resource for Notifications {
    const NAME: &'static str = "notifications";
}

pub const HELP: &[Topic] = &[crate::routes::topic(
    "notifications",
    "Everyday",
    "bell",
    &["/notifications"],
    "notifications",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/notifications", index)
        .get("/notifications/{id}", open)
        .post("/notifications/reading", read_all);
}

const SHOWN: i64 = 100;

#[derive(Clone, Debug, Queryable, Serialize)]
pub(crate) struct Notification {
    pub id: Uuid,
    pub kind: String,
    pub title: String,
    pub actor_name: String,
    pub record_id: Option<Uuid>,
    pub read_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl Notification {
    /// `contact.lifecycle_changed` → `moved it to another stage`.
    fn what(&self) -> String {
        let verb = self.kind.split_once('.').map(|(_, verb)| verb);
        match verb.unwrap_or(&self.kind) {
            "created" => "added it".into(),
            "updated" => "changed it".into(),
            "archived" => "archived it".into(),
            "restored" => "brought it back".into(),
            "tagged" => "changed its tags".into(),
            "lifecycle_changed" => "moved it to another stage".into(),
            "sent" => "sent it".into(),
            "became_hot" => "became a hot lead".into(),
            verb => said(verb, &Value::Null),
        }
    }

    /// `Bob Agent moved it to another stage`.
    pub fn sentence(&self) -> String {
        let what = self.what();
        match self.actor_name.as_str() {
            "" => capital(&what),
            // What people did themselves, such as opening a mail.
            who if who == self.title => capital(&what),
            who => format!("{who} {what}"),
        }
    }

    /// Mine, the newest first.
    pub fn of(tx: &mut Tx, person: Uuid, limit: i64) -> Result<Vec<Notification>> {
        Ok(notifications::table
            .filter(notifications::person_id.eq(person))
            .order((notifications::created_at.desc(), notifications::id.desc()))
            .limit(limit)
            .select((
                notifications::id,
                notifications::kind,
                notifications::title,
                notifications::actor_name,
                notifications::record_id,
                notifications::read_at,
                notifications::created_at,
            ))
            .load(&mut **tx)?)
    }

    /// Marks one of mine as read, or all of them.
    fn read(tx: &mut Tx, person: Uuid, id: Option<Uuid>) -> Result<()> {
        let mine = notifications::table
            .filter(notifications::person_id.eq(person))
            .filter(notifications::read_at.is_null());
        let read_at = notifications::read_at.eq(tx.now);
        match id {
            Some(id) => diesel::update(mine.filter(notifications::id.eq(id)))
                .set(read_at)
                .execute(&mut **tx)?,
            None => diesel::update(mine).set(read_at).execute(&mut **tx)?,
        };
        Ok(())
    }
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/notifications/index.html")]
struct Index {
    items: Vec<Notification>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        "Notifications".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Notifications")]
    }
}

impl Index {
    fn unread(&self) -> bool {
        self.items.iter().any(|item| item.read_at.is_none())
    }
    fn work_url(&self) -> String {
        self.base.replace("/notifications", "/work")
    }
}

async fn index(can: Can<can::View, Notifications>) -> Result<HttpResponse> {
    let me = can.me();
    let items = can.tx(move |tx| Notification::of(tx, me, SHOWN)).await?;
    can.page(Index {
        items,
        base: can.url("/notifications"),
        zone: can.zone,
    })
}

/// On to the record, which counts as having read of it.
async fn open(can: Can<can::View, Notifications>, Id(id): Id) -> Result<HttpResponse> {
    let me = can.me();
    let (kind, record, path): (Option<String>, Option<Uuid>, Option<String>) = can
        .write(move |tx| {
            let mine = notifications::table.filter(
                notifications::person_id
                    .eq(me)
                    .and(notifications::id.eq(id)),
            );
            let (record, path): (Option<Uuid>, Option<String>) = mine
                .select((notifications::record_id, notifications::path))
                .first(&mut **tx)?;
            Notification::read(tx, me, Some(id))?;
            let kind = records::table
                .filter(records::id.nullable().eq(record))
                .select(records::kind)
                .first(&mut **tx)
                .optional()?;
            Ok((kind, record, path))
        })
        .await?;
    let url = match (kind, record, path) {
        (Some(kind), Some(id), _) => can.app.kinds.url(&can.membership.slug, &kind, id),
        (_, _, Some(path)) => can.url(&path),
        _ => can.url("/notifications"),
    };
    can.redirect(&url, None)
}

async fn read_all(can: Can<can::Edit, Notifications>) -> Result<HttpResponse> {
    let me = can.me();
    can.tx(move |tx| Notification::read(tx, me, None)).await?;
    can.app.live.send(
        can.membership.workspace_id,
        &format!("me:{me}"),
        platform::live::bell(0),
    );
    can.done(&can.url("/notifications"), Toast::done("All are read"))
}
