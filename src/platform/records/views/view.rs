//! A saved view: its row and its verbs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::form::ViewForm;
use crate::db::{Json, Tx};
use crate::error::{Error, Result};
use crate::events::Changes;
use crate::schema::saved_views;
use crate::web::Resource;
use crate::web::can::Member;

/// More than anybody keeps apart; the lists of views stay short enough to be read whole.
pub const MOST: i64 = 300;

pub const FOR_ALL: &str =
    "A shared view is pinned for everybody, which takes the right to edit all views.";

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = saved_views, check_for_backend(diesel::pg::Pg))]
pub struct SavedView {
    pub id: Uuid,
    pub record_kind: String,
    pub name: String,
    pub filter: Value,
    pub search: String,
    pub sort: String,
    #[diesel(column_name = columns_)]
    pub columns: Vec<String>,
    pub layout: String,
    pub shared: bool,
    pub pinned: bool,
    /// Who made it.
    pub person_id: Uuid,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
    /// What its layout shows beside the list: the pipeline of a board.
    pub beside: Json<BTreeMap<String, String>>,
}

impl Resource for SavedView {
    const NAME: &'static str = "views";
}

impl SavedView {
    /// One that this transaction's person sees: their own, or one that is shared.
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<SavedView> {
        match SavedView::find_any(tx, id)? {
            view if view.archived_at.is_none() => Ok(view),
            _ => Err(Error::NotFound),
        }
    }

    /// The same, deleted or not.
    pub fn find_any(tx: &mut Tx, id: Uuid) -> Result<SavedView> {
        let me = tx.me()?;
        let view = saved_views::table
            .filter(saved_views::id.eq(id))
            .filter(saved_views::shared.or(saved_views::person_id.eq(me)));
        Ok(view.select(SavedView::as_select()).first(&mut **tx)?)
    }

