//! What the rules would do: how they would share out records of lately, or those that nobody owns.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::records::facts::capital;
use platform::records::kinds::Kind;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters, link};
use serde::Serialize;
use uuid::Uuid;

use super::handlers::{self, PATH};
use super::rule::Rule;
use super::sharing::Sharing;
use crate::workspaces::settings;
use crate::workspaces::teams::Team;

/// So many records are tried.
const TRIED: i64 = 500;
/// So many of them are shown one by one.
const SHOWN: usize = 50;
/// Beyond this, how many nobody owns is only said to be more.
const COUNTED: i64 = 10_000;

#[derive(QueryableByName)]
struct Record {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// One record, and to whom it would go by which rule.
#[derive(Serialize)]
struct Line {
    id: Uuid,
    title: String,
    /// Empty where no rule is for it.
    person: String,
    rule: String,
}

/// How many somebody, or nobody, would get.
#[derive(Serialize)]
struct Share {
    person: String,
    count: usize,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/assignment/preview.html")]
struct Preview {
    kind: &'static str,
    /// Whether it is about those that nobody owns.
    unowned: bool,
    tried: usize,
    shares: Vec<Share>,
    items: Vec<Line>,
    /// How many nobody owns, up to [`COUNTED`].
    waiting: i64,
    #[serde(skip)]
    plural: &'static str,
    #[serde(skip)]
    collection: &'static str,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_run: bool,
}

impl Page for Preview {
    fn title(&self) -> String {
        format!("What the rules do with {}", self.plural)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let base = format!("{}{PATH}", self.root);
        vec![
            settings::crumb(&base, PATH),
            Crumb::to("Assignment", base),
            Crumb::here("Preview"),
        ]
    }
}

impl Preview {
    fn tab(&self, of: &str) -> String {
        let pairs = [("kind", self.kind), ("of", of)];
        link::filled(&format!("{}{PATH}/preview", self.root), pairs)
    }
    fn run_url(&self) -> String {
        format!("{}{PATH}/runs", self.root)
    }
    fn record_url(&self, line: &Line) -> String {
        format!("{}/{}/{}", self.root, self.collection, line.id)
    }
    fn lead(&self) -> String {
        let which = match self.unowned {
            true => format!("that nobody owns, the newest {TRIED} at most"),
            false => format!("that came last, {TRIED} at most, as if they came anew"),
        };
        format!(
            "{} {which}. Nothing is changed by looking.",
            capital(self.plural)
        )
    }
    fn waiting(&self) -> String {
        match self.waiting > COUNTED {
            true => format!("more than {}", filters::thousands(&COUNTED.to_string())),
            false => filters::thousands(&self.waiting.to_string()),
        }
    }
    fn percent(&self, share: &Share) -> usize {
        let tried = self.tried.max(1);
        (share.count * 100 + tried / 2) / tried
    }
}

pub async fn show(can: Can<See, Team>) -> Result<HttpResponse> {
    let name = can.asked.param("kind").unwrap_or_else(|| "contact".into());
    let kind = handlers::kind(&can, &name)?;
    let unowned = can.asked.param("of").as_deref() == Some("unowned");
    let (setup, scope) = (can.setup.clone(), can.scope(kind.resource(), "view").await?);
    let read = can.tx(move |tx| {
        let rules: Vec<Rule> = Rule::of_kind(tx, kind.name)?;
        let active = rules.into_iter().filter(|rule| rule.active).collect();
        let mut sharing = Sharing::by(tx, &kind, active)?;
        // Whoever may not see all of them sees how they are shared out, and not which they are.
        let all = scope.is_some_and(|scope| scope.owners().is_none());
        let records = records(tx, &kind, unowned)?;
        let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        let given = sharing.decide(tx, &ids)?;
        let given: HashMap<Uuid, _> = given.into_iter().map(|g| (g.record, g)).collect();
        let person = |id: Uuid| setup.person(id).map_or("Somebody", |p| &p.name).to_owned();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut items = Vec::new();
        for record in records {
            let to = given.get(&record.id);
            let name = to.map_or_else(String::new, |g| person(g.person));
            *counts.entry(name.clone()).or_default() += 1;
            if all && items.len() < SHOWN {
                let rule = to.and_then(|g| sharing.rule(g.rule));
                items.push(Line {
                    id: record.id,
                    title: record.title,
                    person: name,
                    rule: rule.map_or_else(String::new, |rule| rule.name.clone()),
                });
            }
        }
        Ok((ids.len(), counts, items, waiting(tx, &kind)?))
    });
    let (tried, counts, items, waiting) = read.await?;
    let mut shares: Vec<Share> = counts
        .into_iter()
        .map(|(person, count)| Share { person, count })
        .collect();
    // Those that go to nobody come last.
    shares.sort_by_key(|s| {
        (
            s.person.is_empty(),
            std::cmp::Reverse(s.count),
            s.person.clone(),
        )
    });
    can.page(Preview {
        kind: kind.name,
        plural: kind.plural,
        collection: kind.collection,
        unowned,
        tried,
        shares,
        items,
        waiting,
        root: can.url(""),
        may_run: can.may("teams", "manage") && can.may(kind.resource(), "edit"),
    })
}

fn records(tx: &mut Tx, kind: &Kind, unowned: bool) -> Result<Vec<Record>> {
    let table = kind.table;
    let which = if unowned { "and owner_id is null" } else { "" };
    Ok(sql_query(format!(
        "select id, ({table}_card({table}.*)).title from {table} where archived_at is null {which} \
         order by created_at desc, id desc limit {TRIED}"
    ))
    .load(&mut **tx)?)
}

fn waiting(tx: &mut Tx, kind: &Kind) -> Result<i64> {
    let counted: Counted = sql_query(format!(
        "select count(*) as rows from (select 1 from {} where archived_at is null and owner_id is null limit {}) s",
        kind.table,
        COUNTED + 1
    ))
    .get_result(&mut **tx)?;
    Ok(counted.rows)
}
