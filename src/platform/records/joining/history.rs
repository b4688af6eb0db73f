//! What was merged into a record, and taking it apart again.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::Joined;
use super::undoing::{Decisions, Later, Merge, Undone};
use crate::clock;
use crate::error::{Error, Result};
use crate::filter::{Field, FieldType};
use crate::records::facts::{capital, humanised};
use crate::records::kinds::Kind;
use crate::records::shown::{Names, Shown};
use crate::records::titles::Titles;
use crate::web::can::{Can, Edit};
use crate::web::{Crumb, Form, Id, Page, Toast, View, filters};
use crate::words::listed;

const LISTED: i64 = 100;

#[derive(Template, Serialize)]
#[template(path = "records/merges.html")]
struct Index {
    items: Vec<Merge>,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    now: DateTime<Utc>,
}

impl Page for Index {
    fn title(&self) -> String {
        format!("Merged into {}", self.title)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(capital(self.kind.plural), &self.base),
            Crumb::to(&self.title, &self.url),
            Crumb::here("Merges"),
        ]
    }
}

impl Index {
    fn undo_url(&self, merge: &Merge) -> String {
        format!("{}/merges/{}/undo", self.base, merge.id)
    }
    /// Only the last one that still stands can be undone at once.
    fn can_be_undone(&self, merge: &Merge) -> bool {
        let mut open = self.items.iter().filter(|m| m.undone_at.is_none());
        merge.is_open(self.now) && open.next().is_some_and(|last| last.id == merge.id)
    }
}

pub async fn index<T: Joined>(can: Can<Edit, T>, Id(id): Id) -> Result<HttpResponse> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let (record, items) = can
        .tx(move |tx| Ok((T::find(tx, id)?, Merge::into(tx, id, LISTED)?)))
        .await?;
    can.page(Index {
        items,
        title: record.title(),
        url: record.url(&can),
        base: can.url(&format!("/{}", T::COLLECTION)),
        kind,
        zone: can.zone,
        now: clock::now(),
    })
}

/// What was changed since the merge, in words.
#[derive(Clone, Debug, Serialize)]
struct Question {
    mark: String,
    /// Whose field it is, where it is not that of the record itself.
    of: String,
    label: String,
    now: String,
    was: String,
}

#[derive(Template, Serialize)]
#[template(path = "records/unmerge.html")]
struct Show {
    merge: Merge,
    changed: Vec<Question>,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    now: DateTime<Utc>,
}

impl Page for Show {
    fn title(&self) -> String {
        format!("Merge into {}", self.title)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(capital(self.kind.plural), &self.base),
            Crumb::to(&self.title, &self.url),
            Crumb::here("Merge"),
        ]
    }
}

impl Show {
    fn lead(&self) -> String {
        match self.changed.is_empty() {
            true => format!("{} went into {}.", self.merge.from(), self.title),
            false => "Some of it was changed since. Choose what stays as it is now and what is put back; everything else is put back.".into(),
        }
    }
    fn undo_url(&self) -> String {
        format!("{}/merges/{}/undo", self.base, self.merge.id)
    }
    fn can_be_undone(&self) -> bool {
        self.merge.is_open(self.now)
    }
}

pub async fn show<T: Joined>(can: Can<Edit, T>, Id(id): Id) -> Result<HttpResponse> {
    let (merge, record) = can.tx(move |tx| Merge::find::<T>(tx, id)).await?;
    let page = page::<T>(&can, merge, &record, Vec::new()).await?;
    can.page(page)
}

