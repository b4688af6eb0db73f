//! Why deals are won and lost, as the workspace words it.

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::schema::close_reasons;
use serde::Serialize;
use uuid::Uuid;

use super::forms::ReasonForm;
use super::stage::StageKind;

/// More than anybody reads through.
const MOST: i64 = 200;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = close_reasons, check_for_backend(diesel::pg::Pg))]
pub struct Reason {
    pub id: Uuid,
    pub kind: StageKind,
    pub name: String,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Reason {
    /// All of them in their order, those that are put away last.
    pub fn all(tx: &mut Tx) -> Result<Vec<Reason>> {
        Ok(close_reasons::table
            .order((
                close_reasons::archived_at.is_not_null(),
                close_reasons::position,
                close_reasons::id,
            ))
            .limit(MOST)
            .select(Reason::as_select())
            .load(&mut **tx)?)
    }

    /// Those that can be given, as choices of a select.
    pub fn choices(tx: &mut Tx, kind: StageKind) -> Result<Vec<(String, String)>> {
        let all = Reason::all(tx)?.into_iter();
        let fits = all.filter(|r| r.kind == kind && r.archived_at.is_none());
        Ok(fits.map(|r| (r.id.to_string(), r.name)).collect())
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Reason> {
        let one = close_reasons::table.filter(close_reasons::id.eq(id));
        Ok(one.select(Reason::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: &ReasonForm) -> Result<Reason> {
        free(tx, form.kind, &form.name)?;
        let last: Option<i32> = close_reasons::table
            .select(max(close_reasons::position))
            .first(&mut **tx)?;
        let reason: Reason = diesel::insert_into(close_reasons::table)
            .values((
                close_reasons::id.eq(Uuid::now_v7()),
                close_reasons::position.eq(last.unwrap_or(0) + 1),
                close_reasons::kind.eq(form.kind),
                close_reasons::name.eq(&form.name),
            ))
            .returning(Reason::as_returning())
            .get_result(&mut **tx)?;
        tx.note_event("close_reason.created", &reason.name, Changes::of_new(form));
        Ok(reason)
    }

    /// Out of every choice; deals that were closed for it keep it.
    pub fn archive(&self, tx: &mut Tx) -> Result<()> {
        self.put_away(tx, Some(tx.now))
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<()> {
        free(tx, self.kind, &self.name)?;
        self.put_away(tx, None)
    }

    fn put_away(&self, tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<()> {
        diesel::update(close_reasons::table.filter(close_reasons::id.eq(self.id)))
            .set(close_reasons::archived_at.eq(at))
            .execute(&mut **tx)?;
        let verb = match at {
            Some(_) => "close_reason.archived",
            None => "close_reason.restored",
        };
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        tx.note_event(verb, &self.name, changes);
        Ok(())
    }
}

fn free(tx: &mut Tx, kind: StageKind, name: &str) -> Result<()> {
    name_is_free!(
        tx,
        close_reasons,
        name,
        None,
        "This reason is there already.",
        close_reasons::kind.eq(kind),
        close_reasons::archived_at.is_null(),
    )
}
