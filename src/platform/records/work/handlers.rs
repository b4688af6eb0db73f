//! The pages of one's own long work.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use super::Work;
use crate::clock;
use crate::error::{Error, Result};
use crate::live::Bar;
use crate::records::bulk;
use crate::records::facts::capital;
use crate::records::kinds::Kinds;
use crate::web::can::{Can, Edit, View as See};
use crate::web::{Crumb, Id, Page, Toast, View, download, filters};

#[derive(Template, Serialize)]
#[template(path = "records/works.html")]
struct Index {
    items: Vec<Work>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    now: DateTime<Utc>,
}

impl Page for Index {
    fn title(&self) -> String {
        "Exports and bulk changes".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here(self.title())]
    }
}

pub async fn index(can: Can<See, Work>) -> Result<HttpResponse> {
    let me = can.me();
    let items = can.tx(move |tx| Work::latest(tx, me)).await?;
    can.page(Index {
        items,
        base: can.url("/work"),
        zone: can.zone,
        now: clock::now(),
    })
}

#[derive(Template, Serialize)]
#[template(path = "records/work.html", blocks = ["state"])]
struct Show {
    #[serde(flatten)]
    work: Work,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    list: Crumb,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    now: DateTime<Utc>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.work.title.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Exports and bulk changes", &self.base),
            Crumb::here(self.title()),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "state").then(|| self.as_state().render())
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.work.id)
    }
    fn bar(&self) -> Bar {
        self.work.bar()
    }
    fn has_file(&self) -> bool {
        self.work.has_file(self.now)
    }
    fn is_export(&self) -> bool {
        self.work.kind == "export"
    }
    fn is_scan(&self) -> bool {
        self.work.kind == "scan"
    }
    /// Were so already.
    fn already(&self) -> i64 {
        self.work.skipped - self.work.refused
    }
    fn record_url(&self, id: &Uuid) -> String {
        let list = self.list_url().split('?').next().unwrap_or_default();
        format!("{list}/{id}")
    }
    fn unnamed(&self) -> i64 {
        self.work.refused - self.work.refusals.0.len() as i64
    }
    fn changed(&self) -> i64 {
        self.work.done - self.work.skipped
    }
    fn list_url(&self) -> &str {
        self.list.href.as_deref().unwrap_or_default()
    }
    fn size(&self) -> String {
        match self.work.size {
            bytes @ ..10_240 => format!("{} bytes", filters::thousands(&bytes.to_string())),
            bytes @ 10_240..10_485_760 => format!("{} kB", bytes / 1024),
            bytes => format!("{} MB", bytes / (1024 * 1024)),
        }
    }
}

fn list_of(kinds: &Kinds, work: &Work, root: &str) -> Crumb {
    match kinds.get(&work.record_kind) {
        Some(kind) => {
            // The list as it was when the rows were chosen.
            let asked = work.ask::<bulk::Ask>().ok();
            let back = asked.map_or_else(String::new, |ask| ask.back);
            let list = format!("{root}/{}{back}", kind.collection);
            Crumb::to(capital(kind.plural), list)
        }
        None => Crumb::to("Home", root),
    }
}

pub async fn show(can: Can<See, Work>, Id(id): Id) -> Result<HttpResponse> {
    let me = can.me();
    let work = can.tx(move |tx| Work::find(tx, id, me)).await?;
    can.page(Show {
        list: list_of(&can.app.kinds, &work, &can.url("")),
        work,
        base: can.url("/work"),
        zone: can.zone,
        now: clock::now(),
    })
}

/// The file of an export, for who asked for it and as long as it is kept.
pub async fn file(can: Can<See, Work>, Id(id): Id) -> Result<HttpResponse> {
    let me = can.me();
    let work = can.tx(move |tx| Work::find(tx, id, me)).await?;
    let kind = can.app.kinds.get(&work.record_kind);
    let may = kind.is_some_and(|kind| can.may(kind.resource(), "export"));
    if !work.has_file(clock::now()) || !may {
        return Err(Error::NotFound);
    }
    let path = work.path(&can.app.config, can.membership.workspace_id);
    let opened = web::block(move || std::fs::File::open(path)).await?;
    match opened {
        Ok(file) => Ok(download::file(
            file,
            work.file_name.as_deref().unwrap_or("export.csv"),
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound),
        Err(error) => Err(Error::internal(error)),
    }
}

pub async fn stop(can: Can<Edit, Work>, Id(id): Id) -> Result<HttpResponse> {
    let me = can.me();
    let work = can.tx(move |tx| Work::find(tx, id, me)?.stop(tx)).await?;
    on_to(&can, &work, Some(Toast::done("Stopped")))
}

fn on_to(can: &Can<Edit, Work>, work: &Work, toast: Option<Toast>) -> Result<HttpResponse> {
    let url = can.url(&format!("/work/{}", work.id));
    match can.asked.json() {
        true => Ok(HttpResponse::Accepted()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .json(work)),
        false => can.redirect(&url, toast),
    }
}