async fn page<T: Joined>(
    can: &Can<Edit, T>,
    merge: Merge,
    record: &T,
    later: Vec<Later>,
) -> Result<Show> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let own = record.id();
    let ids = later
        .iter()
        .flat_map(|l| [l.now.as_ref(), l.was.as_ref(), l.key.get("id")]);
    let ids: Vec<Uuid> = ids
        .flatten()
        .filter_map(|v| v.as_str()?.parse().ok())
        .collect();
    let app = can.app.clone();
    let titles = can.tx(move |tx| Titles::of(tx, &app.kinds, &ids)).await?;
    let names = Names {
        setup: can.setup.clone(),
        records: titles.0,
    };
    let question = |l: &Later| {
        let kinds = can.app.kinds.all().iter();
        let of_kind = kinds.clone().find(|k| k.table == l.table_name);
        let catalogue = of_kind.map(|k| can.setup.catalogue(k));
        let known = catalogue.as_ref().and_then(|c| {
            let custom = c.get(&format!("custom.{}", l.field));
            c.get(&l.field).or(custom)
        });
        let field = match known {
            Some(field) => (**field).clone(),
            None => Field::column(&l.field, &humanised(&l.field), FieldType::Text, "null"),
        };
        let text = |value: &Option<Value>| {
            let value = value.as_ref().unwrap_or(&Value::Null);
            Shown::of(&field, value, &names).plain(&can.zone)
        };
        let id: Option<Uuid> = l.key.get("id").and_then(|id| id.as_str()?.parse().ok());
        let title = id
            .and_then(|id| names.records.get(&id))
            .map(|(_, t)| t.to_string());
        Question {
            mark: l.mark.clone(),
            of: match id == Some(own) {
                true => String::new(),
                false => title.unwrap_or_else(|| humanised(&l.table_name)),
            },
            label: field.label.clone(),
            now: text(&l.now),
            was: text(&l.was),
        }
    };
    Ok(Show {
        changed: later.iter().map(question).collect(),
        title: record.title(),
        url: record.url(can),
        base: can.url(&format!("/{}", T::COLLECTION)),
        zone: can.zone,
        now: clock::now(),
        merge,
        kind,
    })
}

/// What somebody decided about what was changed since.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Decided {}

pub async fn undo<T: Joined>(
    can: Can<Edit, T>,
    Id(id): Id,
    form: Form<Decided>,
) -> Result<HttpResponse> {
    let mut decisions = Decisions::new();
    if let Some(Value::Object(choices)) = form.raw("choices") {
        for (mark, choice) in choices {
            decisions.insert(mark.clone(), choice == "back");
        }
    }
    let member = can.member.clone();
    let (merge, undone) = can
        .tx(move |tx| {
            let (merge, record) = Merge::find::<T>(tx, id)?;
            if !member.may_with(T::NAME, "archive", record.owner()) {
                return Err(Error::Forbidden(
                    "Taking a merge apart needs the right to archive.".into(),
                ));
            }
            let undone = super::undo::<T>(tx, &merge, &decisions)?;
            Ok((merge, undone))
        })
        .await?;
    match undone {
        Undone::Asked(later) => {
            let record = can.tx(move |tx| Ok(Merge::find::<T>(tx, id)?.1)).await?;
            let page = page::<T>(&can, merge, &record, later).await?;
            asked(&can, page)
        }
        Undone::Done(record) => {
            let workspace = can.membership.workspace_id;
            can.app
                .dispatcher
                .tell_lists(&can.app, workspace, T::COLLECTION);
            let mut titles = merge.from_titles.clone();
            titles.push(record.title());
            let words = format!("{} are apart again", listed(&titles, "and"));
            can.updated(
                &record.url(&can),
                record.version(),
                &record,
                Toast::done(words),
            )
        }
    }
}

/// 409 as a page to choose from, or as a problem document.
fn asked<T: Joined>(can: &Can<Edit, T>, page: Show) -> Result<HttpResponse> {
    if !can.asked.json() {
        return can.page_with(StatusCode::CONFLICT, page);
    }
    Ok(HttpResponse::Conflict()
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .json(json!({
            "type": "about:blank",
            "title": "Some of it was changed since the merge",
            "status": 409,
            "detail": "Say in `choices`, by `mark`, what is put back (\"back\") and what stays as it is now (\"keep\").",
            "request_id": can.origin.request_id,
            "changed": page.changed,
        })))
}