    /// All that a person sees, oldest first.
    pub fn seen_by(tx: &mut Tx, person: Uuid) -> Result<Vec<SavedView>> {
        let views = saved_views::table
            .filter(saved_views::archived_at.is_null())
            .filter(saved_views::shared.or(saved_views::person_id.eq(person)))
            .order((saved_views::created_at, saved_views::id));
        // Shared ones and one's own, of every kind.
        let views = views.limit(MOST * 20).select(SavedView::as_select());
        Ok(views.load(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: ViewForm) -> Result<SavedView> {
        let me = tx.me()?;
        let mine = saved_views::table
            .filter(saved_views::person_id.eq(me))
            .filter(saved_views::record_kind.eq(&form.record_kind))
            .filter(saved_views::archived_at.is_null());
        let count: i64 = mine.count().get_result(&mut **tx)?;
        if count >= MOST {
            return Err(Error::Conflict(format!(
                "You keep {MOST} views of this list already. Delete one that you no longer use."
            )));
        }
        let view: SavedView = diesel::insert_into(saved_views::table)
            .values((
                saved_views::id.eq(Uuid::now_v7()),
                saved_views::record_kind.eq(&form.record_kind),
                saved_views::person_id.eq(me),
                saved_views::created_at.eq(tx.now),
                saved_views::updated_at.eq(tx.now),
                saved_views::shared.eq(form.shared),
                saved_views::pinned.eq(form.pinned),
                form.columns(),
            ))
            .returning(SavedView::as_returning())
            .get_result(&mut **tx)?;
        view.leave(tx, "view.created", Changes::of_new(&form));
        Ok(view)
    }

    /// Writes the form over the view; who sees it and where it is pinned are changes of their own.
    pub fn update(&self, tx: &mut Tx, version: i32, form: ViewForm) -> Result<SavedView> {
        let form = ViewForm {
            record_kind: self.record_kind.clone(),
            shared: self.shared,
            pinned: self.pinned,
            ..form
        };
        let changes = Changes::between(&ViewForm::from(self), &form);
        if version != self.version {
            return Err(Error::Stale {
                current: self.version,
            });
        }
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = saved_views::table
            .filter(saved_views::id.eq(self.id))
            .filter(saved_views::version.eq(version));
        let view: Option<SavedView> = diesel::update(row)
            .set((form.columns(), self.next(tx)))
            .returning(SavedView::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let view = view.ok_or(Error::Stale {
            current: version + 1,
        })?;
        view.leave(tx, "view.updated", changes);
        Ok(view)
    }

    /// Lets everybody see it, or takes that back. What only its author had pinned is not pushed on everybody.
    pub fn share(&self, tx: &mut Tx, member: &Member, shared: bool) -> Result<SavedView> {
        if self.shared == shared {
            return Ok(self.clone());
        }
        if !shared && member.person().id != self.person_id {
            return Err(Error::Forbidden(
                "Only who made a view can take it back from the others. You can delete it.".into(),
            ));
        }
        let pinned = self.pinned && (!shared || SavedView::may_for_all(member));
        let state = State {
            shared: Some(shared),
            pinned: Some(pinned),
            ..State::default()
        };
        let changes = Changes::none().set("shared", self.shared, shared);
        match shared {
            true => self.set(tx, state, "view.shared", changes),
            false => self.set(tx, state, "view.unshared", changes),
        }
    }

    pub fn pin(&self, tx: &mut Tx, member: &Member, pinned: bool) -> Result<SavedView> {
        if self.pinned == pinned {
            return Ok(self.clone());
        }
        if !self.may_pin(member) {
            return Err(Error::Forbidden(FOR_ALL.into()));
        }
        let state = State {
            pinned: Some(pinned),
            ..State::default()
        };
        let changes = Changes::none().set("pinned", self.pinned, pinned);
        match pinned {
            true => self.set(tx, state, "view.pinned", changes),
            false => self.set(tx, state, "view.unpinned", changes),
        }
    }

    /// One of one's own that begins as this one is.
    pub fn copy(&self, tx: &mut Tx) -> Result<SavedView> {
        let name: String = self.name.chars().take(73).collect();
        let form = ViewForm {
            name: format!("{name} (copy)"),
            shared: false,
            pinned: false,
            ..ViewForm::from(self)
        };
        SavedView::create(tx, form)
    }

    pub fn remove(&self, tx: &mut Tx) -> Result<SavedView> {
        self.set_archived(tx, Some(tx.now), "view.removed")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<SavedView> {
        if self.archived_at.is_none() {
            return Ok(self.clone());
        }
        self.set_archived(tx, None, "view.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        kind: &'static str,
    ) -> Result<SavedView> {
        let state = State {
            archived_at: Some(at),
            ..State::default()
        };
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        self.set(tx, state, kind, changes)
    }

    fn set(
        &self,
        tx: &mut Tx,
        state: State,
        kind: &'static str,
        changes: Changes,
    ) -> Result<SavedView> {
        let row = saved_views::table.filter(saved_views::id.eq(self.id));
        let view: SavedView = diesel::update(row)
            .set((state, self.next(tx)))
            .returning(SavedView::as_returning())
            .get_result(&mut **tx)?;
        view.leave(tx, kind, changes);
        Ok(view)
    }

    fn next(&self, tx: &Tx) -> Next {
        Next {
            version: self.version + 1,
            updated_at: tx.now,
        }
    }

    fn leave(&self, tx: &mut Tx, kind: &'static str, changes: Changes) {
        tx.note_event(kind, &self.name, changes)
            .with("view", self.id);
    }
}

/// What is changed apart from what the view shows.
#[derive(Default, AsChangeset)]
#[diesel(table_name = saved_views)]
struct State {
    shared: Option<bool>,
    pinned: Option<bool>,
    archived_at: Option<Option<DateTime<Utc>>>,
}

#[derive(AsChangeset)]
#[diesel(table_name = saved_views)]
struct Next {
    version: i32,
    updated_at: DateTime<Utc>,
}
