//! The operations page of jobs, and its API.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use platform::records::list::{COUNTED, List, ListParams};
use platform::web::can::{Manage, View as See};
use platform::web::filters::thousands;
use platform::web::{Can, Crumb, Id, Page, Toast, View, filters};
use platform::{Error, Result, clock};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dead::{self, DeadLetter};
use super::queues::{self, QueueRow};
use super::schedules::{self, ScheduleRow};
use super::{Jobs, Mine};

#[derive(Template, Serialize)]
#[template(path = "ops/jobs/index.html", blocks = ["overview"])]
struct Index {
    queues: Vec<QueueRow>,
    dead: List<DeadLetter>,
    schedules: Vec<ScheduleRow>,
    #[serde(skip)]
    base: String,
    /// This very page, for refreshing it.
    #[serde(skip)]
    here: String,
    #[serde(skip)]
    now: DateTime<Utc>,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_manage: bool,
    #[serde(skip)]
    installation: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Jobs".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Jobs")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "overview").then(|| self.as_overview().render())
    }
}

impl Index {
    /// A number that stopped counting somewhere.
    fn number(&self, n: &i64) -> String {
        let more = if *n > COUNTED { "+" } else { "" };
        format!("{}{more}", self.tally(n.min(&COUNTED)))
    }

    fn tally(&self, n: &i64) -> String {
        thousands(&n.to_string())
    }

    /// How far a queue is behind, once that is worth a word.
    fn behind(&self, queue: &QueueRow) -> Option<String> {
        let seconds = (self.now - queue.due_since?).num_seconds();
        match seconds {
            ..10 => None,
            10..120 => Some(format!("{seconds} s behind")),
            120..7_200 => Some(format!("{} min behind", seconds / 60)),
            _ => Some(format!("{} h behind", seconds / 3_600)),
        }
    }

    fn pause_url(&self, queue: &QueueRow, everywhere: bool) -> String {
        let reach = if everywhere { "?everywhere=true" } else { "" };
        format!("{}/queues/{}/pause{reach}", self.base, queue.name)
    }

    fn letter_url(&self, letter: &DeadLetter, path: &str) -> String {
        format!("{}/dead/{}{path}", self.base, letter.id)
    }

    fn run_url(&self, schedule: &ScheduleRow) -> String {
        format!("{}/schedules/{}/run", self.base, schedule.name)
    }

    fn dead_url(&self, path: &str) -> String {
        format!("{}/dead{path}", self.base)
    }

    fn page_url(&self, cursor: &Option<String>) -> String {
        let url = |cursor: &String| format!("{}?cursor={cursor}", self.base);
        cursor.as_ref().map(url).unwrap_or_default()
    }

    fn shown(&self) -> String {
        format!("{} of {}", self.dead.items.len(), self.dead.total)
    }
}

pub async fn index(can: Can<See, Jobs>, req: HttpRequest) -> Result<HttpResponse> {
    let params = ListParams {
        counted: true,
        sort: String::new(),
        ..ListParams::read(req.query_string())?
    };
    let mine = Mine::of(&can);
    let (queues, dead, schedules) = can
        .tx(move |tx| {
            let queues = QueueRow::all(tx, mine)?;
            let dead = DeadLetter::list(tx, mine, &params)?;
            Ok((queues, dead, ScheduleRow::all(tx, mine)?))
        })
        .await?;
    can.page(Index {
        queues,
        dead,
        schedules,
        base: can.url("/operations/jobs"),
        here: match req.query_string() {
            "" => can.url("/operations/jobs"),
            query => can.url(&format!("/operations/jobs?{query}")),
        },
        now: clock::now(),
        zone: can.zone,
        may_manage: can.may("jobs", "manage"),
        installation: mine.installation,
    })
}

type Name = web::Path<(String, String)>;

#[derive(Template, Serialize)]
#[template(path = "ops/jobs/show.html")]
struct Show {
    #[serde(flatten)]
    letter: DeadLetter,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.letter.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Jobs", &self.base),
            Crumb::here(self.letter.name.clone()),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/dead/{}{path}", self.base, self.letter.id)
    }

    fn payload(&self) -> String {
        format!("{:#}", self.letter.payload)
    }
}

