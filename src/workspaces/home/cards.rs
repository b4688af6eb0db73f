//! The cards of one's own: where one was, and what others did with what one owns or follows.

use chrono::{DateTime, Utc};
use platform::Result;
use platform::dashboard::{Asking, Card, Drawn, Line};
use platform::db::Tx;

use super::overview::Recent;
use crate::workspaces::notifications::Notification;

pub const NEWS: Card = Card {
    key: "news",
    title: "Lately, in what you own or follow",
    text: "What others did with records that are yours or that you follow",
    icon: "bell",
    needs: "notifications",
    whole: false,
    usual: true,
    load: news,
};

pub const RECENT: Card = Card {
    key: "recent",
    title: "Where you were",
    text: "The records that you changed last",
    icon: "history",
    needs: "dashboard",
    whole: false,
    usual: true,
    load: recent,
};

const NEWS_SHOWN: i64 = 6;
const RECENT_SHOWN: usize = 8;

fn news(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let member = &asking.member;
    let all = Notification::of(tx, member.person().id, NEWS_SHOWN)?;
    let some = !all.is_empty();
    let lines = all.into_iter().map(|item| Line {
        url: member.url(&format!("/notifications/{}", item.id)),
        sub: item.sentence(),
        end: when(asking, item.created_at),
        state: if item.read_at.is_none() { "New" } else { "" }.into(),
        tone: "info",
        icon: "",
        title: item.title,
    });
    let nothing = "When others change a record that is yours or that you follow, it stands here.";
    let drawn = Drawn::lines(lines.collect(), nothing);
    Ok(match some {
        true => drawn.more("All", member.url("/notifications")),
        false => drawn,
    })
}

fn recent(tx: &mut Tx, asking: &Asking) -> Result<Drawn> {
    let member = &asking.member;
    let all = Recent::of(tx, member.person().id)?.into_iter();
    let lines = all.filter_map(|record| {
        let kind = member.app.kinds.get(&record.kind)?;
        // What may no longer be seen is left out.
        let seen = member.may_with(kind.resource(), "view", record.owner_id);
        seen.then(|| Line {
            url: member.url(&format!("/{}/{}", kind.collection, record.id)),
            sub: record.subtitle,
            end: when(asking, record.at),
            icon: kind.icon,
            title: record.title,
            ..Line::default()
        })
    });
    let nothing = "What you work on stands here, to come back to.";
    Ok(Drawn::lines(lines.take(RECENT_SHOWN).collect(), nothing))
}

/// `10:15` today, `21 Nov` before.
fn when(asking: &Asking, at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&asking.member.zone);
    let format = match at.date_naive() == asking.today {
        true => "%H:%M",
        false => "%-d %b",
    };
    at.format(format).to_string()
}
