//! How far an import is, told to whoever has its page open.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use platform::web::{App, filters};
use uuid::Uuid;

use super::import::{Import, State};

/// Often enough to look like movement, seldom enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(250);

/// The bar as it stands on the page and as it is sent there.
#[derive(Template, Clone, Debug, Default)]
#[template(path = "crm/imports/_progress.html")]
pub struct Bar {
    pub label: &'static str,
    pub done: i64,
    pub total: i64,
    pub detail: String,
    /// It replaces the one on the page.
    pub live: bool,
    /// Where the page finds what came of it, once there is no more progress.
    pub ended: Option<String>,
}

impl Bar {
    pub fn of(import: &Import) -> Bar {
        let (done, total) = match import.state {
            State::Undoing => (
                i64::from(import.undone + import.kept),
                i64::from(import.created + import.updated),
            ),
            _ => (import.position, import.size),
        };
        let rows = match import.state {
            State::Undoing => done,
            _ => i64::from(import.rows),
        };
        Bar {
            label: label(import.state),
            done,
            total: total.max(1),
            detail: if rows == 0 {
                "Starting…".into()
            } else {
                rows_told(rows)
            },
            ..Bar::default()
        }
    }
}

fn label(state: State) -> &'static str {
    match state {
        State::Checking => "Checking every row",
        State::Undoing => "Taking the import back",
        _ => "Importing contacts",
    }
}

fn rows_told(rows: i64) -> String {
    format!("{} rows", filters::thousands(&rows.to_string()))
}

/// Tells the room of an import, now and then.
pub struct Progress {
    app: Arc<App>,
    workspace: Uuid,
    room: String,
    url: String,
    bar: Bar,
    began: Instant,
    /// Where this attempt began, so that its speed is its own.
    first: Option<(i64, i64)>,
    told: Option<Instant>,
}

impl Progress {
    pub fn new(app: &Arc<App>, workspace: Uuid, url: String, import: &Import) -> Progress {
        Progress {
            app: app.clone(),
            workspace,
            room: format!("import:{}", import.id),
            url,
            bar: Bar {
                live: true,
                ..Bar::of(import)
            },
            began: Instant::now(),
            first: None,
            told: None,
        }
    }

    pub fn show(&mut self, rows: i64, position: i64) {
        let (first_rows, first_position) = *self.first.get_or_insert((rows, position));
        self.bar.done = position;
        let seconds = self.began.elapsed().as_secs_f64();
        self.bar.detail = rows_told(rows);
        let (rows, bytes) = (rows - first_rows, position - first_position);
        if seconds > 1.0 && rows > 0 && bytes > 0 {
            let speed = filters::thousands(&((rows as f64 / seconds) as i64).to_string());
            let left = (self.bar.total - position).max(0) as f64 / (bytes as f64 / seconds);
            self.bar.detail += &format!(" · {speed} a second · {} left", lasting(left as i64));
        }
        self.tell();
    }

    pub fn undone(&mut self, records: i64) {
        self.bar.done = records;
        self.bar.detail = format!("{} contacts", filters::thousands(&records.to_string()));
        self.tell();
    }

    /// The page looks for itself what came of it.
    pub fn ended(mut self) {
        self.bar.ended = Some(self.url.clone());
        self.told = None;
        self.tell();
    }

    fn tell(&mut self) {
        if self.told.is_some_and(|told| told.elapsed() < PAUSE) {
            return;
        }
        self.told = Some(Instant::now());
        match self.bar.render() {
            Ok(html) => self
                .app
                .dispatcher
                .tell(&self.app, self.workspace, &self.room, html),
            Err(error) => tracing::warn!(?error, "the progress of an import could not be shown"),
        }
    }
}

fn lasting(seconds: i64) -> String {
    match seconds {
        ..90 => format!("{} s", seconds.max(1)),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1_800) / 3_600),
    }
}
