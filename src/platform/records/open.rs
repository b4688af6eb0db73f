//! Opening a record: everything its page shows, whatever its kind, in one transaction.

use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::facts::{Fact, Sheet, capital};
use super::kinds::Kind;
use super::listing::Trail;
use super::timeline::{Activity, Place};
use super::titles::Titles;
use super::{Editable, Listed};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::live::Present;
use crate::web::Crumb;
use crate::web::can::{Action, Can};

#[derive(Serialize)]
#[serde(bound = "T::Row: Serialize")]
pub struct Opened<T: Listed> {
    #[serde(flatten)]
    pub row: T::Row,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    pub sheet: Sheet,
    /// `None` for a program, which asks for it by itself.
    #[serde(skip)]
    pub activity: Option<Activity>,
    #[serde(skip)]
    pub trail: Trail,
    /// Who else looks at it.
    #[serde(skip)]
    pub presence: Present,
    #[serde(skip)]
    pub may_archive: bool,
}

impl<T: Listed> Opened<T> {
    pub fn title(&self) -> String {
        T::of(&self.row).title()
    }

    pub fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(capital(self.kind.plural), self.trail.list()),
            Crumb::here(self.title()),
        ]
    }

    /// A field that can be changed where it stands.
    pub fn fact<'a>(&'a self, key: &'a str) -> Fact<'a> {
        self.sheet.fact(key, &self.row)
    }

    /// A field that comes about by itself.
    pub fn fixed<'a>(&'a self, key: &'a str) -> Fact<'a> {
        self.sheet.fixed(key, &self.row)
    }

    /// The record's address + `path`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sheet.url)
    }

    /// Its form, which leads back into the list that one came from.
    pub fn edit_url(&self) -> String {
        self.url("/edit") + &self.trail.query()
    }

    /// The record beside those it may be the same as.
    pub fn compare_url(&self) -> String {
        let (collection, id) = (self.kind.collection, T::of(&self.row).id());
        format!("{}/{collection}/merge?ids={id}", self.sheet.root)
    }

    /// What was merged into it.
    pub fn merges_url(&self) -> String {
        self.url("/merges")
    }

    /// The part that fills the element `id`.
    pub fn block(&self, id: &str) -> Option<askama::Result<String>> {
        let activity = self.activity.as_ref()?;
        match id {
            "activity" => Some(activity.render()),
            _ => self.sheet.block(id, &self.row, activity),
        }
    }
}

/// Opens the record `id`; `more` gives what only its kind shows.
pub async fn open<A: Action, T: Listed + Editable, M: Send + 'static>(
    can: &Can<A, T>,
    id: Uuid,
    more: impl FnOnce(&mut Tx, &T::Row) -> Result<M> + Send + 'static,
) -> Result<(Opened<T>, M)> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let (member, program) = (can.member.clone(), can.asked.json());
    let trail = Trail::read(can, &kind)?;
    can.tx(move |tx| {
        let row = T::row(tx, id)?;
        let record = T::of(&row);
        let (app, setup) = (&member.app, &member.setup);
        let titles = Titles::of_rows(tx, &app.kinds, setup, T::KIND, [&row])?;
        let activity = match program {
            true => None,
            false => Some(Activity::load(tx, &member, &kind, id, Place::default())?),
        };
        let trail = trail.follow(tx, record)?;
        let more = more(tx, &row)?;
        let opened = Opened {
            sheet: Sheet::new(&member, &kind, record.id(), record.owner(), titles),
            may_archive: member.may_with(T::NAME, "archive", record.owner()),
            presence: member.present(&format!("{}:{id}", kind.name)),
            activity,
            kind,
            trail,
            row,
        };
        Ok((opened, more))
    })
    .await
}
