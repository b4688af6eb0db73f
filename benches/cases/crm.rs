//! What a CRM does to many records at once, and to one with a long past.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Ground;
use crate::Result;
use crate::http::Browser;
use crate::load::unlike_any;
use crate::report::{Better, Figure};

const CONTACTS: &str = "/w/acme/contacts";
const AT_MOST: Duration = Duration::from_secs(600);
const READINGS: usize = 40;

/// A contact with 100,000 events behind it.
pub fn timeline(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let made = browser.api("POST", CONTACTS, &json!({"first_name": "Methuselah"}))?;
    let id = made.json()?["id"].as_str().unwrap_or_default().to_owned();
    ground.home.sql(&format!(
        "insert into events (workspace_id, id, kind, record_kind, record_id, title, actor_name, at, changes, data) \
         select w.id, new_id(), 'contact.updated', 'contact', '{id}', 'Methuselah', 'Bench', now() - make_interval(secs => 100000 - n), \
           jsonb_build_object('city', jsonb_build_array('Split ' || n, 'Split ' || n + 1)), jsonb_build_object('version', n) \
         from workspaces w, generate_series(1, 100000) n where w.slug = 'acme'; analyze events"
    ))?;
    let p95 = p95(
        &browser,
        &[
            format!("{CONTACTS}/{id}"),
            format!("/w/acme/records/contact/{id}/timeline"),
        ],
    )?;
    Ok(asked(
        p95,
        "ms",
        50.0,
        "p95 of the page and its timeline".into(),
    ))
}

/// The pages of the CRM, one after the other; the slowest counts.
pub fn pages(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let mut slowest = (0.0, "");
    for path in [
        "",
        "?period=year",
        "?period=30&who=me",
        "/contacts",
        "/companies",
        "/deals",
        "/deals/board",
        "/deals/forecast",
        "/deals/calendar",
        "/contacts/leads",
        "/chat",
        "/tasks",
        "/tasks/today",
        "/tasks/calendar",
        "/contacts/duplicates",
        "/scoring",
    ] {
        let took = p95(&browser, &[format!("/w/acme{path}")])?;
        eprintln!("    {path:<24} {took:.1} ms");
        if took > slowest.0 {
            slowest = (took, path);
        }
    }
    let note = format!("p95 of the slowest, {}", slowest.1);
    Ok(asked(slowest.0, "ms", 50.0, note))
}

/// From the wish to the last row, and back; as for 50,000 rows.
pub fn bulk(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let filter = json!({"and": [
        {"field": "city", "op": "is", "value": "Berlin"},
        {"field": "lifecycle_stage", "op": "is_any_of", "value": ["customer", "lead"]},
    ]});
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("filter", &filter.to_string())
        .finish();
    let form = json!({"all": true, "query": query, "tag": "benched"});
    let begun = Instant::now();
    let work = at_work(&browser, &format!("{CONTACTS}/bulk/tag"), &form)?;
    let done = ended(&browser, &work, "done")?;
    let (edit, rows) = (
        begun.elapsed().as_secs_f64(),
        done["done"].as_f64().unwrap_or(1.0),
    );
    let begun = Instant::now();
    at_work(&browser, &format!("{work}/undo"), &json!({}))?;
    let undone = ended(&browser, &work, "undone")?;
    let undo = begun.elapsed().as_secs_f64();
    if undone["undone"] != done["done"] {
        return Err(format!("not all was undone: {undone}").into());
    }
    let note = format!("the undo of {rows} rows took {undo:.1} s, the edit {edit:.1} s");
    Ok(asked(undo * 50_000.0 / rows, "s", 5.0, note))
}

/// All contacts held against each other.
pub fn duplicates(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let begun = Instant::now();
    let work = at_work(&browser, &format!("{CONTACTS}/duplicates/scan"), &json!({}))?;
    ended(&browser, &work, "done")?;
    let took = begun.elapsed().as_secs_f64();
    let queue = browser.get_json(&format!("{CONTACTS}/duplicates"))?;
    let note = format!("among {}; {}", ground.options.rows, queue["scan"]);
    Ok(asked(
        took * 1_000_000.0 / ground.options.rows as f64,
        "s",
        120.0,
        note,
    ))
}

/// Two contacts become one and two again.
pub fn merge(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let (mut merges, mut undos) = (Vec::new(), Vec::new());
    let mut pair = Vec::new();
    for name in ["One", "Other"] {
        let made = browser.api("POST", CONTACTS, &json!({"first_name": name}))?;
        let id = made.json()?["id"].as_str().unwrap_or_default().to_owned();
        for n in 0..10 {
            let note = json!({"body": format!("Note {n}")});
            browser.api(
                "POST",
                &format!("/w/acme/records/contact/{id}/notes"),
                &note,
            )?;
        }
        pair.push(id);
    }
    for _ in 0..READINGS {
        let begun = Instant::now();
        let wish = json!({"ids": [pair[1]]});
        let merged = browser.api("POST", &format!("{CONTACTS}/{}/merge", pair[0]), &wish)?;
        merges.push(begun.elapsed().as_secs_f64() * 1_000.0);
        let merged = merged.json()?;
        let undo = merged["undo"].as_str().ok_or("no way back")?.to_owned();
        let begun = Instant::now();
        browser.api("POST", &undo, &json!({}))?;
        undos.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    merges.sort_by(f64::total_cmp);
    undos.sort_by(f64::total_cmp);
    let at = READINGS * 95 / 100;
    let note = format!("p95 with 10 notes each; the unmerge {:.0} ms", undos[at]);
    Ok(asked(merges[at], "ms", 1_000.0, note))
}

/// Where the work is that was begun.
fn at_work(browser: &Browser, path: &str, form: &Value) -> Result<String> {
    let begun = browser.api("POST", path, form)?;
    let work = begun.header("location").ok_or("no work was begun")?;
    Ok(work.trim_start_matches("/api/v1").to_owned())
}

fn ended(browser: &Browser, work: &str, state: &str) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let now = browser.get_json(work)?;
        match now["state"].as_str() {
            Some(reached) if reached == state => return Ok(now),
            Some("failed" | "stopped") => return Err(format!("it ended as {now}").into()),
            _ if begun.elapsed() > AT_MOST => return Err(format!("still at {now}").into()),
            _ => sleep(Duration::from_millis(50)),
        }
    }
}

/// In milliseconds, of pages asked for one after the other.
fn p95(browser: &Browser, paths: &[String]) -> Result<f64> {
    let mut times = Vec::new();
    for path in paths {
        for reading in 0..READINGS + 5 {
            // Made anew: a list that is kept would tell nothing.
            let path = &unlike_any(path, reading as u64);
            let begun = Instant::now();
            browser.get(path)?.success(path)?;
            // The first ones fill what is kept prepared.
            if reading >= 5 {
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() * 95 / 100])
}

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
