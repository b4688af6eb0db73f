//! The work on an import off the request path: check its rows, write them, take them back.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::events::Changes;
use platform::jobs::{Job, JobContext, Queue, Sweep, queue};
use platform::live::Progress;
use platform::schema::{imports, members};
use platform::tabular::{Table, TableError};
use platform::{Error, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::batch::{self, Work};
use super::fields::Custom;
use super::import::{Import, Preview, State};
use super::plan::Duplicates;
use super::problem;
use super::progress;
use super::reading::{self, Reader};
use super::source::{self, Batch};
use super::undo;

const LONGEST: Duration = Duration::from_secs(6 * 3_600);
/// As many as the page shows; a run lists them all.
const PREVIEWED: usize = 100;
/// An import that shows no sign of life for this long has lost its worker.
const SILENT: i32 = 45;
/// So often it is taken up again without a single row of progress.
const MOST_STALLS: i32 = 3;

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
    use platform::schema::workspaces;
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

/// Says how far the check is; `false` where somebody stopped it.
fn look_alive(tx: &mut Tx, import: &Import, batch: &Batch) -> Result<bool> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(State::Checking));
    let seen = diesel::update(mine)
        .set((
            imports::rows.eq(imports::rows + batch.rows),
            imports::position.eq(batch.position),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(seen == 1)
}

fn finish_check(tx: &mut Tx, id: Uuid, preview: serde_json::Value) -> Result<()> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(id))
        .filter(imports::state.eq(State::Checking));
    diesel::update(mine)
        .set((
            imports::state.eq(State::Checked),
            imports::preview.eq(preview),
            imports::rows.eq(0),
            imports::position.eq(0),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

fn finish_run(tx: &mut Tx, import: &Import) -> Result<()> {
    let now = tx.now;
    let mine = imports::table
        .filter(imports::id.eq(import.id))
        .filter(imports::state.eq(State::Running))
        .filter(imports::last_row.eq(import.last_row));
    let ended = diesel::update(mine)
        .set((
            imports::state.eq(State::Done),
            imports::position.eq(import.size),
            (imports::finished_at.eq(now), imports::updated_at.eq(now)),
        ))
        .execute(&mut **tx)?;
    if ended == 0 {
        return Ok(());
    }
    let counts = json!({"rows": import.rows, "created": import.created, "updated": import.updated,
        "skipped": import.skipped, "refused": import.refused});
    tx.note_event("import.finished", &import.file_name, Changes::none())
        .with("import_id", import.id)
        .with("counts", counts);
    Ok(())
}

/// The addresses of the batches before, as hashes, so that a file of millions fits in memory.
#[derive(Default)]
struct Addresses {
    seen: HashSet<u64>,
    state: RandomState,
}

impl Addresses {
    /// Counts the rows out whose address came before; a run finds those in the database by then.
    fn drop_repeated(&mut self, batch: &mut Batch, duplicates: Duplicates, found: &mut Preview) {
        if duplicates == Duplicates::Create {
            return;
        }
        let (mut fresh, mut repeated) = (Vec::new(), Vec::new());
        for row in std::mem::take(&mut batch.staged) {
            let hash = row.email.as_ref().map(|email| self.state.hash_one(email));
            match hash {
                Some(hash) if self.seen.contains(&hash) => repeated.push(row),
                hash => {
                    fresh.extend(hash);
                    batch.staged.push(row);
                }
            }
        }
        self.seen.extend(fresh);
        if duplicates == Duplicates::Update {
            found.updated += repeated.len() as i32;
            return;
        }
        found.skipped += repeated.len() as i32;
        for row in repeated {
            let reason = "An earlier row of this file has the same address.".to_owned();
            let skipped = batch::skipped(&row, batch.problems.len(), reason);
            batch.problems.push(skipped);
        }
    }
}

/// Takes up imports whose worker is gone: killed, or cut off from the database.
pub async fn resume(sweep: Sweep) -> Result<String> {
    let swept = sweep.each(resume_lost).await?;
    Ok(format!("{} imports taken up again", swept.total))
}

fn resume_lost(tx: &mut Tx) -> Result<i64> {
    let before = clock::now() - chrono::TimeDelta::seconds(i64::from(SILENT));
    let lost: Vec<Import> = imports::table
        .filter(imports::state.eq_any([State::Checking, State::Running, State::Undoing]))
        .filter(imports::updated_at.lt(before))
        .order(imports::updated_at)
        .limit(50)
        .for_update()
        .skip_locked()
        .select(Import::as_select())
        .load(&mut **tx)?;
    let mut resumed = 0;
    for import in lost {
        if waits(tx, import.id)? {
            continue;
        }
        if import.stalls >= MOST_STALLS {
            import.fail(tx, "It was cut off several times without getting further. Please try again, and tell an admin if it stays.")?;
            continue;
        }
        let now = tx.now;
        diesel::update(imports::table.filter(imports::id.eq(import.id)))
            .set((
                imports::stalls.eq(import.stalls + 1),
                imports::updated_at.eq(now),
            ))
            .execute(&mut **tx)?;
        let import_id = import.id;
        tx.enqueue(match import.state {
            State::Checking => CheckImport { import: import_id }.new_job(),
            State::Undoing => UndoImport { import: import_id }.new_job(),
            _ => RunImport { import: import_id }.new_job(),
        });
        resumed += 1;
    }
    Ok(resumed)
}

/// Whether its job still stands in the queue, behind another import perhaps.
fn waits(tx: &mut Tx, import: Uuid) -> Result<bool> {
    use platform::schema::jobs;
    let workspace = tx.workspace;
    let waiting = jobs::table
        .filter(jobs::workspace_id.eq(workspace))
        .filter(jobs::queue.eq(queue::IMPORT.name))
        .filter(jobs::status.eq_any(["new", "running"]))
        .filter(jobs::payload.eq(json!({ "import": import })));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(&mut **tx)?)
}
