//! The page of the board.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use platform::Result;
use platform::records::list::ListParams;
use platform::records::listing::Listing;
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters, link};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::cards::Place;
use super::columns::{Board, Column, ENDED_DAYS, Part, Shown};
use crate::crm::deals::deal::Deal;
use crate::crm::pipelines::{Pipeline, Stage, StageKind};

/// What the board's address says beside the list, and its views keep.
const PIPELINE: &str = "pipeline";

#[derive(Template, Serialize)]
#[template(path = "crm/deals/board.html", blocks = ["results"])]
pub struct Show {
    pipeline: Pipeline,
    columns: Vec<Column>,
    #[serde(skip)]
    pipelines: Vec<Pipeline>,
    #[serde(skip)]
    listing: Listing,
    #[serde(skip)]
    recent: bool,
    #[serde(skip)]
    now: DateTime<Utc>,
    #[serde(skip)]
    lost_reasons: Vec<(String, String)>,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        format!("{} board", self.pipeline.name)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let list = format!("{}/deals", self.listing.root);
        vec![Crumb::to("Deals", list), Crumb::here("Board")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        if let Some(stage) = id.strip_prefix("more-") {
            let mut columns = self.columns.iter();
            let column = columns.find(|c| c.stage.id.to_string() == stage)?;
            return Some(self.cards(column).render());
        }
        match id {
            "results" => Some(self.as_results().render()),
            "filter" => Some(self.listing.filter_bar().render()),
            _ => None,
        }
    }
}

impl Show {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub(super) fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.listing.zone).date_naive()
    }
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }
    fn cards<'a>(&'a self, column: &'a Column) -> Shown<'a> {
        Shown {
            column,
            board: self,
        }
    }
    fn shows(&self, id: &Uuid) -> bool {
        self.pipeline.id == *id
    }
    /// What the search field and the choice of a pipeline keep of the board.
    fn kept(&self, but: &str) -> Vec<(String, String)> {
        self.listing.but(but)
    }
    fn new_url(&self, stage: Option<&Stage>) -> String {
        let base = format!("{}/deals/new", self.listing.root);
        match stage {
            Some(stage) => format!("{base}?stage={}", stage.id),
            None => format!("{base}?pipeline={}", self.pipeline.id),
        }
    }
    pub(super) fn deal_url(&self, id: &Uuid, path: &str) -> String {
        format!("{}/deals/{id}{path}", self.listing.root)
    }
    pub(super) fn may_move(&self, owner: &Option<Uuid>) -> bool {
        self.listing.may_with("edit", *owner)
    }
    /// This board, to come back to.
    pub(super) fn here(&self) -> String {
        format!("{}{}", self.listing.base, self.listing.params.url(&[]))
    }
    /// The cards of a column from a place on.
    pub(super) fn more_url(&self, column: &Column) -> Option<String> {
        let cursor = column.next_cursor.as_deref()?;
        let stage = column.stage.id.to_string();
        let query = self
            .listing
            .params
            .url(&[("stage", &stage), ("after", cursor)]);
        Some(format!("{}{query}", self.listing.base))
    }
    pub(super) fn owner(&self, id: &Option<Uuid>) -> String {
        let name = id.map(|id| self.listing.person(id));
        name.unwrap_or_default()
    }
    fn settings_url(&self) -> String {
        format!(
            "{}/settings/pipelines/{}",
            self.listing.root, self.pipeline.id
        )
    }
    /// Whether the column leaves out what ended long ago.
    fn is_recent(&self, stage: &Stage) -> bool {
        self.recent && !stage.is_open()
    }
    /// The deals of a column as a list.
    fn list_url(&self, stage: &Stage) -> String {
        let mut rules = vec![json!({"field": "stage_id", "op": "is", "value": stage.id})];
        if self.is_recent(stage) {
            let span = json!({"count": ENDED_DAYS, "unit": "days"});
            rules.push(json!({"field": "stage_since", "op": "in_last", "value": span}));
        }
        let filter = json!({ "and": rules });
        link::filtered(&format!("{}/deals", self.listing.root), &filter)
    }
}

pub async fn show(can: Can<See, Deal>) -> Result<HttpResponse> {
    let asked = |name: &str| can.asked.param(name).filter(|value| !value.is_empty());
    let id = |name: &str| asked(name).and_then(|id| id.parse::<Uuid>().ok());
    let part = Part {
        stage: id("stage"),
        after: asked("after")
            .map(|text| Place::decode(&text))
            .transpose()?,
    };
    let pipeline = id(PIPELINE);
    let kept = pipeline.map(|id| (PIPELINE, id.to_string()));
    let read = move |tx: &mut platform::db::Tx, params: &ListParams| {
        let by_view = params.beside.get(PIPELINE).and_then(|id| id.parse().ok());
        let pipeline = match (pipeline, by_view) {
            (None, Some(id)) => Pipeline::in_use(tx, id)?,
            (said, _) => said,
        };
        let board = Board::of(tx, params, pipeline, part)?;
        let reasons = crate::crm::pipelines::Reason::choices(tx, StageKind::Lost)?;
        Ok((board, reasons))
    };
    let ((board, lost_reasons), mut listing) =
        Listing::beside(&can, "/board", kept.into_iter().collect(), read).await?;
    listing.shows = vec![(PIPELINE, board.pipeline.id.to_string())];
    can.page(Show {
        pipeline: board.pipeline,
        columns: board.columns,
        pipelines: board.pipelines,
        recent: board.recent,
        now: board.now,
        listing,
        lost_reasons,
        may_manage: can.may("pipelines", "manage"),
    })
}
