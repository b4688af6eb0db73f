//! One change, shown on thousands of open pages.

use serde_json::json;

use super::Ground;
use crate::Result;
use crate::nexus::App;
use crate::report::{Better, Figure};
use crate::sockets::{Broadcaster, Crowd, Page, Spread, spread};

const ROUNDS: usize = 7;

pub fn thousand(ground: &mut Ground) -> Result<Figure> {
    fanout(ground, 1_000)
}

pub fn five_thousand(ground: &mut Ground) -> Result<Figure> {
    fanout(ground, 5_000)
}

/// The limit is a loop that writes the same bytes to as many sockets and does nothing else.
fn fanout(ground: &mut Ground, pages: usize) -> Result<Figure> {
    ground.stop();
    // Everybody else may have ten sockets.
    let app = App::start(&ground.home, &[("NEXUS_LIVE_UNLIMITED", "1")])?;
    let browser = app.browser()?;
    let contact = json!({ "first_name": "Watched", "last_name": "Person" });
    let created = browser.api("POST", "/w/acme/contacts", &contact)?;
    let path = created.header("location").ok_or("no location")?.to_owned();
    let id = path.rsplit('/').next().unwrap_or_default();
    let page = Page {
        path: "/w/acme/live".into(),
        cookie: browser.cookie.clone(),
        hello: json!({ "rooms": [format!("contact:{id}")] }).to_string(),
    };
    let mut crowd = Crowd::connect(app.address, &vec![page.clone(); pages])?;
    let mut version = 1;
    let ours = rounds(&mut crowd, |round| {
        let change = json!({ "job_title": format!("Mate {round}"), "last_name": "Person", "version": version });
        version += 1;
        browser.api("PATCH", &path, &change).map(drop)
    })?;
    let size = crowd.message_size();
    drop(crowd);
    drop(app);
    let bare = Broadcaster::start(size)?;
    let mut crowd = Crowd::connect(bare.address, &vec![page; pages])?;
    let limit = rounds(&mut crowd, |_| bare.broadcast())?;
    Ok(Figure {
        value: ours.p99_ms,
        unit: "ms",
        limit: Some(limit.p99_ms),
        of: "bare loop",
        better: Better::Lower,
        aim: 2.0,
        note: format!(
            "from the request on: p50 {:.1} ms, last {:.1} ms; {size} bytes each",
            ours.p50_ms, ours.last_ms
        ),
    })
}

/// The round in the middle, after one to warm up.
fn rounds(crowd: &mut Crowd, mut event: impl FnMut(usize) -> Result<()>) -> Result<Spread> {
    let mut spreads = Vec::new();
    for round in 0..=ROUNDS {
        spreads.push(spread(&crowd.hear(|| event(round))?));
    }
    spreads.remove(0);
    spreads.sort_by(|one, other| one.p99_ms.total_cmp(&other.p99_ms));
    Ok(spreads[ROUNDS / 2])
}
