//! Asking for an export.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::{Ask, Format, WriteExport, writing};
use crate::clock;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::records::Listed;
use crate::records::listing::{Asked, shown_columns};
use crate::records::work::{AT_ONCE, Asker, Selection, Work};
use crate::web::can::{Can, Export};
use crate::web::{Form, limits};

#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate)]
#[serde(default)]
pub struct Wanted {
    /// The list as its URL says it: `?search=…`.
    #[validate(length(max = 20000))]
    query: String,
    /// `all` fields; otherwise those on screen.
    columns: String,
    mark: bool,
    format: Format,
}

pub(super) async fn create<T: Listed>(
    can: Can<Export, T>,
    form: Form<Wanted>,
) -> Result<HttpResponse> {
    let wanted = form.valid()?;
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let asked = Asked::read(&can, &kind, wanted.query.trim_start_matches('?'))?;
    if let Some(problem) = asked.problems.first() {
        return Err(Error::invalid("query", problem.message.clone()));
    }
    let columns = match wanted.columns.as_str() {
        "all" => Vec::new(),
        _ => shown_columns(&asked, T::COLUMNS),
    };
    let selection = Selection::of(&asked.params, clock::now(), can.zone);
    let ask = Ask {
        selection,
        columns,
        mark: wanted.mark,
        format: wanted.format,
    };
    self::ask(&can, ask).await
}

/// Begins the export; a small one is done at once, a large one is a job's business.
pub async fn ask<T: Listed>(can: &Can<Export, T>, ask: Ask) -> Result<HttpResponse> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let catalogue = can.setup.catalogue(&kind);
    let params = ask.selection.params(&catalogue, can.me(), AT_ONCE + 1)?;
    let rows = can
        .tx(move |tx| T::ids(tx, &params, AT_ONCE + 1))
        .await?
        .len() as i64;
    let (at_once, title) = (rows <= AT_ONCE, format!("Export of {}", kind.plural));
    if !at_once {
        let me = can.me().to_string();
        can.app.limits.check(limits::BULK, &me).await?;
    }
    let work = can
        .tx(move |tx| {
            let id = Uuid::now_v7();
            let work = Work::begin(tx, id, ("export", kind.name), &title, 0, &ask)?;
            if !at_once {
                tx.enqueue(WriteExport { work: work.id }.new_job());
            }
            Ok(work)
        })
        .await?;
    let page = can.url(&format!("/work/{}", work.id));
    let file = format!("{page}/file");
    let work = match at_once {
        true => {
            let asker = Asker::here(can, can.subject(), kind);
            writing::write(&asker, work.clone()).await?.unwrap_or(work)
        }
        false => work,
    };
    if can.asked.json() {
        return Ok(HttpResponse::Accepted()
            .insert_header((header::LOCATION, format!("/api/v1{page}")))
            .json(work));
    }
    match (at_once, can.asked.htmx) {
        // The browser fetches a file, not htmx; the page stays as it is.
        (true, true) => Ok(HttpResponse::Ok()
            .insert_header(("hx-redirect", file))
            .finish()),
        (true, false) => can.redirect(&file, None),
        (false, _) => can.redirect(&page, None),
    }
}
