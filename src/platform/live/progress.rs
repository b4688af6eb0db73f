//! How far long work is, told to whoever has its page open.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use uuid::Uuid;

use crate::web::App;
use crate::web::filters::thousands;

/// Often enough to look like movement, seldom enough to cost nothing.
const PAUSE: Duration = Duration::from_millis(250);

/// The bar as it stands on the page and as it is sent there.
#[derive(Template, Clone, Debug, Default)]
#[template(path = "ui/progress.html")]
pub struct Bar {
    /// The element that it fills.
    pub id: &'static str,
    pub label: String,
    pub done: i64,
    pub total: i64,
    pub detail: String,
    /// It replaces the one on the page.
    pub live: bool,
    /// Where the page finds what came of it, once there is no more progress.
    pub ended: Option<String>,
}

impl Bar {
    /// `done` of `total`, which may be bytes, stands for so many `units` (`rows`).
    pub fn new(id: &'static str, label: impl Into<String>, done: i64, total: i64) -> Bar {
        Bar {
            id,
            label: label.into(),
            done,
            total: total.max(1),
            detail: "Starting…".into(),
            ..Bar::default()
        }
    }

    pub fn told(mut self, units: i64, noun: &str) -> Bar {
        if units > 0 {
            self.detail = counted(units, noun);
        }
        self
    }
}

fn counted(units: i64, noun: &str) -> String {
    format!("{} {noun}", thousands(&units.to_string()))
}

/// Tells a room how far its work is, now and then.
pub struct Progress {
    app: Arc<App>,
    workspace: Uuid,
    room: String,
    url: String,
    noun: &'static str,
    bar: Bar,
    began: Instant,
    /// Where this attempt began, so that its speed is its own.
    first: Option<(i64, i64)>,
    told: Option<Instant>,
}

impl Progress {
    /// `url` is the page of the work; its element `state` is fetched anew at the end. `noun` is what is counted.
    pub fn new(
        app: &Arc<App>,
        workspace: Uuid,
        room: String,
        url: String,
        noun: &'static str,
        bar: Bar,
    ) -> Progress {
        Progress {
            app: app.clone(),
            workspace,
            room,
            url,
            noun,
            bar: Bar { live: true, ..bar },
            began: Instant::now(),
            first: None,
            told: None,
        }
    }

    /// So many units are done, which is as far as `position` of the bar's total.
    pub fn show(&mut self, units: i64, position: i64) {
        let (first_units, first_position) = *self.first.get_or_insert((units, position));
        self.bar.done = position;
        self.bar.detail = counted(units, self.noun);
        let seconds = self.began.elapsed().as_secs_f64();
        let (units, far) = (units - first_units, position - first_position);
        if seconds > 1.0 && units > 0 && far > 0 {
            let speed = thousands(&((units as f64 / seconds) as i64).to_string());
            let left = (self.bar.total - position).max(0) as f64 / (far as f64 / seconds);
            self.bar.detail += &format!(" · {speed} a second · {} left", lasting(left as i64));
        }
        self.tell();
    }

    pub fn of(&mut self, total: i64) {
        self.bar.total = total.max(1);
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
            Err(error) => tracing::warn!(?error, "the progress of some work could not be shown"),
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
