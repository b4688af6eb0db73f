//! Pages that read.

use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use super::Ground;
use crate::Result;
use crate::load::Requests;
use crate::report::{Better, Figure};

const LIST: &str = "/w/acme/contacts";
const DEALS: &str = "/w/acme/deals";

pub fn unfiltered(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.kept_pages(vec![LIST.into()])
}

pub fn sorted(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.kept_pages(vec![format!("{LIST}?sort=name")])
}

pub fn last_page(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.kept_pages(vec![format!("{LIST}?page=last")])
}

pub fn search_rare(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    let names = names(
        ground,
        "select last_name as name from contacts group by 1 having count(*) = 1 order by md5(last_name) limit 5",
    )?;
    ground.kept_pages(searches(LIST, "search", &names))
}

pub fn search_common(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    let names = names(
        ground,
        "select name from (select first_name as name from contacts union all select last_name from contacts) both_names \
         group by 1 order by count(*) desc limit 1",
    )?;
    ground.kept_pages(searches(LIST, "search", &names))
}

/// Two conditions that a thousandth and more of all rows meet.
pub fn filter(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let path = format!("{LIST}?{}", filter_query());
    let found = browser.get_json(&path)?;
    let cities = found["items"].as_array().into_iter().flatten();
    if cities.clone().count() == 0 || cities.clone().any(|item| item["city"] != "Berlin") {
        return Err("the list does not filter".into());
    }
    ground.kept_pages(vec![path])
}

fn filter_query() -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("filter", &two_conditions().to_string())
        .finish()
}

fn two_conditions() -> Value {
    json!({ "and": [
        { "field": "city", "op": "is", "value": "Berlin" },
        { "field": "lifecycle_stage", "op": "is", "value": "customer" },
    ] })
}

/// The live count of a segment while it is put together.
pub fn segment_count(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let body = json!({ "name": "Bench", "filter": two_conditions() });
    let mut times = Vec::new();
    let mut count = Value::Null;
    for _ in 0..7 {
        let started = Instant::now();
        count = browser
            .api("POST", "/w/acme/segments/count", &body)?
            .json()?["count"]
            .clone();
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(Figure {
        value: times[times.len() / 2],
        unit: "ms",
        limit: Some(1_000.0),
        of: "asked for",
        better: Better::Lower,
        aim: 1.0,
        note: format!(
            "{count} found by two conditions among {}",
            ground.options.rows
        ),
    })
}

/// What is typed into the palette: the beginnings of names, common and rare.
pub fn palette(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    let beginnings = names(
        ground,
        "select name from (select distinct left(last_name, 4) as name from contacts) beginnings order by md5(name) limit 8",
    )?;
    let paths = searches("/w/acme/search", "q", &beginnings);
    let headers = [
        ("Accept", "text/html"),
        ("HX-Request", "true"),
        ("HX-Target", "palette-results"),
    ];
    let scripts = ground.scripts_of(&paths, &headers)?;
    ground.beside_pgbench(&Requests::Get(paths), &headers, &scripts)
}

pub fn deals(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.kept_pages(vec![DEALS.into()])
}

pub fn board(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.pages(vec![format!("{DEALS}/board")])
}

pub fn forecast(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.pages(vec![format!("{DEALS}/forecast")])
}

/// Contacts that have been changed a few times, so that there is a timeline.
pub fn detail(ground: &mut Ground) -> Result<Figure> {
    let browser = ground.full()?.browser()?;
    let list = browser.get_json(&format!("{LIST}?limit=10"))?;
    let mut paths = Vec::new();
    for item in list["items"].as_array().into_iter().flatten() {
        let path = format!("{LIST}/{}", item["id"].as_str().unwrap_or_default());
        for title in ["Captain", "Owner", "Harbour master"] {
            let mut contact = browser.get_json(&path)?;
            contact["job_title"] = title.into();
            browser.api("PATCH", &path, &contact)?;
        }
        paths.push(path);
    }
    ground.pages(paths)
}

/// The slower of the newest and the last page, in times of what it takes at 10,000 rows.
pub fn growth(ground: &mut Ground) -> Result<Figure> {
    let full = ground.options.rows;
    let mut rates = Vec::new();
    for rows in [full / 100, full / 10, full] {
        ground.grow_to(rows)?;
        let mut at_this_size = Vec::new();
        for path in ["", "?page=last"] {
            at_this_size.push(ground.load(vec![format!("{LIST}{path}")])?.rate);
        }
        rates.push(at_this_size);
    }
    let times = |page: usize| rates[0][page] / rates[2][page];
    let line = |page: usize| {
        let all: Vec<_> = rates.iter().map(|r| format!("{:.0}", r[page])).collect();
        all.join(" → ")
    };
    Ok(Figure {
        value: times(0).max(times(1)),
        unit: "×",
        limit: Some(1.5),
        of: "asked for",
        better: Better::Lower,
        aim: 1.0,
        note: format!("req/s: newest {}, last {}", line(0), line(1)),
    })
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(ground: &Ground, query: &str) -> Result<Vec<String>> {
    let rows: Vec<Name> = sql_query(query).load(&mut ground.home.connect()?)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn searches(path: &str, key: &str, names: &[String]) -> Vec<String> {
    let with = |name: &String| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        format!("{path}?{}", query.append_pair(key, name).finish())
    };
    names.iter().map(with).collect()
}
