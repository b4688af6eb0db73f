//! Several records that are about the same become one, and can be told apart again (CRM-04).
//!
//! The one that stays gets the chosen values, and whatever pointed at the others points at it. The others are taken out of
//! their table whole and kept in the journal, so that no list, search, segment or import of today or tomorrow has to know
//! of them. The journal holds every row as it was, step by step; read backwards, it undoes the merge.

mod catalogue;
mod choosing;
mod handlers;
mod history;
mod journal;
mod merging;
mod moving;
mod pages;
mod undoing;

pub use handlers::moved;
pub use merging::{Wish, merge};
pub use moving::Yields;
pub use undoing::{Decisions, KEPT, Merge, Undone, undo};

use super::{Editable, Listed};
use crate::db::Tx;
use crate::error::Result;
use crate::web::Routes;
use uuid::Uuid;

/// More records than this are not compared on a page.
pub const MOST: usize = 5;

/// A record that may turn out to be the same as another one.
pub trait Joined: Editable + Listed {
    /// Fields of its form that hold several things, of which all are kept.
    const GATHERED: &'static [&'static str] = &["tags"];
    /// Values that go before others whichever record has them, by field: a consent that was withdrawn.
    const FIRST: &'static [(&'static str, &'static str)] = &[];
    /// Columns that no form asks for, and the aggregate over all the records that the one gets.
    const COMBINED: &'static [(&'static str, &'static str)] = &[];
    /// What becomes of rows that can't move as they are, because the one that stays has such a row already.
    const YIELDS: &'static [Yields] = &[];

    /// Rows between two such records, with their two columns: they go where both ends become one.
    const PAIRS: &'static [(&'static str, &'static str, &'static str)] = &[];

    /// Keeps what the others had and nobody chose where there is a place for it: a second address.
    fn gather(_form: &mut Self::Form, _others: &[Self::Form]) {}

    /// After these records came back: what was waiting for them goes on.
    fn came_back(_tx: &mut Tx, _ids: &[Uuid]) -> Result<()> {
        Ok(())
    }
}

pub fn routes<T: Joined>(r: &mut Routes) {
    let path = |rest: &str| format!("/{}{rest}", T::COLLECTION);
    r.get(&path("/merge"), handlers::compare::<T>)
        .post(&path("/merge"), handlers::merge::<T>)
        .post(&path("/bulk/merge"), handlers::chosen::<T>)
        .post(&path("/{id}/merge"), handlers::merge_into::<T>)
        .get(&path("/{id}/merges"), history::index::<T>)
        .get(&path("/merges/{id}"), history::show::<T>)
        .post(&path("/merges/{id}/undo"), history::undo::<T>);
}
