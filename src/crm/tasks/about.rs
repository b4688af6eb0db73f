//! What a task may be about: the search for a record of any kind, while somebody types.

use actix_web::HttpResponse;
use diesel::prelude::*;
use platform::Result;
use platform::db::{Scope, Tx};
use platform::records::list::{Holds, tsquery};
use platform::schema::records;
use platform::web::Can;
use platform::web::can::View as See;
use serde::Serialize;
use uuid::Uuid;

use super::task::Task;

/// The kinds that people have tasks about; one of another kind is chosen on its own page.
pub const KINDS: [&str; 3] = ["contact", "company", "deal"];
pub const PATH: &str = "/tasks/about";
const FOUND: i64 = 10;

#[derive(Serialize)]
struct Found {
    id: Uuid,
    title: String,
    subtitle: String,
}

#[derive(Serialize)]
struct Choices {
    items: Vec<Found>,
}

/// JSON, for the field that asks while they type.
pub async fn choices(can: Can<See, Task>) -> Result<HttpResponse> {
    let words = can.asked.param("q").and_then(|typed| tsquery(&typed));
    let mut kinds = Vec::new();
    for name in KINDS {
        let resource = can.app.kinds.get(name).map(|kind| kind.resource());
        let scope = match resource {
            Some(resource) => can.scope(resource, "view").await?,
            None => None,
        };
        kinds.extend(scope.map(|scope| (name, scope)));
    }
    let items = can.tx(move |tx| found(tx, words, kinds)).await?;
    Ok(HttpResponse::Ok().json(Choices { items }))
}

fn found(
    tx: &mut Tx,
    words: Option<String>,
    kinds: Vec<(&'static str, Scope)>,
) -> Result<Vec<Found>> {
    let Some(words) = words else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (kind, scope) in kinds {
        let mut query = records::table
            .filter(records::kind.eq(kind))
            .filter(records::archived_at.is_null())
            .filter(Holds::new("records", words.clone()))
            .into_boxed();
        if let Some(owners) = scope.owners() {
            query = query.filter(records::owner_id.eq_any(owners.to_vec()));
        }
        let rows: Vec<(Uuid, String, String)> = query
            .order((records::title, records::id))
            .limit(FOUND)
            .select((records::id, records::title, records::subtitle))
            .load(&mut **tx)?;
        all.extend(rows.into_iter().map(|(id, title, subtitle)| Found {
            id,
            title,
            subtitle: match subtitle.as_str() {
                "" => kind.to_owned(),
                subtitle => format!("{kind} · {subtitle}"),
            },
        }));
    }
    all.sort_by(|a, b| a.title.cmp(&b.title));
    all.truncate(FOUND as usize);
    Ok(all)
}
