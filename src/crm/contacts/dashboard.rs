//! What the dashboard tells of contacts: how many are new, when they came, and how far they are.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use platform::Result;
use platform::charts::{Bars, Chart, Mark, OverTime, Style, compact};
use platform::dashboard::{Asking, Bucket, Card, Change, Drawn, Figure, Part, Who, is};
use platform::db::{Statement, Tx};
use platform::records::list::{COUNTED, Matching, Total};
use platform::schema::contacts;
use serde_json::Value;

use super::choices::{LifecycleStage, Temperature};
use super::contact::Contact;

pub const NEW: Card = Card {
    key: "contacts",
    title: "New contacts",
    text: "How many are new, day by day, and how far they are",
    icon: "users",
    needs: "contacts",
    whole: true,
    usual: true,
    load: new,
};

pub const LEADS: Card = Card {
    key: "leads",
    title: "Hottest leads",
    text: "Those nearest to buying, by score",
    icon: "zap",
    needs: "contacts",
    whole: false,
    usual: true,
    load: leads,
};

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = Array<BigInt>)]
    totals: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    buckets: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    stages: Vec<i64>,
}

fn new(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let created = |rule: Value| asking.seek("contact", vec![rule]);
    let now = created(asking.period.rule("created_at"))?;
    let before = created(asking.period.before().rule("created_at"))?.matching;
    let buckets = asking.period.buckets();
    let edges = asking.edges(&buckets);
    let of_all = asking.who == Who::Everybody && asking.scope("contacts").owners().is_none();
    let statement = match of_all {
        true => of_everybody(&now.matching, before, edges),
        false => of_some(&now.matching, before, edges),
    };
    let counts: Counts = statement.get_result(&mut **tx)?;
    let [total, previous] = [0, 1].map(|at| total(counts.totals.get(at)));
    let figure = Figure::counted("New", total, now.url).changed(Change::counted(total, previous));
    let over_time = over_time(asking, &buckets, &counts.buckets)?;
    let stages = by_stage(asking, &counts.stages)?;
    let mut parts = vec![Part::Figures(vec![figure]), Part::Chart(over_time)];
    if total.count > 0 {
        parts.push(Part::Chart(stages));
    }
    let all = asking.member.url("/contacts?view=all");
    Ok(Drawn::of(parts).more("All contacts", all))
}

/// `(0, 'subscriber'), …`
fn stages() -> String {
    let stages = LifecycleStage::CHOICES.iter().enumerate();
    let stages = stages.map(|(at, choice)| format!("({at}, '{}')", choice.key));
    stages.collect::<Vec<_>>().join(", ")
}

/// Each is counted by an index of its own, to the bound of lists and no further.
fn of_everybody(now: &Matching, before: Matching, mut edges: Vec<DateTime<Utc>>) -> Statement {
    let starts = edges.clone();
    edges.remove(0);
    let limit = format!(" limit {}) n)", COUNTED + 1);
    let mut s = Statement::default();
    s.sql("select array[(select count(*) from (select 1 from contacts where ")
        .matching(now.clone())
        .sql(format!(
            "{limit}, (select count(*) from (select 1 from contacts where "
        ))
        .matching(before)
        .sql(format!(
            "{limit}] as totals, array(select (select count(*) from (select 1 from contacts \
             where contacts.created_at >= b.starts and contacts.created_at < b.ends and "
        ))
        .matching(now.clone())
        .sql(limit.clone())
        .sql(" from unnest(")
        .ats(starts)
        .sql("::timestamptz[], ")
        .ats(edges)
        .sql(
            "::timestamptz[]) with ordinality b(starts, ends, n) where b.ends is not null order by n) as buckets, \
             array(select (select count(*) from (select 1 from contacts where contacts.lifecycle_stage = g.stage and "
        )
        .matching(now.clone())
        .sql(format!(
            "{limit} from (values {}) g(n, stage) order by n) as stages",
            stages()
        ));
    s
}

