//! What the dashboard tells of deals: what is open in which stage, what was won and lost, and what it brought.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::charts::{Bars, Chart, Mark, OverTime, Style, compact};
use platform::dashboard::{
    Asking, Card, Change, Drawn, Figure, Part, Sought, Way, any_of, count, is, told,
};
use platform::db::{Statement, Tx};
use platform::records::shown::money;
use serde_json::Value;
use uuid::Uuid;

use crate::crm::pipelines::{Pipeline, Stage};

pub const DEALS: Card = Card {
    key: "deals",
    title: "Deals",
    text: "What is open in each stage, and what was won and lost",
    icon: "briefcase",
    needs: "deals",
    whole: false,
    usual: true,
    load: deals,
};

pub const REVENUE: Card = Card {
    key: "revenue",
    title: "Revenue",
    text: "What the deals that were won are worth, over time",
    icon: "trending-up",
    needs: "deals",
    whole: false,
    usual: true,
    load: revenue,
};

/// Deals added up; those of different currencies apart.
#[derive(Clone, Debug, QueryableByName)]
struct Sum {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    stage_id: Option<Uuid>,
    /// The place of the bucket, from 1.
    #[diesel(sql_type = Integer)]
    at: i32,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// What is too much for a bigint is told as the most that one holds.
const SUMS: &str = "deals.currency, count(*) as count, least(sum(deals.amount), 9223372036854775807)::bigint as amount from deals where ";

fn all_of<'a>(sums: impl Iterator<Item = &'a Sum>) -> (i64, i64) {
    sums.fold((0, 0), |(count, amount), sum| {
        (count + sum.count, amount.saturating_add(sum.amount))
    })
}

/// The amount in one currency.
fn amount_in(sums: &[Sum], currency: &str) -> i64 {
    all_of(sums.iter().filter(|sum| sum.currency == currency)).1
}

