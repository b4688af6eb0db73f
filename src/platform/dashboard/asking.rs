//! What a card is asked: by whom, about when, and whose records; and how it counts them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use serde_json::{Value, json};
use uuid::Uuid;

use super::asked::Problem;
use super::period::{Bucket, Period, Span, edges};
use super::who::Who;
use crate::clock;
use crate::db::{Scope, Statement, Tx};
use crate::error::{Error, Result};
use crate::filter::{Context, Filter, start_of};
use crate::records::list::{COUNTED, ListParams, Matching, Total};
use crate::web::can::Member;
use crate::web::link;

pub struct Asking {
    pub member: Arc<Member>,
    pub period: Period,
    pub who: Who,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
    /// Which records of each resource the member may view.
    pub scopes: HashMap<&'static str, Scope>,
}

/// Records that a filter finds, and the list of them.
#[derive(Clone, Debug)]
pub struct Sought {
    pub url: String,
    pub table: &'static str,
    pub matching: Matching,
}

impl Asking {
    /// What the address of the request asks. What of it can't be read is told, and something usual shown instead.
    pub async fn read(member: &Arc<Member>) -> Result<(Asking, Option<Problem>)> {
        let kinds = member.app.kinds.all().iter().map(|kind| kind.resource());
        let resources = kinds.chain(["notes", "notifications", "dashboard", "imports"]);
        let now = clock::now();
        let today = now.with_timezone(&member.zone).date_naive();
        let said = |key: &str| member.asked.param(key).unwrap_or_default();
        let period = Period::read(
            &said("period"),
            said("from").trim(),
            said("to").trim(),
            today,
        );
        let who = Who::read(&said("who"), member);
        let problem =
            |field, wrong: Option<&&'static str>| wrong.map(|message| Problem { field, message });
        let problem = problem("from", period.as_ref().err()).or(problem("who", who.as_ref().err()));
        if member.asked.json()
            && let Some(problem) = problem
        {
            return Err(Error::invalid(problem.field, problem.message));
        }
        let asking = Asking {
            scopes: member.scopes(resources, "view").await?,
            period: period.unwrap_or_else(|_| Period::of(Span::Days, today)),
            who: who.unwrap_or(Who::Everybody),
            member: member.clone(),
            today,
            now,
        };
        Ok((asking, problem))
    }

    /// Whom to choose from.
    pub fn people(&self, tx: &mut Tx) -> Result<Vec<(String, String)>> {
        let kinds = self.member.app.kinds.all().iter();
        let scopes = kinds.filter_map(|kind| self.scopes.get(kind.resource()));
        let owners: Option<Vec<&[Uuid]>> = scopes.map(Scope::owners).collect();
        let only = owners.map(|owners| owners.concat());
        Who::choices(tx, &self.member, only.as_deref())
    }

    /// From when on, and until when.
    pub fn span(&self, period: &Period) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = |day| start_of(day, self.member.zone);
        (start(period.from), start(period.to + Days::new(1)))
    }

    /// Those records of a kind for which all of this holds, of the owners that are asked for.
    pub fn seek(&self, kind: &str, mut rules: Vec<Value>) -> Result<Sought> {
        rules.extend(self.who.rule("owner_id"));
        self.seek_of_all(kind, rules)
    }

    /// The same whoever owns them.
    pub fn seek_of_all(&self, kind: &str, rules: Vec<Value>) -> Result<Sought> {
        let kind = self.member.app.kinds.get(kind).ok_or(Error::NotFound)?;
        let list = self.member.url(&format!("/{}", kind.collection));
        let mut params = ListParams::default();
        let mut url = format!("{list}?view=all");
        if !rules.is_empty() {
            let tree = json!({ "and": rules });
            let catalogue = self.member.setup.catalogue(kind);
            let filter = Filter::from_json(&tree, &catalogue).map_err(|problems| {
                let problem = problems.first().map(|p| p.message.clone());
                Error::internal(format!("a card's filter: {}", problem.unwrap_or_default()))
            })?;
            let context = Context {
                now: self.now,
                zone: self.member.zone,
                me: Some(self.member.person().id),
            };
            params.predicate = Some(filter.predicate(&context));
            url = link::filtered(&list, &tree);
        }
        // Who may view none of them finds none.
        let scope = self.scopes.get(kind.resource()).cloned();
        let scope = scope.unwrap_or(Scope::Owners(Vec::new()));
        Ok(Sought {
            url,
            table: kind.table,
            matching: params.matching(&scope, kind.table),
        })
    }

    pub fn may_view(&self, resource: &str) -> bool {
        self.scopes.contains_key(resource)
    }

    pub fn scope(&self, resource: &str) -> Scope {
        let scope = self.scopes.get(resource).cloned();
        scope.unwrap_or(Scope::Owners(Vec::new()))
    }

    /// Where these buckets begin, and the last one ends, on the reader's clock.
    pub fn edges(&self, buckets: &[Bucket]) -> Vec<DateTime<Utc>> {
        edges(buckets, self.member.zone)
    }

    /// The dashboard with what it is asked now, but for `changed`.
    pub fn url(&self, changed: &[(&str, &str)]) -> String {
        let of = |key: &str, now: String| {
            let other = changed.iter().find(|(name, _)| *name == key);
            (key.to_owned(), other.map_or(now, |(_, v)| (*v).to_owned()))
        };
        let own = self.period.span == Span::Own;
        let day = |day: NaiveDate| if own { day.to_string() } else { String::new() };
        let asked = |key: &str| self.member.asked.param(key).unwrap_or_default();
        let pairs = [
            of("period", self.period.span.key().into()),
            of("from", day(self.period.from)),
            of("to", day(self.period.to)),
            of("who", self.who.key()),
            of("currency", asked("currency")),
            of("pipeline", asked("pipeline")),
        ];
        link::filled(&self.member.url(""), pairs)
    }

    /// The currency that sums are shown in first: the one asked for, else the one that most records are in.
    pub fn currency(&self, counted: impl Iterator<Item = (String, i64)>) -> String {
        let asked = self.member.asked.param("currency");
        let mut counts: HashMap<String, i64> = HashMap::new();
        for (currency, count) in counted {
            *counts.entry(currency).or_default() += count;
        }
        if let Some(asked) = asked.filter(|asked| counts.contains_key(asked)) {
            return asked;
        }
        let most = counts
            .into_iter()
            .max_by_key(|(code, n)| (*n, std::cmp::Reverse(code.clone())));
        most.map_or_else(|| self.member.membership.currency.clone(), |(code, _)| code)
    }
}

/// That a field has this value.
pub fn is(field: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "op": "is", "value": value.into()})
}

/// That it has one of these.
pub fn any_of(field: &str, values: &[&str]) -> Value {
    json!({"field": field, "op": "is_any_of", "value": values})
}

/// That an operator without a value holds of it.
pub fn holds(field: &str, op: &str) -> Value {
    json!({"field": field, "op": op})
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = Array<BigInt>)]
    counts: Vec<i64>,
}

/// How many there are of each, as their lists say it, in one statement. One more than is told is counted, so that what
/// they cost is bounded.
pub fn count(tx: &mut Tx, all: &[&Sought]) -> Result<Vec<Total>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut s = Statement::default();
    s.sql("select array[");
    for (at, one) in all.iter().enumerate() {
        s.sql(if at > 0 { ", " } else { "" })
            .sql("(select count(*) from (select 1 from ")
            .sql(one.table)
            .sql(" where ")
            .matching(one.matching.clone())
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
