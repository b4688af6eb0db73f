//! Pages that read.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::Ground;
use crate::Result;
use crate::report::{Better, Figure};

const LIST: &str = "/w/acme/contacts";

pub fn unfiltered(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.pages(vec![LIST.into()])
}

pub fn sorted(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.pages(vec![format!("{LIST}?sort=name")])
}

pub fn last_page(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.pages(vec![format!("{LIST}?page=last")])
}

pub fn search_rare(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    let names = names(
        ground,
        "select last_name as name from contacts group by 1 having count(*) = 1 order by md5(last_name) limit 5",
    )?;
    ground.pages(searches(&names))
}

pub fn search_common(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    let names = names(
        ground,
        "select name from (select first_name as name from contacts union all select last_name from contacts) both_names \
         group by 1 order by count(*) desc limit 1",
    )?;
    ground.pages(searches(&names))
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

fn searches(names: &[String]) -> Vec<String> {
    let encoded =
        |name: &String| url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    names
        .iter()
        .map(|name| format!("{LIST}?search={}", encoded(name)))
        .collect()
}