/// The amounts in the other currencies, and how many deals that are in all: `+ USD 300 · 34 deals`.
fn noted(sums: &[Sum], first: &str) -> String {
    let mut codes: Vec<&str> = sums.iter().map(|sum| sum.currency.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let others = codes.into_iter().filter(|code| *code != first);
    let others = others.map(|code| format!("+ {}", money(amount_in(sums, code), code)));
    let (count, _) = all_of(sums.iter());
    let all: Vec<String> = others.chain([told(count, "deal", "deals")]).collect();
    all.join(" · ")
}

/// The same in each of the currencies there are, where there are several.
fn currencies(asking: &Asking, sums: &[Sum], chosen: &str) -> Option<Part> {
    let mut codes: Vec<&str> = sums.iter().map(|sum| sum.currency.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let way = |code: &&str| Way {
        label: (*code).to_owned(),
        url: asking.url(&[("currency", code)]),
        chosen: *code == chosen,
    };
    (codes.len() > 1).then(|| Part::Ways("Currency", codes.iter().map(way).collect()))
}

fn deals(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let closed =
        |status: &[&str], rule: Value| asking.seek("deal", vec![any_of("status", status), rule]);
    let (now, before) = (
        asking.period.rule("closed_at"),
        asking.period.before().rule("closed_at"),
    );
    let won = closed(&["won"], now.clone())?;
    let lost = closed(&["lost"], now.clone())?;
    let ended = closed(&["won", "lost"], now)?;
    let earlier = [
        closed(&["won"], before.clone())?,
        closed(&["lost"], before)?,
    ];
    let counts = count(tx, &[&won, &lost, &earlier[0], &earlier[1]])?;
    let open = asking.seek("deal", vec![is("status", "open")])?;
    let mut s = Statement::default();
    s.sql("select deals.stage_id, 0 as at, ")
        .sql(SUMS)
        .matching(open.matching.clone())
        .sql(" group by deals.stage_id, deals.currency");
    let sums: Vec<Sum> = s.load(&mut **tx)?;
    let currency = asking.currency(sums.iter().map(|s| (s.currency.clone(), s.count)));
    let (open_count, _) = all_of(sums.iter());
    let [won_now, lost_now, won_then, lost_then] = [0, 1, 2, 3].map(|at| counts[at]);
    let rate = |won: i64, lost: i64| (won + lost > 0).then(|| won * 100 / (won + lost));
    let [rate_now, rate_then] = [
        rate(won_now.count, lost_now.count),
        rate(won_then.count, lost_then.count),
    ];
    let exact = [won_now, lost_now].iter().all(|total| total.exact);
    let win_rate = Figure {
        label: "Win rate".into(),
        value: match rate_now.filter(|_| exact) {
            Some(percent) => format!("{percent} %"),
            None => "–".into(),
        },
        note: match exact {
            true => format!(
                "of {}",
                told(won_now.count + lost_now.count, "deal", "deals")
            ),
            false => "too many to tell".into(),
        },
        url: ended.url,
        change: rate_now
            .zip(rate_then)
            .filter(|_| exact)
            .map(|(now, then)| Change::points(now, then)),
        ..Figure::default()
    };
    let figures = vec![
        Figure {
            label: "Open".into(),
            value: money(amount_in(&sums, &currency), &currency),
            count: Some(platform::records::list::Total {
                count: open_count,
                exact: true,
            }),
            note: noted(&sums, &currency),
            url: open.url.clone(),
            ..Figure::default()
        },
        Figure::counted("Won", won_now, won.url).changed(Change::counted(won_now, won_then)),
        Figure::counted("Lost", lost_now, lost.url)
            .changed(Change::counted(lost_now, lost_then).bad()),
        win_rate,
    ];
    let mut parts = vec![Part::Figures(figures)];
    parts.extend(stages(tx, asking, &sums, &currency)?);
    parts.extend(currencies(asking, &sums, &currency));
    let board = asking.member.url("/deals/board");
    Ok(Drawn::of(parts).more("Board", board))
}

/// The open stages of a pipeline with what is in them, and the ways to the other pipelines.
fn stages(tx: &mut Tx, asking: &Asking, sums: &[Sum], currency: &str) -> Result<Vec<Part>> {
    let pipelines = Pipeline::open(tx)?;
    let asked = asking.member.asked.param("pipeline");
    let asked = asked.and_then(|id| id.parse::<Uuid>().ok());
    let chosen = pipelines.iter().find(|p| Some(p.id) == asked);
    let Some(pipeline) = chosen.or(pipelines.first()) else {
        return Ok(Vec::new());
    };
    let all = Stage::of_pipeline(tx, pipeline.id)?;
    let marks = all.iter().filter(|stage| stage.is_open()).map(|stage| {
        let of = |sum: &&Sum| sum.stage_id == Some(stage.id) && sum.currency == currency;
        let (count, amount) = all_of(sums.iter().filter(of));
        let rules = vec![
            is("status", "open"),
            is("stage_id", stage.id.to_string()),
            is("currency", currency),
        ];
        Ok(Mark {
            label: stage.name.clone(),
            value: amount,
            count,
            told: format!(
                "{} · {}",
                money(amount, currency),
                told(count, "deal", "deals")
            ),
            url: asking.seek("deal", rules)?.url,
            class: format!("tag--{}", stage.tone.key()),
            ..Mark::default()
        })
    });
    let mut parts = vec![Part::Chart(Chart::Bars(Bars {
        id: "deals-open".into(),
        title: format!("Open deals by stage, in {currency}"),
        marks: marks.collect::<Result<_>>()?,
        heads: ["Stage", "Worth"],
    }))];
    if pipelines.len() > 1 {
        let way = |other: &Pipeline| Way {
            label: other.name.clone(),
            url: asking.url(&[("pipeline", &other.id.to_string())]),
            chosen: other.id == pipeline.id,
        };
        parts.push(Part::Ways("Pipeline", pipelines.iter().map(way).collect()));
    }
    Ok(parts)
}

fn won(asking: &Asking, more: Vec<Value>) -> Result<Sought> {
    let rules = std::iter::once(is("status", "won")).chain(more);
    asking.seek("deal", rules.collect())
}

fn revenue(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let now = won(asking, vec![asking.period.rule("closed_at")])?;
    let before = won(asking, vec![asking.period.before().rule("closed_at")])?;
    let buckets = asking.period.buckets();
    let mut s = Statement::default();
    s.sql("select null::uuid as stage_id, width_bucket(deals.closed_at, ")
        .ats(asking.edges(&buckets))
        .sql("::timestamptz[]) as at, ")
        .sql(SUMS)
        .matching(now.matching.clone())
        .sql(" group by 2, deals.currency");
    s.sql(" union all select null::uuid, 0, ")
        .sql(SUMS)
        .matching(before.matching)
        .sql(" group by deals.currency");
    let sums: Vec<Sum> = s.load(&mut **tx)?;
    let (earlier, sums): (Vec<Sum>, Vec<Sum>) = sums.into_iter().partition(|sum| sum.at == 0);
    let currency = asking.currency(sums.iter().map(|s| (s.currency.clone(), s.count)));
    let in_currency = |sums: &[Sum]| all_of(sums.iter().filter(|s| s.currency == currency));
    let ((count, amount), (_, amount_before)) = (in_currency(&sums), in_currency(&earlier));
    let (all, _) = all_of(sums.iter());
    let figures = vec![
        Figure {
            label: "Won".into(),
            value: money(amount, &currency),
            count: Some(platform::records::list::Total {
                count: all,
                exact: true,
            }),
            note: noted(&sums, &currency),
            url: now.url.clone(),
            change: Some(Change::of(amount, amount_before)),
            tone: "",
        },
        Figure {
            label: "On average".into(),
            value: money(amount / count.max(1), &currency),
            url: won(
                asking,
                vec![
                    asking.period.rule("closed_at"),
                    is("currency", currency.as_str()),
                ],
            )?
            .url,
            note: format!("in {currency}"),
            ..Figure::default()
        },
    ];
    let marks = buckets.iter().enumerate().map(|(at, bucket)| {
        let here = |sum: &&Sum| sum.at as usize == at + 1 && sum.currency == currency;
        let (count, amount) = all_of(sums.iter().filter(here));
        let rules = vec![bucket.rule("closed_at"), is("currency", currency.as_str())];
        Ok(Mark {
            label: bucket.label.clone(),
            short: bucket.short.clone(),
            value: amount,
            count,
            told: format!(
                "{} · {}",
                money(amount, &currency),
                told(count, "deal", "deals")
            ),
            url: won(asking, rules)?.url,
            class: String::new(),
        })
    });
    let chart = Chart::OverTime(OverTime {
        id: "deals-won".into(),
        title: format!("Won, in {currency}"),
        marks: marks.collect::<Result<_>>()?,
        style: Style::Line,
        heads: ["When", "Won"],
        axis: |amount| compact(amount, 2),
    });
    let mut parts = vec![Part::Figures(figures), Part::Chart(chart)];
    parts.extend(currencies(asking, &sums, &currency));
    Ok(Drawn::of(parts).more("Forecast", asking.member.url("/deals/forecast")))
}