/// Those of some people, who are fewer, in one pass over theirs.
fn of_some(now: &Matching, before: Matching, edges: Vec<DateTime<Utc>>) -> Statement {
    let buckets = edges.len().saturating_sub(1);
    let mut s = Statement::default();
    s.sql("with found as materialized (select width_bucket(contacts.created_at, ")
        .ats(edges)
        .sql("::timestamptz[]) as bucket, contacts.lifecycle_stage as stage, count(*) as n from contacts where ")
        .matching(now.clone())
        .sql(
            " group by 1, 2) select array[(select coalesce(sum(n), 0)::bigint from found), \
             (select count(*) from (select 1 from contacts where ",
        )
        .matching(before)
        .sql(format!(
            " limit {}) n)] as totals, \
             array(select (select coalesce(sum(n), 0)::bigint from found where bucket = b) \
               from generate_series(1, {buckets}) b order by b) as buckets, \
             array(select (select coalesce(sum(found.n), 0)::bigint from found where found.stage = g.stage) \
               from (values {}) g(n, stage) order by g.n) as stages",
            COUNTED + 1,
            stages()
        ));
    s
}

fn total(count: Option<&i64>) -> Total {
    let count = count.copied().unwrap_or(0);
    Total {
        count: count.min(COUNTED),
        exact: count <= COUNTED,
    }
}

fn over_time(asking: &Asking, buckets: &[Bucket], counts: &[i64]) -> Result<Chart> {
    let marks = buckets.iter().zip(counts).map(|(bucket, count)| {
        let total = total(Some(count));
        Ok(Mark {
            label: bucket.label.clone(),
            short: bucket.short.clone(),
            value: total.count,
            count: total.count,
            told: total.to_string(),
            url: asking.seek("contact", vec![bucket.rule("created_at")])?.url,
            class: String::new(),
        })
    });
    Ok(Chart::OverTime(OverTime {
        id: "contacts-new".into(),
        title: "New contacts".into(),
        marks: marks.collect::<Result<_>>()?,
        style: Style::Columns,
        heads: ["When", "New"],
        axis: |count| compact(count, 0),
    }))
}

fn by_stage(asking: &Asking, counts: &[i64]) -> Result<Chart> {
    let all = LifecycleStage::CHOICES.iter().zip(counts);
    let marks = all.filter(|(_, count)| **count > 0).map(|(choice, count)| {
        let total = total(Some(count));
        let rules = vec![
            asking.period.rule("created_at"),
            is("lifecycle_stage", choice.key),
        ];
        Ok(Mark {
            label: choice.label.into(),
            value: total.count,
            count: total.count,
            told: total.to_string(),
            url: asking.seek("contact", rules)?.url,
            ..Mark::default()
        })
    });
    Ok(Chart::Bars(Bars {
        id: "contacts-stages".into(),
        title: "New contacts by stage".into(),
        marks: marks.collect::<Result<_>>()?,
        heads: ["Stage", "New"],
    }))
}

const SHOWN: i64 = 6;

fn leads(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let hot = asking.seek("contact", vec![is("temperature", Temperature::Hot.key())])?;
    let found: Vec<Contact> = contacts::table
        .filter(hot.matching.clone())
        .order((contacts::score.desc(), contacts::id.desc()))
        .limit(SHOWN)
        .select(Contact::as_select())
        .load(&mut **tx)?;
    let lines = found.into_iter().map(|contact| platform::dashboard::Line {
        url: asking.member.url(&format!("/contacts/{}", contact.id)),
        sub: contact.job_title.clone(),
        end: format!("{} points", contact.score),
        state: contact.lifecycle_stage.label().into(),
        tone: contact.lifecycle_stage.tone(),
        title: contact.name(),
        ..Default::default()
    });
    let nothing = "Nobody is hot yet. Scoring says who it is, by what they are and do.";
    Ok(Drawn::lines(lines.collect(), nothing)
        .more("Lead pipeline", asking.member.url("/contacts/leads")))
}
