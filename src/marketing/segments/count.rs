//! How many a filter finds while it is being put together.

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use platform::db::Tx;
use platform::filter::{Catalogue, Draft};
use platform::web::can::View as See;
use platform::web::{Can, Form, filters};
use platform::{Error, Result};
use serde_json::json;

use super::audience::Audience;
use super::form::{SegmentForm, draft, read};
use super::segment::Segment;
use crate::marketing::audience;

pub async fn create(can: Can<See, Segment>, form: Form<SegmentForm>) -> Result<HttpResponse> {
    let (draft, zone, json) = (draft(&form.data.filter), can.zone, can.asked.json());
    let counting = can.tx(move |tx| {
        let catalogue = audience::catalogue(tx)?;
        let (_, problem) = read(&draft, &catalogue);
        match problem {
            Some(problem) if json => Err(Error::invalid("filter", problem)),
            problem => Ok((matching(tx, &draft, &catalogue, zone)?.count(tx)?, problem)),
        }
    });
    let (count, problem) = counting.await?;
    if json {
        return Ok(HttpResponse::Ok().json(json!({ "count": count })));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(
            Counted {
                count: counted(count),
                problem,
            }
            .render()?,
        ))
}

/// The count under the conditions, with what keeps it from being the last word.
#[derive(Template)]
#[template(
    source = "{{ count }}{% if let Some(problem) = problem %} so far. {{ problem }}{% endif %}",
    ext = "html"
)]
struct Counted {
    count: String,
    problem: Option<String>,
}

/// Whom the good rules of a draft find.
pub fn matching(tx: &mut Tx, draft: &Draft, catalogue: &Catalogue, zone: Tz) -> Result<Audience> {
    let (filter, _) = draft.check(catalogue);
    let context = audience::context(tx, zone);
    Ok(Audience::Matching(filter.predicate(&context)))
}

pub fn counted(count: i64) -> String {
    match count {
        1 => "1 contact".into(),
        n => format!("{} contacts", filters::thousands(&n.to_string())),
    }
}
