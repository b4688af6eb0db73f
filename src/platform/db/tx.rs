//! The tenant transaction: the only way to rows that belong to a workspace.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;

use super::pool::{self, Pool, Pooled};
use crate::clock;
use crate::error::{Error, Result};
use crate::events::{Changes, Event};
use crate::jobs::NewJob;
use crate::records::Record;
use crate::schema::workspaces;

/// Which records of a kind somebody may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    /// Those that one of these people owns.
    Owners(Vec<Uuid>),
}

impl Scope {
    /// `None`: whoever owns it.
    pub fn owners(&self) -> Option<&[Uuid]> {
        match self {
            Scope::All => None,
            Scope::Owners(people) => Some(people),
        }
    }
}

/// Who asks, and from where; it goes into the audit log with every write.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub name: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
}

/// Whose transaction it is.
#[derive(Clone, Debug)]
pub struct Subject {
    pub workspace: Uuid,
    pub person: Option<Uuid>,
    pub scope: Scope,
    pub origin: Arc<Origin>,
    /// It only looks: the database refuses it every write.
    pub reads: bool,
}

impl Subject {
    /// For what comes without a member: a job, a sweep, a public link. `name` is what the timeline says did it.
    pub fn machine(workspace: Uuid, name: &str) -> Subject {
        Subject {
            workspace,
            person: None,
            scope: Scope::All,
            origin: Arc::new(Origin {
                name: name.to_owned(),
                ..Origin::default()
            }),
            reads: false,
        }
    }

    /// For what looks at a workspace and writes nothing.
    pub fn reader(workspace: Uuid) -> Subject {
        Subject {
            reads: true,
            ..Subject::machine(workspace, "")
        }
    }
}

/// What a committed transaction leaves for the world outside the database.
#[derive(Debug, Default)]
pub struct Aftermath {
    pub events: Vec<Event>,
    /// Queues that have something new.
    pub queues: Vec<&'static str>,
}

pub struct Tx {
    conn: Pooled,
    pub workspace: Uuid,
    pub person: Option<Uuid>,
    pub scope: Scope,
    pub origin: Arc<Origin>,
    pub now: DateTime<Utc>,
    events: Vec<Event>,
    jobs: Vec<NewJob>,
}

