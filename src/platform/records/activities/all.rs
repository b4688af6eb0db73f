//! The calls, meetings and e-mails of everybody, or of some, in a period: what the dashboard counts, and the list of it.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::logged::LoggedKind;
use crate::dashboard::{Asked, Asking, Card, Change, Drawn, Figure, Part};
use crate::db::{Scope, Statement, Tx};
use crate::error::Result;
use crate::records::list::{COUNTED, Cursor, Total};
use crate::records::notes::Note;
use crate::web::can::{Can, View as See};
use crate::web::{Crumb, Page, View, filters, link};

pub const CARD: Card = Card {
    key: "activities",
    title: "Activities",
    text: "The calls, meetings and e-mails that were logged",
    icon: "phone",
    needs: "notes",
    whole: false,
    usual: true,
    load: card,
};

const AT_ONCE: usize = 50;

/// The condition on a row `a` of `activities`. They are seen by whoever sees the record that they are on.
fn matching(
    asking: &Asking,
    kind: Option<LoggedKind>,
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
) -> Statement {
    let mut s = Statement::default();
    s.sql("a.at >= ").at(starts).sql(" and a.at < ").at(ends);
    if let Some(kind) = kind {
        s.sql(format!(" and a.kind = '{}'", kind.key()));
    }
    match asking.who.people(asking.member.person().id).as_deref() {
        None => {}
        // One is looked up in the order of time.
        Some([one]) => _ = s.sql(" and a.author_id = ").id(Some(*one)),
        Some(people) => {
            s.sql(" and a.author_id = any(")
                .ids(Some(people.to_vec()))
                .sql(")");
        }
    }
    let kinds = asking.member.app.kinds.all();
    let reach = |scope: &Scope| matches!(scope, Scope::All);
    let all = kinds
        .iter()
        .all(|kind| asking.scopes.get(kind.resource()).is_some_and(reach));
    if all {
        return s;
    }
    s.sql(
        " and exists (select from records r where r.workspace_id = a.workspace_id and r.id = a.record_id and (false",
    );
    for kind in kinds {
        let Some(scope) = asking.scopes.get(kind.resource()) else {
            continue;
        };
        s.sql(format!(" or (r.kind = '{}'", kind.name));
        if let Some(owners) = scope.owners() {
            s.sql(" and r.owner_id = any(")
                .ids(Some(owners.to_vec()))
                .sql(")");
        }
        s.sql(")");
    }
    s.sql("))");
    s
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = Array<BigInt>)]
    counts: Vec<i64>,
}

fn count(tx: &mut Tx, all: Vec<Statement>) -> Result<Vec<Total>> {
    let mut s = Statement::default();
    s.sql("select array[");
    for (at, one) in all.into_iter().enumerate() {
        s.sql(if at > 0 { ", " } else { "" })
            .sql("(select count(*) from (select 1 from activities a where ")
            .all(one)
            .sql(format!(" limit {}) counted)", COUNTED + 1));
    }
    s.sql("] as counts");
    let counts: Counts = s.get_result(&mut **tx)?;
    let total = |count: i64| Total {
        count: count.min(COUNTED),
        exact: count <= COUNTED,
    };
    Ok(counts.counts.into_iter().map(total).collect())
}

fn card(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let kinds = [
        (LoggedKind::Call, "Calls"),
        (LoggedKind::Meeting, "Meetings"),
        (LoggedKind::Email, "E-mails"),
    ];
    let (now, before) = (
        asking.span(&asking.period),
        asking.span(&asking.period.before()),
    );
    let all = kinds.iter().flat_map(|(kind, _)| {
        [now, before].map(|(starts, ends)| matching(asking, Some(*kind), starts, ends))
    });
    let counts = count(tx, all.collect())?;
    let figures = kinds
        .iter()
        .zip(counts.chunks(2))
        .map(|((kind, label), counts)| {
            let url = url(asking, Some(*kind));
            Figure::counted(label, counts[0], url).changed(Change::counted(counts[0], counts[1]))
        });
    let parts = vec![Part::Figures(figures.collect())];
    Ok(Drawn::of(parts).more("All activities", url(asking, None)))
}