pub async fn show(can: Can<See, Jobs>, Id(id): Id) -> Result<HttpResponse> {
    let mine = Mine::of(&can);
    let letter = can.tx(move |tx| DeadLetter::find(tx, mine, id)).await?;
    can.page(Show {
        letter,
        base: can.url("/operations/jobs"),
        zone: can.zone,
        may_manage: can.may("jobs", "manage"),
    })
}

pub async fn retry(can: Can<Manage, Jobs>, Id(id): Id) -> Result<HttpResponse> {
    retried(&can, Some(id)).await
}

pub async fn retry_all(can: Can<Manage, Jobs>) -> Result<HttpResponse> {
    retried(&can, None).await
}

async fn retried(can: &Can<Manage, Jobs>, one: Option<Uuid>) -> Result<HttpResponse> {
    let mine = Mine::of(can);
    let done = can.tx(move |tx| dead::retry(tx, mine, one)).await?;
    back(can, Toast::done(format!("{} tried again", jobs(done))))
}

pub async fn discard(can: Can<Manage, Jobs>, Id(id): Id) -> Result<HttpResponse> {
    discarded(&can, Some(id)).await
}

pub async fn discard_all(can: Can<Manage, Jobs>) -> Result<HttpResponse> {
    discarded(&can, None).await
}

async fn discarded(can: &Can<Manage, Jobs>, one: Option<Uuid>) -> Result<HttpResponse> {
    let mine = Mine::of(can);
    let (done, at) = can
        .tx(move |tx| Ok((dead::discard(tx, mine, one)?, tx.now)))
        .await?;
    let undo = format!(
        "/operations/jobs/discarded/{}/restoration",
        at.timestamp_micros()
    );
    back(
        can,
        Toast::done(format!("{} discarded", jobs(done))).undo(can.url(&undo)),
    )
}

pub async fn restore(can: Can<Manage, Jobs>, at: web::Path<(String, i64)>) -> Result<HttpResponse> {
    let at = DateTime::<Utc>::from_timestamp_micros(at.into_inner().1).ok_or(Error::NotFound)?;
    let mine = Mine::of(&can);
    let done = can.tx(move |tx| dead::restore(tx, mine, at)).await?;
    back(&can, Toast::done(format!("{} brought back", jobs(done))))
}

/// Whether the whole installation is meant, which is for those who look after it.
#[derive(Deserialize)]
pub struct Reach {
    #[serde(default)]
    everywhere: bool,
}

impl Reach {
    fn allowed(&self, can: &Can<Manage, Jobs>) -> Result<bool> {
        if self.everywhere && !can.person().super_admin {
            return Err(Error::Forbidden(
                "Only who looks after the whole installation can stop a queue for everybody."
                    .into(),
            ));
        }
        Ok(self.everywhere)
    }
}

pub async fn pause(
    can: Can<Manage, Jobs>,
    queue: Name,
    reach: web::Query<Reach>,
) -> Result<HttpResponse> {
    let ((_, queue), everywhere) = (queue.into_inner(), reach.allowed(&can)?);
    let toast = Toast::done(format!("The queue {queue} is paused"));
    can.tx(move |tx| queues::pause(tx, &queue, everywhere))
        .await?;
    back(&can, toast)
}

pub async fn resume(
    can: Can<Manage, Jobs>,
    queue: Name,
    reach: web::Query<Reach>,
) -> Result<HttpResponse> {
    let ((_, queue), everywhere) = (queue.into_inner(), reach.allowed(&can)?);
    let toast = Toast::done(format!("The queue {queue} goes on"));
    can.tx(move |tx| queues::resume(tx, &queue, everywhere))
        .await?;
    back(&can, toast)
}

pub async fn run_now(can: Can<Manage, Jobs>, name: Name) -> Result<HttpResponse> {
    let (_, name) = name.into_inner();
    let label = can.tx(move |tx| schedules::run_now(tx, &name)).await?;
    back(&can, Toast::done(format!("“{label}” runs in a moment")))
}

fn back(can: &Can<Manage, Jobs>, toast: Toast) -> Result<HttpResponse> {
    can.done(&can.url("/operations/jobs"), toast)
}

fn jobs(n: usize) -> String {
    match n {
        1 => "1 job".into(),
        n => format!("{} jobs", thousands(&n.to_string())),
    }
}
