//! An import in the hands of a worker: batch after batch of its rows, whatever they become.

use std::path::PathBuf;
use std::sync::Arc;

use diesel::prelude::*;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::jobs::JobContext;
use platform::live::Progress;
use platform::schema::{members, workspaces};
use platform::tabular::{Table, TableError};
use platform::{Error, Result};
use uuid::Uuid;

use super::import::{Import, Preview, State};
use super::progress;
use super::reading::Reader;
use super::source::{self, Batches};
use super::steps::{finish_check, finish_run, look_alive};
use super::way::Way;
use super::what::What;
use super::{contacts, records, undo};
use crate::crm::companies::Company;
use crate::crm::deals::Deal;
use crate::crm::tasks::Task;

/// Why the work ends early.
pub enum Trouble {
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

pub type Outcome<T = ()> = std::result::Result<T, Trouble>;

/// An import that a worker has in hand.
pub struct Working {
    ctx: JobContext,
    subject: Subject,
    slug: String,
    import: Import,
}

impl Working {
    /// `None`: there is nothing to do any more.
    pub async fn begin(ctx: JobContext, id: Uuid, state: State) -> Result<Option<Working>> {
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
        let list = self.import.record_kind.collection();
        let url = format!("/w/{}/{list}/imports/{}", self.slug, self.import.id);
        progress::progress(&self.ctx.app, self.subject.workspace, url, &self.import)
    }

    fn path(&self) -> PathBuf {
        source::path(&self.ctx.app.config, self.subject.workspace, self.import.id)
    }

    pub async fn check(&self) -> Outcome {
        match self.import.record_kind {
            What::Contact => self.check_as::<contacts::Work>().await,
            What::Company => self.check_as::<records::Work<Company>>().await,
            What::Deal => self.check_as::<records::Work<Deal>>().await,
            What::Task => self.check_as::<records::Work<Task>>().await,
        }
    }

    pub async fn run(&self) -> Outcome {
        match self.import.record_kind {
            What::Contact => self.run_as::<contacts::Work>().await,
            What::Company => self.run_as::<records::Work<Company>>().await,
            What::Deal => self.run_as::<records::Work<Deal>>().await,
            What::Task => self.run_as::<records::Work<Task>>().await,
        }
    }

    /// The rows behind `after`, read on a thread of their own.
    async fn read<W: Way>(&self, after: i64) -> Outcome<Batches<<W::Reader as Reader>::Staged>> {
        let import = self.import.clone();
        let reader = self.tx(move |tx| W::reader(tx, &import)).await?;
        let (path, format) = (self.path(), self.import.format()?);
        let look = path.clone();
        let settle = move || W::settle(reader, &Table::open_as(look, format)?);
        let reader = tokio::task::spawn_blocking(settle)
            .await
            .map_err(Error::internal)??;
        Ok(source::read(path, format, reader, after))
    }

    async fn begin_as<W: Way>(&self) -> Outcome<W> {
        let import = self.import.clone();
        Ok(self.tx(move |tx| W::begin(tx, import)).await?)
    }

    async fn check_as<W: Way>(&self) -> Outcome {
        let mut batches = self.read::<W>(0).await?;
        let mut progress = self.progress();
        let mut work: W = self.begin_as().await?;
        let mut found = Preview::default();
        while let Some(batch) = batches.recv().await {
            let mut batch = batch?;
            let looked = self
                .tx(move |tx| {
                    let counts = work.look(tx, &mut batch)?;
                    let place = (batch.rows, batch.position);
                    let alive = look_alive(tx, work.import(), place)?;
                    Ok((work, counts, batch.problems, place, alive))
                })
                .await?;
            let (rows, position) = looked.3;
            work = looked.0;
            if !looked.4 {
                return Ok(());
            }
            found.add(rows, looked.1, looked.2);
            progress.show(i64::from(found.rows), position);
        }
        let id = self.import.id;
        let preview = serde_json::to_value(found).map_err(Error::from)?;
        self.tx(move |tx| finish_check(tx, id, preview)).await?;
        Ok(())
    }

    async fn run_as<W: Way>(&self) -> Outcome {
        let mut batches = self.read::<W>(self.import.last_row).await?;
        let mut progress = self.progress();
        let mut work: W = self.begin_as().await?;
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
            let import = work.import();
            progress.show(i64::from(import.rows), import.position);
        }
        let import = work.import().clone();
        self.tx(move |tx| finish_run(tx, &import)).await?;
        Ok(())
    }

    pub async fn undo(&self) -> Outcome {
        let parts = match self.import.record_kind {
            What::Contact => contacts::Work::UNDO,
            What::Company => <records::Work<Company>>::UNDO,
            What::Deal => <records::Work<Deal>>::UNDO,
            What::Task => <records::Work<Task>>::UNDO,
        };
        let mut progress = self.progress();
        let mut after = undo::Place::default();
        loop {
            let id = self.import.id;
            let step = self.tx(move |tx| undo::step(tx, id, after, parts)).await?;
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
    pub async fn end(self, outcome: Outcome) -> Result<()> {
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
