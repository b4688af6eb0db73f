//! Global search over every kind of record, for the command palette and as a page (PLT-30).

use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use platform::db::Tx;
use platform::records::facts::capital;
use platform::records::list::{tsquery, words_at};
use platform::web::can::Member;
use platform::web::{Can, Crumb, Page, Resource, Routes, View, can};
use platform::{Result, db::Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Whoever may open a workspace may search it; what they find is what they may see.
pub struct Search;

impl Resource for Search {
    const NAME: &'static str = "dashboard";
}

pub fn routes(r: &mut Routes) {
    r.get("/search", index);
}

const IN_PALETTE: i32 = 8;
const ON_PAGE: i32 = 50;
/// Topics of the help.
const TOPICS: usize = 3;

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    q: String,
}

#[derive(Clone, Debug, QueryableByName, Serialize)]
struct Hit {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    subtitle: String,
}

#[derive(Serialize)]
struct Found {
    id: Uuid,
    kind: String,
    title: String,
    subtitle: String,
    url: String,
    #[serde(skip)]
    icon: &'static str,
    /// What such a record is called.
    #[serde(skip)]
    noun: String,
}

impl Found {
    /// What it is, and what is known of it beside its title.
    fn detail(&self) -> String {
        match self.subtitle.as_str() {
            "" => self.noun.clone(),
            subtitle => format!("{} · {subtitle}", self.noun),
        }
    }
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/search/index.html")]
struct Index {
    query: String,
    items: Vec<Found>,
    #[serde(skip)]
    help: Vec<Explained>,
    #[serde(skip)]
    base: String,
}

impl Page for Index {
    fn title(&self) -> String {
        match self.query.as_str() {
            "" => "Search".into(),
            query => format!("Search · {query}"),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Search")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        let (query, items, help) = (&self.query, &self.items, &self.help);
        (id == "palette-results").then(|| Palette { query, items, help }.render())
    }
}

/// The same hits as the palette shows them.
#[derive(Template)]
#[template(path = "workspaces/search/palette.html")]
struct Palette<'a> {
    query: &'a str,
    items: &'a [Found],
    help: &'a [Explained],
}

/// A topic of the help.
struct Explained {
    title: String,
    url: String,
    icon: &'static str,
}

/// The topics that hold what is looked for; nothing is asked for by no word.
fn explained(member: &Member, q: &str) -> Vec<Explained> {
    if q.trim().is_empty() {
        return Vec::new();
    }
    let topics = member.app.navigation.topics();
    let found = topics.search(q, |topic| member.reads(topic)).into_iter();
    found
        .take(TOPICS)
        .map(|help| Explained {
            title: help.title.clone(),
            url: member.url(&format!("/help/{}", help.topic.key)),
            icon: help.topic.icon,
        })
        .collect()
}

async fn index(can: Can<can::View, Search>, query: web::Query<Query>) -> Result<HttpResponse> {
    let q: String = query
        .q
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    let mut scopes = Vec::new();
    for kind in can.app.kinds.all() {
        if let Some(scope) = can.scope(kind.resource(), "view").await? {
            scopes.push((kind.name, scope));
        }
    }
    let limit = if can.asked.htmx { IN_PALETTE } else { ON_PAGE };
    let words = q.clone();
    let hits = can.tx(move |tx| hits(tx, &words, &scopes, limit)).await?;
    let items = hits.into_iter().map(|hit| Found {
        url: can.app.kinds.url(&can.membership.slug, &hit.kind, hit.id),
        icon: can.app.kinds.get(&hit.kind).map_or("circle", |k| k.icon),
        noun: can
            .app
            .kinds
            .get(&hit.kind)
            .map_or_else(String::new, |k| capital(k.singular)),
        id: hit.id,
        kind: hit.kind,
        title: hit.title,
        subtitle: hit.subtitle,
    });
    let items = items.collect();
    can.page(Index {
        items,
        help: explained(&can, &q),
        query: q,
        base: can.url("/search"),
    })
}

const FIELDS: &str = "select r.id, r.kind, r.title, r.subtitle";
/// Kinds seen whole, and kinds of which only some people's records are seen.
const SEEN: &str =
    "r.archived_at is null and (r.kind = any($1) or (r.kind = any($2) and r.owner_id = any($3)))";

/// How many records are looked at one by one, and how many that match are sorted.
const WALKED: i32 = 2_000;
const GATHERED: i32 = 2_000;

/// What begins with these words, the newest first; where nothing does, what is spelled nearly so.
fn hits(tx: &mut Tx, q: &str, scopes: &[(&'static str, Scope)], limit: i32) -> Result<Vec<Hit>> {
    let Some(words) = tsquery(q) else {
        return Ok(Vec::new());
    };
    let whole: Vec<&str> = scopes
        .iter()
        .filter(|(_, s)| s.owners().is_none())
        .map(|(k, _)| *k)
        .collect();
    let some: Vec<&str> = scopes
        .iter()
        .filter(|(_, s)| s.owners().is_some())
        .map(|(k, _)| *k)
        .collect();
    let owners: Vec<Uuid> = scopes
        .iter()
        .filter_map(|(_, s)| s.owners())
        .flatten()
        .copied()
        .collect();
    let ask = |tx: &mut Tx, sql: String, text: &str| -> Result<Vec<Hit>> {
        Ok(diesel::sql_query(sql)
            .bind::<Array<Text>, _>(&whole)
            .bind::<Array<Text>, _>(&some)
            .bind::<Array<SqlUuid>, _>(&owners)
            .bind::<Text, _>(text)
            .bind::<Nullable<diesel::sql_types::Integer>, _>(Some(limit))
            .load(&mut **tx)?)
    };
    let holding = words_at("$4");
    // What is common is soon met among the newest, or else, after a large import of something else, among the oldest; the
    // walk ends with what was wanted.
    for direction in ["desc", "asc"] {
        let walked = format!(
            "{FIELDS} from (select * from records where archived_at is null order by updated_at {direction} limit {WALKED}) r \
             where {SEEN} and (r.search @@ {holding}) is true order by r.updated_at {direction} limit $5"
        );
        let found = ask(tx, walked, &words)?;
        if found.len() as i32 >= limit {
            return Ok(found);
        }
    }
    // What is rare is gathered by its index; there is an end to that, for what is common yet not among the newest.
    let gathered = format!(
        "select * from ({FIELDS}, r.updated_at from records r where {SEEN} and r.search @@ {holding} limit {GATHERED}) f \
         order by f.updated_at desc limit $5"
    );
    let found = ask(tx, gathered, &words)?;
    if !found.is_empty() {
        return Ok(found);
    }
    ask(
        tx,
        format!(
            "{FIELDS} from records r where {SEEN} and r.title % $4 order by similarity(r.title, $4) desc, r.title limit $5"
        ),
        q,
    )
}
