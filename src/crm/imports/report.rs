//! What was wrong with a file: page by page, and as files to mend it with.

use actix_web::{HttpResponse, web};
use platform::tabular::TableError;
use platform::web::can::View as See;
use platform::web::{Can, Id, View, download};
use platform::{Error, Result};
use serde::Deserialize;

use super::files;
use super::handlers::{base, found};
use super::import::{Import, PROBLEMS_A_PAGE};
use super::pages::Problems;
use super::problem::Problem;
use super::source;
use super::what::Of;

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    cursor: String,
}

impl After {
    fn place(&self) -> Result<(i64, i32)> {
        if self.cursor.is_empty() {
            return Ok((0, -1));
        }
        let place = self.cursor.split_once('.');
        let place = place.and_then(|(row, seq)| Some((row.parse().ok()?, seq.parse().ok()?)));
        place.ok_or_else(|| Error::bad_request("This cursor is none of ours."))
    }
}

fn cursor(last: &Problem) -> String {
    format!("{}.{}", last.row, last.seq)
}

pub async fn problems(
    can: Can<See, Import>,
    Of(what): Of,
    Id(id): Id,
    after: web::Query<After>,
) -> Result<HttpResponse> {
    let place = after.place()?;
    let (import, items) = can
        .tx(move |tx| {
            let import = Import::of(tx, what, id)?;
            let items = import.problems(tx, place, PROBLEMS_A_PAGE)?;
            Ok((import, items))
        })
        .await?;
    let full = items.len() as i64 == PROBLEMS_A_PAGE;
    can.page(Problems {
        next_cursor: items.last().filter(|_| full).map(cursor),
        items,
        import,
        base: base(&can, what),
    })
}

pub async fn refused(can: Can<See, Import>, Of(what): Of, id: Id) -> Result<HttpResponse> {
    let import = found(&can, what, id).await?;
    let source = source::path(&can.app.config, can.membership.workspace_id, import.id);
    let format = import.format()?;
    let name = format!("refused {}.csv", stem(&import.file_name));
    let file = written(&can, import, move |pages| {
        files::refused(source, format, pages)
    })
    .await?;
    Ok(download::file(file, &name))
}

pub async fn report(can: Can<See, Import>, Of(what): Of, id: Id) -> Result<HttpResponse> {
    let import = found(&can, what, id).await?;
    let folder = source::folder(&can.app.config, can.membership.workspace_id);
    let name = format!("problems {}.csv", stem(&import.file_name));
    let file = written(&can, import, move |pages| files::report(folder, pages)).await?;
    Ok(download::file(file, &name))
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Lets `write` make a file of all problems, which come page by page so that there may be any number.
async fn written(
    can: &Can<See, Import>,
    import: Import,
    write: impl FnOnce(files::Pages) -> Result<std::fs::File, TableError> + Send + 'static,
) -> Result<std::fs::File> {
    let (sender, pages) = tokio::sync::mpsc::channel(2);
    let writing = actix_web::rt::task::spawn_blocking(move || write(pages));
    let mut place = (0, -1);
    loop {
        let of = import.clone();
        let page = can
            .tx(move |tx| of.problems(tx, place, PROBLEMS_A_PAGE))
            .await?;
        let full = page.len() as i64 == PROBLEMS_A_PAGE;
        if let Some(last) = page.last() {
            place = (last.row, last.seq);
        }
        // A writer that is gone says why below.
        if sender.send(page).await.is_err() || !full {
            break;
        }
    }
    drop(sender);
    writing
        .await
        .map_err(Error::internal)?
        .map_err(files::unreadable)
}
