//! What one person is used to in the lists of one kind: which view opens them, and the order of the tabs.

use diesel::prelude::*;
use uuid::Uuid;

use super::view::SavedView;
use crate::db::Tx;
use crate::error::Result;
use crate::events::Changes;
use crate::schema::view_habits;

/// As many as there are kinds of records, and more.
const MOST: i64 = 200;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = view_habits, check_for_backend(diesel::pg::Pg))]
pub struct Habits {
    pub record_kind: String,
    pub default_id: Option<Uuid>,
    pub tab_order: Vec<Uuid>,
}

impl Habits {
    pub fn of(tx: &mut Tx, person: Uuid) -> Result<Vec<Habits>> {
        Ok(view_habits::table
            .filter(view_habits::person_id.eq(person))
            .limit(MOST)
            .select(Habits::as_select())
            .load(&mut **tx)?)
    }

    /// Lets `view` open the lists of its kind, or nothing any more.
    pub fn open_with(tx: &mut Tx, view: &SavedView, opens: bool) -> Result<()> {
        let me = tx.me()?;
        let default = opens.then_some(view.id);
        diesel::insert_into(view_habits::table)
            .values((
                view_habits::id.eq(Uuid::now_v7()),
                view_habits::person_id.eq(me),
                view_habits::record_kind.eq(&view.record_kind),
                view_habits::default_id.eq(default),
            ))
            .on_conflict((
                view_habits::workspace_id,
                view_habits::person_id,
                view_habits::record_kind,
            ))
            .do_update()
            .set(view_habits::default_id.eq(default))
            .execute(&mut **tx)?;
        let kind = match opens {
            true => "view.made_default",
            false => "view.unmade_default",
        };
        tx.note_event(kind, &view.name, Changes::none())
            .with("view", view.id);
        Ok(())
    }

    /// Puts the tabs of the view's kind in this order.
    pub fn arrange(tx: &mut Tx, view: &SavedView, order: &[Uuid]) -> Result<()> {
        let me = tx.me()?;
        diesel::insert_into(view_habits::table)
            .values((
                view_habits::id.eq(Uuid::now_v7()),
                view_habits::person_id.eq(me),
                view_habits::record_kind.eq(&view.record_kind),
                view_habits::tab_order.eq(order),
            ))
            .on_conflict((
                view_habits::workspace_id,
                view_habits::person_id,
                view_habits::record_kind,
            ))
            .do_update()
            .set(view_habits::tab_order.eq(order))
            .execute(&mut **tx)?;
        tx.note_event("view.moved", &view.name, Changes::none())
            .with("view", view.id);
        Ok(())
    }
}