impl Tx {
    /// Runs `work` in one transaction that sees one workspace; commits what it returns, or nothing.
    ///
    /// Blocking: call it through `web::block`, `Can::tx` or a job.
    pub fn run<T>(
        pool: &Pool,
        subject: Subject,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Result<(T, Aftermath)> {
        let mut conn = pool::get(pool)?;
        begin(&mut conn, &subject)?;
        let mut tx = Tx {
            conn,
            workspace: subject.workspace,
            person: subject.person,
            scope: subject.scope,
            origin: subject.origin,
            now: clock::now(),
            events: Vec::new(),
            jobs: Vec::new(),
        };
        match work(&mut tx).and_then(|value| Ok((value, tx.flush()?))) {
            Ok((value, aftermath)) => {
                AnsiTransactionManager::commit_transaction(&mut *tx.conn)?;
                Ok((value, aftermath))
            }
            Err(error) => {
                // The first error is the one to tell; a failed rollback leaves a broken connection, which the pool drops.
                if let Err(rollback) = AnsiTransactionManager::rollback_transaction(&mut *tx.conn) {
                    tracing::warn!(%rollback, "rollback failed");
                }
                Err(error)
            }
        }
    }

    /// Leaves the event of a write: `kind` is `noun.verb_in_the_past`. One a write.
    pub fn track<R: Record>(&mut self, record: &R, kind: &str, changes: Changes) -> &mut Event {
        let mut event = self.event(kind);
        event.record_kind = Some(R::KIND.to_owned());
        event.record_id = Some(record.id());
        event.title = record.title();
        event.changes = changes.into_json();
        event.data = serde_json::json!({ "version": record.version() });
        self.events.push(event);
        self.last_event()
    }

    /// Leaves an event about something that is no record (a role, a log-in, a setting); `title` says what.
    pub fn note_event(&mut self, kind: &'static str, title: &str, changes: Changes) -> &mut Event {
        let mut event = self.event(kind);
        event.title = title.to_owned();
        event.changes = changes.into_json();
        self.events.push(event);
        self.last_event()
    }

    /// The event that was left last, for whoever offers to undo it.
    pub fn tracked(&self) -> Option<Uuid> {
        self.events.last().map(|event| event.id)
    }

    /// How many events it has left so far.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Those left since there were `before`, for whoever does in one go what verbs do one by one.
    pub fn events_since(&mut self, before: usize) -> &mut [Event] {
        let from = before.min(self.events.len());
        &mut self.events[from..]
    }

    /// Tries `work` in the midst of the transaction: where it fails, nothing of it stays and the transaction goes on.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let before = self.part()?;
        match work(self) {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(&mut *self.conn)?;
                Ok(value)
            }
            Err(error) => {
                self.back_to(before)?;
                Err(error)
            }
        }
    }

    /// Does `work` for the sake of what it finds: nothing of it stays.
    pub fn rehearse<T>(&mut self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let before = self.part()?;
        let found = work(self);
        self.back_to(before)?;
        found
    }

    /// Whether nobody else is at `what` in this workspace just now; nobody can be until this ends.
    pub fn is_alone_at(&mut self, what: &str) -> Result<bool> {
        let lock = sql::<Bool>("pg_try_advisory_xact_lock(hashtextextended(")
            .bind::<Text, _>(format!("{what} {}", self.workspace))
            .sql(", 0))");
        Ok(diesel::select(lock).get_result(&mut *self.conn)?)
    }

    /// Begins a part that can be taken back; gives how many events and jobs there are before it.
    fn part(&mut self) -> Result<(usize, usize)> {
        AnsiTransactionManager::begin_transaction(&mut *self.conn)?;
        Ok((self.events.len(), self.jobs.len()))
    }

    fn back_to(&mut self, (events, jobs): (usize, usize)) -> Result<()> {
        AnsiTransactionManager::rollback_transaction(&mut *self.conn)?;
        self.events.truncate(events);
        self.jobs.truncate(jobs);
        Ok(())
    }

    /// Promises a job; it exists if and only if this transaction commits.
    pub fn enqueue(&mut self, job: NewJob) {
        self.jobs.push(job);
    }

    /// The person behind this, or the refusal for what needs one.
    pub fn me(&self) -> Result<Uuid> {
        self.person
            .ok_or_else(|| Error::Forbidden("Only a person can do this.".into()))
    }

    /// The workspace's own time zone, for what nobody in particular reads.
    pub fn zone(&mut self) -> Result<Tz> {
        let zone: String = workspaces::table
            .find(self.workspace)
            .select(workspaces::zone)
            .first(&mut **self)?;
        Ok(clock::zone(&zone))
    }

    fn event(&self, kind: &str) -> Event {
        Event::new(kind, self.person, &self.origin, self.now)
    }

    fn last_event(&mut self) -> &mut Event {
        let last = self.events.len() - 1;
        &mut self.events[last]
    }

    fn flush(&mut self) -> Result<Aftermath> {
        let events = std::mem::take(&mut self.events);
        Event::insert_all(self, &events)?;
        crate::events::notify::owners_and_followers(self, &events)?;
        let jobs = std::mem::take(&mut self.jobs);
        let workspace = self.workspace;
        let queues = NewJob::insert_all(&mut self.conn, Some(workspace), &jobs)?;
        Ok(Aftermath { events, queues })
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

/// BEGIN and the fence in one round trip. The ids are UUIDs by type, so they may stand in the text; `set local` costs the
/// server half of what calling `set_config` does.
fn begin(conn: &mut PgConnection, subject: &Subject) -> Result<()> {
    let person = subject.person.map(|p| p.to_string()).unwrap_or_default();
    let mode = match subject.reads {
        true => "read only",
        false => "read write",
    };
    let fence = format!(
        "set local app.workspace_id = '{}'; set local app.person_id = '{person}'",
        subject.workspace
    );
    let depth = AnsiTransactionManager::transaction_manager_status_mut(conn).transaction_depth()?;
    if depth.is_none() {
        AnsiTransactionManager::begin_transaction_sql(conn, &format!("begin {mode}; {fence}"))?;
    } else {
        // Inside a test's outer transaction we are a savepoint.
        AnsiTransactionManager::begin_transaction(conn)?;
        conn.batch_execute(&format!("set transaction {mode}; {fence}"))?;
    }
    Ok(())
}
