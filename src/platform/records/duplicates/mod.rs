//! Records that look like the same: found while somebody types and by a nightly scan, and worked through in a queue (CRM-04).
//!
//! SQL finds who might be, by blocks of what is equal; whether they are is judged in one place, `judge`.

mod judge;
mod likeness;
mod pair;
mod queue;
mod scan;

pub use judge::{Face, Phone, Reason, Verdict, fold, judge, phone};
pub use likeness::{Like, create};
pub use pair::{Pair, Place};
pub use scan::{Scan, ScanNow, schedule};

use uuid::Uuid;

use super::joining::Joined;
use crate::db::Tx;
use crate::error::Result;
use crate::web::Routes;

/// A group of records with the same in one respect, in which duplicates are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// What it is called in the log: `same_email`.
    pub name: &'static str,
    /// The key, as SQL over the columns of [`Likened::COMPARED`]; without one a record is in no group.
    pub by: &'static str,
    /// A group of more is about something else.
    pub most: i64,
    /// Only those of a group whose names are alike.
    pub alike: bool,
}

/// A record that is held against others of its kind.
pub trait Likened: Joined {
    /// `select id, name, …`: what the blocks are made of, of every record that is compared. `name` is folded.
    const COMPARED: &'static str;
    const BLOCKS: &'static [Block];
    /// What the scan is called among jobs and schedules, and by people.
    const SCAN: (&'static str, &'static str);
    /// The ids of the fields of its form that tell of likeness while they are typed.
    const TOLD_BY: &'static [&'static str];

    /// What is compared of a record that is filled in.
    fn face(form: &Self::Form) -> Face;
    /// The same of those that are there.
    fn faces(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Face>>;
    /// Those that might be it, by indexes alone.
    fn near(tx: &mut Tx, face: &Face) -> Result<Vec<Uuid>>;
}

pub fn routes<T: Likened>(r: &mut Routes) {
    let path = |rest: &str| format!("/{}{rest}", T::COLLECTION);
    r.get(&path("/duplicates"), queue::index::<T>)
        .post(&path("/duplicates/scan"), queue::scan::<T>)
        .put(&path("/duplicates/{id}/dismissal"), queue::dismiss::<T>)
        .delete(&path("/duplicates/{id}/dismissal"), queue::reopen::<T>)
        .get(&path("/likeness"), likeness::show::<T>);
}
