//! Writes an export, portion by portion, so that a million rows need no more memory than a thousand.

use std::path::Path;

use super::table::Growing;
use super::{Ask, Rows, Sheet};
use crate::error::{Error, Result};
use crate::records::work::{Asker, State, Work};

const ROWS_A_PORTION: i64 = 1_000;

/// Writes the file of `work`; `None` where somebody stopped it.
pub async fn write(asker: &Asker, work: Work) -> Result<Option<Work>> {
    let ask: Ask = work.ask()?;
    let rows = asker.kind.rows.ok_or(Error::NotFound)?;
    let path = work.path(&asker.door.app().config, asker.subject.workspace);
    if let Some(folder) = path.parent() {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(Error::internal)?;
    }
    let part = path.with_extension("part");
    let name = file_name(asker, &ask);
    let mut progress = match asker.door.is_waited_for() {
        true => None,
        false => Some(work.progress(asker.door.app(), asker.subject.workspace, &asker.slug)),
    };
    let written = fill(asker, work, &ask, rows, &part, |done| {
        if let Some(progress) = &mut progress {
            progress.show(done, done);
        }
    })
    .await;
    let work = match written {
        Ok(Some(work)) => work,
        unfinished => {
            // What is half written is of no use; a later attempt begins anew.
            let _ = tokio::fs::remove_file(&part).await;
            return unfinished;
        }
    };
    tokio::fs::rename(&part, &path)
        .await
        .map_err(Error::internal)?;
    let size = tokio::fs::metadata(&path).await.map_err(Error::internal)?;
    let (size, tell) = (size.len() as i64, progress.is_some());
    let plural = asker.kind.plural;
    let work = asker
        .tx(move |tx| {
            let work = work.wrote(tx, &name, size)?;
            tx.note_event("records.exported", plural, crate::events::Changes::none())
                .with("work", work.id)
                .with("rows", work.done)
                .with("format", ask.format.key())
                .with("selection", &ask.selection);
            work.finish(tx, State::Done, tell)
        })
        .await?;
    if let Some(progress) = progress {
        asker.ring().await;
        progress.ended();
    }
    Ok(Some(work))
}

async fn fill(
    asker: &Asker,
    mut work: Work,
    ask: &Ask,
    rows: Rows,
    path: &Path,
    mut told: impl FnMut(i64),
) -> Result<Option<Work>> {
    let (app, setup, kind) = (asker.door.app(), &asker.setup, asker.kind);
    let sheet = Sheet::new(app, setup, &kind, ask);
    let mut file = Growing::begin(path, ask, kind, &sheet).await?;
    let catalogue = setup.catalogue(&kind);
    let mut params = ask.selection.params(&catalogue, asker.me, ROWS_A_PORTION)?;
    work.done = 0;
    loop {
        let (asked, columns, mut going) = (params.clone(), sheet.clone(), work.clone());
        let portion = asker
            .tx(move |tx| {
                let portion = rows(tx, &asked, &columns)?;
                going.done += portion.rows.len() as i64;
                Ok((portion, going.went_on(tx)?))
            })
            .await?;
        let (portion, going) = portion;
        let Some(going) = going else {
            return Ok(None);
        };
        work = going;
        file.rows(&portion.rows).await?;
        told(work.done);
        match portion.next {
            Some(next) => params.go_to(&next)?,
            None => break,
        }
    }
    file.end().await?;
    Ok(Some(work))
}

/// `contacts 2026-11-21.csv`
fn file_name(asker: &Asker, ask: &Ask) -> String {
    let day = ask.selection.at().with_timezone(&ask.selection.zone());
    let (list, day) = (asker.kind.collection, day.format("%Y-%m-%d"));
    format!("{list} {day}.{}", ask.format.key())
}
