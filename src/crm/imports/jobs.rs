//! The work on an import off the request path: check its rows, write them, take them back.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::jobs::{Job, JobContext, Queue, queue};
use platform::live::Progress;
use platform::schema::{members, workspaces};
use platform::tabular::{Table, TableError};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::batch::Work;
use super::fields::Custom;
use super::import::{Import, Preview, State};
use super::problem;
use super::progress;
use super::reading::{self, Reader};
use super::repeated::Addresses;
use super::source::{self, Batch};
use super::steps::{finish_check, finish_run, look_alive};
use super::undo;

const LONGEST: Duration = Duration::from_secs(6 * 3_600);
/// As many as the page shows; a run lists them all.
const PREVIEWED: usize = 100;

#[derive(Serialize, Deserialize)]
pub struct CheckImport {
    pub import: Uuid,
}

#[derive(Serialize, Deserialize)]
pub struct RunImport {
    pub import: Uuid,
}

#[derive(Serialize, Deserialize)]
pub struct UndoImport {
    pub import: Uuid,
}

impl Job for CheckImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.check_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Checking).await? else {
            return Ok(());
        };
        let outcome = work.check().await;
        work.end(outcome).await
    }
}

impl Job for RunImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.run_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Running).await? else {
            return Ok(());
        };
        let outcome = work.run().await;
        work.end(outcome).await
    }
}

impl Job for UndoImport {
    const QUEUE: Queue = queue::IMPORT;
    const NAME: &'static str = "imports.undo_import";
    const TIMEOUT: Duration = LONGEST;

    async fn run(self, ctx: JobContext) -> Result<()> {
        let Some(work) = Working::begin(ctx, self.import, State::Undoing).await? else {
            return Ok(());
        };
        let outcome = work.undo().await;
        work.end(outcome).await
    }
}

/// Why the work ends early.
enum Trouble {
    /// The file can't be read to its end; trying again would not help.
    File(TableError),
    Other(Error),
}

impl From<TableError> for Trouble {
    fn from(error: TableError) -> Trouble {
        Trouble::File(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Other(error)
    }
}

type Outcome<T = ()> = std::result::Result<T, Trouble>;

/// An import that a worker has in hand.
struct Working {
    ctx: JobContext,
    subject: Subject,
    slug: String,
    import: Import,
}

impl Working {
    /// `None`: there is nothing to do any more.
    async fn begin(ctx: JobContext, id: Uuid, state: State) -> Result<Option<Working>> {
        let found = ctx.tx(move |tx| begun(tx, id, state)).await?;
        let Some((import, name, slug)) = found else {
            return Ok(None);
        };
        let mut subject = ctx.subject()?;
        subject.person = import.created_by;
        if let Some(name) = name {
            let mut origin = (*subject.origin).clone();
            origin.name = name;
            subject.origin = Arc::new(origin);
        }
        Ok(Some(Working {
            ctx,
            subject,
            slug,
            import,
        }))
    }

    async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ctx.tx_as(self.subject.clone(), work).await
    }

    fn progress(&self) -> Progress {
        let url = format!("/w/{}/contacts/imports/{}", self.slug, self.import.id);
        progress::progress(&self.ctx.app, self.subject.workspace, url, &self.import)
    }

    fn path(&self) -> PathBuf {
        source::path(&self.ctx.app.config, self.subject.workspace, self.import.id)
    }

    /// The rows behind `after`, read on a thread of their own.
    async fn read(
        &self,
        after: i64,
    ) -> Outcome<mpsc::Receiver<std::result::Result<Batch, TableError>>> {
        let (plan, header) = (self.import.plan(), self.import.header.clone());
        let (custom, owners) = self
            .tx(|tx| Ok((Custom::all(tx)?, reading::owners(tx)?)))
            .await?;
        let reader = Reader::new(plan, &header, &custom, owners);
        let (path, format) = (self.path(), self.import.format()?);
        let look = path.clone();
        let settle = move || reader.settle(&Table::open_as(look, format)?);
        let reader = tokio::task::spawn_blocking(settle)
            .await
            .map_err(Error::internal)??;
        Ok(source::read(path, format, Arc::new(reader), after))
    }

