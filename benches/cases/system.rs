//! What the process itself takes: time to start, memory, and the files it serves.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Ground, mean};
use crate::Result;
use crate::http::Browser;
use crate::load::{self, Nginx, Requests};
use crate::nexus::{App, Home};
use crate::report::{Better, Figure};

pub fn seed(ground: &mut Ground) -> Result<Figure> {
    ground.stop();
    let started = Instant::now();
    let rows = ground.options.rows;
    let took = match ground.grow_to(rows)? {
        Some((added, seconds)) if added == rows => seconds,
        // Growth was measured before and left part of the work: the whole once more, beside it.
        _ => {
            let home = Home::new()?;
            home.seed(rows)?.as_secs_f64()
        }
    };
    let per_million = took * 1_000_000.0 / rows as f64;
    let spent = started.elapsed().as_secs_f64();
    Ok(asked(
        per_million,
        "s",
        120.0,
        format!("for a million; {spent:.0} s with its vacuum"),
    ))
}

pub fn startup(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.stop();
    let mut times = Vec::new();
    for _ in 0..5 {
        let app = App::start(&ground.home, &[])?;
        times.push(app.ready_after.as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let note = format!(
        "{:.0} to {:.0}, PostgreSQL's own start within",
        times[0], times[4]
    );
    Ok(asked(times[2], "ms", 300.0, note))
}

pub fn memory_idle(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.stop();
    let app = App::start(&ground.home, &[])?;
    sleep(Duration::from_secs(3));
    Ok(asked(app.memory()?, "MB", 50.0, String::new()))
}

/// After the cases before, or after the list page alone if there were none.
pub fn memory_load(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.load(vec![
        "/w/acme/contacts".into(),
        "/w/acme/contacts?page=last".into(),
        "/w/acme/contacts?search=smith".into(),
    ])?;
    let memory = ground.app()?.memory()?;
    Ok(asked(
        memory,
        "MB",
        141.0,
        "the limit is Fastify's with Drizzle".into(),
    ))
}

pub fn static_file(ground: &mut Ground) -> Result<Figure> {
    let (seconds, scratch) = (ground.options.seconds, ground.scratch());
    let app = ground.app()?.address;
    let page = Browser::stranger(app).get("/login")?.text();
    let path = page
        .split('"')
        .find(|word| word.starts_with("/static/app.css"))
        .ok_or("the sign-in page names no /static/app.css")?
        .to_owned();
    let stranger = Browser::stranger(app);
    let file = stranger.get(&path)?.body;
    let folder = scratch.join("nginx");
    fs::create_dir_all(folder.join("static"))?;
    fs::write(folder.join("static/app.css"), &file)?;
    let nginx = Nginx::start(&folder)?;
    let beside = Browser::stranger(nginx.address);
    let requests = Requests::Get(vec![path]);
    let mut turns = Vec::new();
    for _ in 0..2 {
        let ours = load::wrk(&stranger, &requests, &[], seconds, &scratch)?;
        let limit = load::wrk(&beside, &requests, &[], seconds, &scratch)?;
        turns.push((ours, limit.rate));
    }
    let (load, limit) = mean(&turns);
    Ok(Figure {
        value: load.rate,
        unit: "req/s",
        limit: Some(limit),
        of: "nginx",
        better: Better::Higher,
        aim: 0.7,
        note: format!("{} kB, {}", file.len() / 1024, load.note()),
    })
}

/// A figure whose limit is what the product was asked to stay below.
fn asked(value: f64, unit: &'static str, limit: f64, note: String) -> Figure {
    Figure {
        value,
        unit,
        limit: Some(limit),
        of: "asked for",
        better: Better::Lower,
        aim: 1.0,
        note,
    }
}
