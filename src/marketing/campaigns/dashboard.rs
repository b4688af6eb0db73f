//! What the dashboard tells of campaigns: how many went out, and what came of the last ones.

use diesel::prelude::*;
use platform::Result;
use platform::dashboard::{Asking, Card, Change, Drawn, Figure, Line, Part, count};
use platform::db::Tx;
use platform::schema::campaigns;
use platform::web::filters::thousands;

use super::campaign::Campaign;
use super::results::Counts;

pub const CARD: Card = Card {
    key: "campaigns",
    title: "Campaigns",
    text: "How many went out, and who opened and clicked the last ones",
    icon: "megaphone",
    needs: "campaigns",
    whole: false,
    usual: true,
    load,
};

const SHOWN: i64 = 4;

fn load(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let sent = asking.seek("campaign", vec![asking.period.rule("started_at")])?;
    let before = asking.seek("campaign", vec![asking.period.before().rule("started_at")])?;
    let counts = count(tx, &[&sent, &before])?;
    let last: Vec<Campaign> = campaigns::table
        .filter(sent.matching.clone())
        .order((campaigns::started_at.desc(), campaigns::id.desc()))
        .limit(SHOWN)
        .select(Campaign::as_select())
        .load(&mut **tx)?;
    let mut lines = Vec::new();
    for campaign in last {
        let results = Counts::of(tx, campaign.id)?;
        let said = |part: i64, word: &str| match results.share(part) {
            share if share.is_empty() => String::new(),
            share => format!("{share} {word}"),
        };
        lines.push(Line {
            url: asking.member.url(&format!("/campaigns/{}", campaign.id)),
            sub: format!("{} sent", thousands(&results.sent.to_string())),
            end: [
                said(results.opened, "opened"),
                said(results.clicked, "clicked"),
            ]
            .join(", ")
            .trim_matches([',', ' '])
            .to_owned(),
            state: campaign.status.label().into(),
            tone: campaign.status.tone(),
            title: campaign.name,
            ..Line::default()
        });
    }
    let figure = Figure::counted("Started", counts[0], sent.url)
        .changed(Change::counted(counts[0], counts[1]));
    let mut parts = vec![Part::Figures(vec![figure])];
    if !lines.is_empty() {
        parts.push(Part::Lines(lines));
    }
    Ok(Drawn::of(parts).more("All campaigns", asking.member.url("/campaigns?view=all")))
}