    async fn check(&self) -> Outcome {
        let mut batches = self.read(0).await?;
        let mut progress = self.progress();
        let (mut found, mut emails) = (Preview::default(), Addresses::default());
        let work = Arc::new(Work::new(self.import.clone()));
        while let Some(batch) = batches.recv().await {
            let mut batch = batch?;
            emails.drop_repeated(&mut batch, work.plan.duplicates, &mut found);
            let work = work.clone();
            let parted = self
                .tx(move |tx| {
                    let parted = work.part(tx, &mut batch)?;
                    let alive = look_alive(tx, &work.import, &batch)?;
                    Ok((parted.counts, batch, alive))
                })
                .await?;
            let (counts, batch, alive) = parted;
            if !alive {
                return Ok(());
            }
            found.rows += batch.rows;
            found.created += counts.created;
            found.updated += counts.updated;
            found.skipped += counts.skipped;
            found.refused += counts.refused;
            found.noted += counts.noted;
            for problem in batch.problems {
                problem::count(&mut found.totals, &problem);
                if found.first.len() < PREVIEWED {
                    found.first.push(problem);
                }
            }
            progress.show(i64::from(found.rows), batch.position);
        }
        let id = self.import.id;
        let preview = serde_json::to_value(found).map_err(Error::from)?;
        self.tx(move |tx| finish_check(tx, id, preview)).await?;
        Ok(())
    }

    async fn run(&self) -> Outcome {
        let mut batches = self.read(self.import.last_row).await?;
        let mut progress = self.progress();
        let mut work = Work::new(self.import.clone());
        while let Some(batch) = batches.recv().await {
            let batch = batch?;
            let wrote = self
                .tx(move |tx| {
                    let wrote = work.write(tx, batch)?;
                    Ok((work, wrote))
                })
                .await?;
            work = wrote.0;
            if !wrote.1 {
                return Ok(());
            }
            progress.show(i64::from(work.import.rows), work.import.position);
        }
        let import = work.import;
        self.tx(move |tx| finish_run(tx, &import)).await?;
        Ok(())
    }

    async fn undo(&self) -> Outcome {
        let mut progress = self.progress();
        let mut after = undo::Place::default();
        loop {
            let id = self.import.id;
            let step = self.tx(move |tx| undo::step(tx, id, after)).await?;
            let Some((next, import)) = step else {
                return Ok(());
            };
            let done = i64::from(import.undone + import.kept);
            progress.show(done, done);
            after = next;
        }
    }

    /// Tells the page, and the person where the file was to blame. Any other trouble is the worker's: the import is
    /// taken up again by `resume`.
    async fn end(self, outcome: Outcome) -> Result<()> {
        let result = match outcome {
            Ok(()) => Ok(()),
            Err(Trouble::File(error)) => {
                let (id, sentence) = (self.import.id, error.to_string());
                self.tx(move |tx| Import::find(tx, id)?.fail(tx, &sentence))
                    .await
                    .map(drop)
            }
            Err(Trouble::Other(error)) => Err(error),
        };
        self.progress().ended();
        result
    }
}

/// The import, who runs it, and the name of the workspace in addresses.
type Begun = (Import, Option<String>, String);

fn begun(tx: &mut Tx, id: Uuid, state: State) -> Result<Option<Begun>> {
    let import = match Import::find(tx, id) {
        Ok(import) if import.state == state => import,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let name = members::table
        .filter(members::person_id.nullable().eq(import.created_by))
        .select(members::name)
        .first(&mut **tx)
        .optional()?;
    let slug = workspaces::table
        .filter(workspaces::id.eq(tx.workspace))
        .select(workspaces::slug)
        .first(&mut **tx)?;
    Ok(Some((import, name, slug)))
}
