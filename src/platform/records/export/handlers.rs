//! Asking for an export.

use actix_web::HttpResponse;
use actix_web::http::header;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::{Ask, Format, Heading, WriteExport, writing};
use crate::clock;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::records::Listed;
use crate::records::listing::{Asked, shown_columns, wanted};
use crate::records::titles::Titles;
use crate::records::work::{AT_ONCE, Asker, Selection, Work};
use crate::web::can::{Can, Export};
use crate::web::{Form, limits};

/// Rows are counted so far before the export begins; the job finds out about more.
const COUNTED: i64 = 10_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, JsonSchema)]
#[schemars(rename = "ExportForm")]
#[serde(default)]
pub struct Wanted {
    /// The list as its URL says it: `?search=…`.
    #[validate(length(max = 20000))]
    query: String,
    /// `all` fields; otherwise those on screen.
    columns: String,
    /// Whether a CSV file begins with the mark that tells Excel that it is UTF-8.
    mark: bool,
    format: Format,
}

pub(super) async fn create<T: Listed>(
    can: Can<Export, T>,
    form: Form<Wanted>,
) -> Result<HttpResponse> {
    let form = form.valid()?;
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let asked = Asked::read(&can, &kind, form.query.trim_start_matches('?'))?;
    if let Some(problem) = asked.problems.first() {
        return Err(Error::invalid("query", problem.message.clone()));
    }
    let columns = match form.columns.as_str() {
        "all" => Vec::new(),
        _ => shown_columns(&asked, T::COLUMNS),
    };
    self::ask(&can, &asked, columns, (form.format, form.mark)).await
}

/// Begins the export of a list; a small one is done at once, a large one is a job's business.
pub async fn ask<T: Listed>(
    can: &Can<Export, T>,
    asked: &Asked,
    columns: Vec<String>,
    (format, mark): (Format, bool),
) -> Result<HttpResponse> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let selection = Selection::of(&asked.params, clock::now(), can.zone);
    let catalogue = can.setup.catalogue(&kind);
    let most = format.most().unwrap_or(AT_ONCE).clamp(AT_ONCE, COUNTED) + 1;
    let params = selection.params(&catalogue, can.me(), most)?;
    let (app, named) = (can.app.clone(), wanted(asked));
    let (rows, titles) = can
        .tx(move |tx| {
            let rows = T::ids(tx, &params, most)?.len() as i64;
            Ok((rows, Titles::of(tx, &app.kinds, &named)?))
        })
        .await?;
    if format.most().is_some_and(|most| rows > most) {
        return Err(Error::invalid("format", format.too_many()));
    }
    let ask = Ask {
        heading: Heading::of(can, &kind, asked, &titles),
        selection,
        columns,
        mark,
        format,
    };
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
