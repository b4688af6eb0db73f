//! The columns of a board.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use platform::Result;
use platform::db::Tx;
use platform::records::list::ListParams;
use platform::records::shown::money;
use platform::web::filters;
use platform::web::filters::thousands;
use serde::Serialize;
use uuid::Uuid;

use super::cards::{AT_ONCE, Card, Cards, Place};
use crate::crm::deals::list::weighted;
use crate::crm::deals::sums::OfStage;
use crate::crm::pipelines::{Pipeline, Stage};

/// How long a deal that has ended stays on the board.
pub const ENDED_DAYS: i64 = 90;

#[derive(Clone, Debug, Serialize)]
pub struct Total {
    pub currency: String,
    pub count: i64,
    /// In the minor unit of the currency.
    pub amount: i64,
    pub weighted: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub stage: Stage,
    pub count: i64,
    /// One for each currency; amounts of different currencies are not added up.
    pub totals: Vec<Total>,
    pub cards: Vec<Card>,
    /// Where the next cards begin.
    pub next_cursor: Option<String>,
}

impl Column {
    pub fn count(&self) -> String {
        thousands(&self.count.to_string())
    }

    /// Whether more stand here than the stage is meant to hold.
    pub fn is_too_full(&self) -> bool {
        let limit = self.stage.wip_limit.map(i64::from);
        limit.is_some_and(|limit| self.count > limit)
    }

    /// The amounts, one a currency.
    pub fn sums(&self) -> String {
        let all = self.totals.iter().filter(|t| t.amount > 0);
        let all: Vec<String> = all.map(|t| money(t.amount, &t.currency)).collect();
        all.join(" + ")
    }

    /// The same by how likely they are, where that says something else.
    pub fn weighted(&self) -> String {
        let all = self
            .totals
            .iter()
            .filter(|t| t.weighted > 0 && t.weighted != t.amount);
        let all: Vec<String> = all.map(|t| money(t.weighted, &t.currency)).collect();
        all.join(" + ")
    }
}

/// A pipeline with its columns.
#[derive(Clone, Debug)]
pub struct Board {
    pub pipelines: Vec<Pipeline>,
    pub pipeline: Pipeline,
    pub columns: Vec<Column>,
    /// Whether deals that ended long ago are left out.
    pub recent: bool,
    pub now: DateTime<Utc>,
}

/// Which part of the board is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    pub stage: Option<Uuid>,
    pub after: Option<Place>,
}

impl Board {
    /// `params.ids` narrows the cards, not what the columns add up to.
    pub fn of(
        tx: &mut Tx,
        params: &ListParams,
        pipeline: Option<Uuid>,
        part: Part,
    ) -> Result<Board> {
        let pipelines = Pipeline::open(tx)?;
        let pipeline = match pipeline {
            Some(id) => Pipeline::find(tx, id)?,
            // There is always one in use.
            None => pipelines
                .first()
                .cloned()
                .ok_or(platform::Error::NotFound)?,
        };
        // What ended long ago would bury what ended lately, unless somebody asks for something in particular.
        let asked = !params.search.is_empty() || !params.filter.is_empty();
        let ended_since = (!asked).then(|| tx.now - TimeDelta::days(ENDED_DAYS));
        let matching = params.matching(&tx.scope, "deals");
        let all = ListParams {
            ids: Vec::new(),
            ..params.clone()
        };
        let sums = OfStage::load(tx, pipeline.id, &all, ended_since)?;
        let cards = Cards {
            pipeline: pipeline.id,
            matching,
            stage: part.stage,
            after: part.after,
            ended_since,
        };
        let mut by_stage: HashMap<Uuid, Vec<Card>> = HashMap::new();
        for card in cards.load(tx)? {
            by_stage.entry(card.stage_id).or_default().push(card);
        }
        let stages = pipeline.stages(tx)?.into_iter();
        let columns = stages.map(|stage| {
            let cards = by_stage.remove(&stage.id).unwrap_or_default();
            column(stage, cards, &sums)
        });
        Ok(Board {
            columns: columns.collect(),
            recent: ended_since.is_some(),
            now: tx.now,
            pipelines,
            pipeline,
        })
    }
}

fn column(stage: Stage, mut cards: Vec<Card>, sums: &[OfStage]) -> Column {
    let more = cards.len() > AT_ONCE;
    cards.truncate(AT_ONCE);
    let totals = sums.iter().filter(|sum| sum.stage_id == stage.id);
    let totals: Vec<Total> = totals
        .map(|sum| Total {
            currency: sum.currency.clone(),
            count: sum.count,
            amount: sum.amount,
            weighted: weighted(sum.amount, stage.probability),
        })
        .collect();
    Column {
        count: totals.iter().map(|total| total.count).sum(),
        next_cursor: cards
            .last()
            .filter(|_| more)
            .map(|card| card.place().encode()),
        totals,
        cards,
        stage,
    }
}

/// The cards of one column, and the way to the next ones.
#[derive(Template)]
#[template(path = "crm/deals/cards.html")]
pub struct Shown<'a> {
    pub column: &'a Column,
    pub board: &'a super::handlers::Show,
}

impl Shown<'_> {
    fn is_late(&self, day: &NaiveDate) -> bool {
        self.column.stage.is_open() && *day < self.board.today()
    }

    fn is_rotting(&self, card: &Card) -> bool {
        let before = self.column.stage.rots_before(self.board.now());
        before.is_some_and(|before| card.stage_since < before)
    }

    /// The stages on both sides of this one.
    fn beside(&self) -> (Option<&Stage>, Option<&Stage>) {
        let columns = self.board.columns();
        let here = columns
            .iter()
            .position(|c| c.stage.id == self.column.stage.id);
        let at = |i: Option<usize>| i.and_then(|i| columns.get(i)).map(|c| &c.stage);
        let before = here.and_then(|i| i.checked_sub(1));
        (at(before), at(here.map(|i| i + 1)))
    }
}
