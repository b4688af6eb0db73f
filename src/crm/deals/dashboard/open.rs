//! The card of deals: what is open in which stage, and what was won and lost.

use platform::Result;
use platform::charts::{Bars, Chart, Mark};
use platform::dashboard::{Asking, Change, Drawn, Figure, Part, Way, any_of, count, is, told};
use platform::db::Tx;
use platform::records::list::Total;
use platform::records::shown::money;
use serde_json::Value;
use uuid::Uuid;

use super::{Sum, all_of, amount_in, currencies, noted};
use crate::crm::deals::sums::OfStage;
use crate::crm::pipelines::{Pipeline, Stage};

pub fn deals(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
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
    let people = asking.who.people(asking.member.person().id);
    let sums = OfStage::open(tx, &asking.scope("deals"), people)?.into_iter();
    let sums: Vec<Sum> = sums.map(Sum::from).collect();
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
            count: Some(Total {
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
