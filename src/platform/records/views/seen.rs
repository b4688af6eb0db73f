//! The views that one person sees, in the order in which they like them.

use std::sync::Arc;

use uuid::Uuid;

use super::habits::Habits;
use super::view::SavedView;
use crate::db::Tx;
use crate::db::tx::Subject;
use crate::error::Result;
use crate::records::setup::Setup;
use crate::web::App;

#[derive(Clone, Debug, Default)]
pub struct Views {
    all: Vec<SavedView>,
    habits: Vec<Habits>,
}

impl Views {
    pub fn load(tx: &mut Tx, person: Uuid) -> Result<Views> {
        let habits = Habits::of(tx, person)?;
        let mut all = SavedView::seen_by(tx, person)?;
        // Those that nobody moved yet come last, oldest first.
        all.sort_by_key(|view| {
            let habits = habits.iter().find(|h| h.record_kind == view.record_kind);
            let place = habits.and_then(|h| h.tab_order.iter().position(|id| *id == view.id));
            place.unwrap_or(usize::MAX)
        });
        Ok(Views { all, habits })
    }

    /// Remembered with the rest of what the workspace has set up.
    pub async fn of(
        app: &Arc<App>,
        setup: &Arc<Setup>,
        workspace: Uuid,
        person: Uuid,
    ) -> Result<Arc<Views>> {
        if let Some(known) = setup.views_of(person) {
            return Ok(known);
        }
        let subject = Subject::reader(workspace);
        let views = app.tx(subject, move |tx| Views::load(tx, person)).await?;
        Ok(setup.remember(person, Arc::new(views)))
    }

    pub fn get(&self, id: Uuid) -> Option<&SavedView> {
        self.all.iter().find(|view| view.id == id)
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &SavedView> {
        self.all.iter().filter(move |view| view.record_kind == kind)
    }

    pub fn pinned(&self, kind: &str) -> impl Iterator<Item = &SavedView> {
        self.of_kind(kind).filter(|view| view.pinned)
    }

    /// The one that opens the lists of that kind.
    pub fn default_of(&self, kind: &str) -> Option<&SavedView> {
        let habits = self.habits.iter().find(|h| h.record_kind == kind)?;
        let view = self.get(habits.default_id?)?;
        (view.record_kind == kind).then_some(view)
    }

    /// The order of the tabs with this one moved a step; `None` where there is no further to go.
    pub fn moved(&self, view: &SavedView, right: bool) -> Option<Vec<Uuid>> {
        let kind = &view.record_kind;
        let mut order: Vec<Uuid> = self.of_kind(kind).map(|view| view.id).collect();
        let from = order.iter().position(|id| *id == view.id)?;
        let to = match right {
            true => from + 1,
            false => from.checked_sub(1)?,
        };
        order.get(to)?;
        order.swap(from, to);
        Some(order)
    }
}