fn url(asking: &Asking, kind: Option<LoggedKind>) -> String {
    let pairs = [
        ("kind", kind.map_or("", LoggedKind::key).to_owned()),
        ("from", asking.period.from.to_string()),
        ("to", asking.period.to.to_string()),
        ("who", asking.who.key()),
    ];
    link::filled(&asking.member.url("/activities"), pairs)
}

#[derive(Debug, QueryableByName, Serialize)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    record_id: Uuid,
    #[diesel(sql_type = Text)]
    record_kind: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(Template, Serialize)]
#[template(path = "records/activities.html")]
struct Index {
    items: Vec<Row>,
    total: Total,
    next_cursor: Option<String>,
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    kind: Option<LoggedKind>,
    #[serde(skip)]
    collections: HashMap<&'static str, &'static str>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    next: String,
}

impl Page for Index {
    fn title(&self) -> String {
        "Activities".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Activities")]
    }
}

impl Index {
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        LoggedKind::options()
    }
    fn chosen(&self, key: &str) -> bool {
        self.kind.is_some_and(|kind| kind.key() == key)
    }
    fn label(&self, row: &Row) -> &'static str {
        let kind = LoggedKind::parse(&row.kind).unwrap_or_default();
        kind.label()
    }
    fn direction(&self, row: &Row) -> &'static str {
        let direction = super::logged::Direction::parse(&row.direction);
        direction.unwrap_or_default().label()
    }
    fn url(&self, row: &Row) -> String {
        let known = self.collections.get(row.record_kind.as_str());
        let collection = known.copied().unwrap_or("records");
        format!("{}/{collection}/{}", self.base, row.record_id)
    }
}

pub async fn index(can: Can<See, Note>) -> Result<HttpResponse> {
    let (asking, problem) = Asking::read(&can.member).await?;
    let cursor = can.asked.param("cursor").filter(|text| !text.is_empty());
    let after = cursor
        .map(|text| Cursor::decode(&text)?.moment())
        .transpose()?;
    let kind = can.asked.param("kind");
    let kind = kind.and_then(|kind| LoggedKind::parse(&kind));
    let (mut items, total, asked, here) = can
        .tx(move |tx| {
            let asking = &asking;
            let (starts, ends) = asking.span(&asking.period);
            let all = count(tx, vec![matching(asking, kind, starts, ends)])?;
            let mut s = Statement::default();
            // Of each kind the newest, which the index has in their order; then the newest of those.
            s.sql(
                "select a.id, a.record_id, r.kind as record_kind, r.title, a.kind, a.direction, a.subject, a.at, \
                 coalesce(m.name, '') as author from (values ('call'), ('meeting'), ('email')) k (kind) \
                 cross join lateral (select a.* from activities a where a.kind = k.kind and ",
            )
            .all(matching(asking, kind, starts, ends));
            if let Some((at, id)) = after {
                s.sql(" and (a.at, a.id) < (")
                    .at(at)
                    .sql(", ")
                    .id(Some(id))
                    .sql(")");
            }
            s.sql(format!(
                " order by a.at desc, a.id desc limit {}) a \
                 join records r on r.workspace_id = a.workspace_id and r.id = a.record_id \
                 left join members m on m.workspace_id = a.workspace_id and m.person_id = a.author_id \
                 order by a.at desc, a.id desc limit {}",
                AT_ONCE + 1,
                AT_ONCE + 1
            ));
            let rows: Vec<Row> = s.load(&mut **tx)?;
            let asked = Asked::of(tx, asking, problem)?;
            Ok((rows, all[0], asked, url(asking, kind)))
        })
        .await?;
    let more = items.len() > AT_ONCE;
    items.truncate(AT_ONCE);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|row| Cursor::at(row.at.to_rfc3339(), row.id, false).encode());
    let next = next_cursor
        .as_ref()
        .map(|cursor| format!("{here}&cursor={cursor}"));
    let kinds = can.app.kinds.all().iter();
    let page = Index {
        items,
        total,
        next_cursor,
        next: next.unwrap_or_default(),
        collections: kinds.map(|kind| (kind.name, kind.collection)).collect(),
        base: can.url(""),
        zone: can.zone,
        kind,
        asked,
    };
    can.page_with(page.asked.status(), page)
}
