//! The card of revenue: what the deals that were won are worth, over time.

use diesel::RunQueryDsl;
use platform::Result;
use platform::charts::{Chart, Mark, OverTime, Style, compact};
use platform::dashboard::{Asking, Change, Drawn, Figure, Part, Sought, is, told};
use platform::db::{Statement, Tx};
use platform::records::list::Total;
use platform::records::shown::money;
use serde_json::Value;

use super::{SUMS, Sum, all_of, currencies, noted};

fn won(asking: &Asking, more: Vec<Value>) -> Result<Sought> {
    let rules = std::iter::once(is("status", "won")).chain(more);
    asking.seek("deal", rules.collect())
}

pub fn revenue(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
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
            count: Some(Total {
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
