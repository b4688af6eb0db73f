//! Acts on many records at once: one statement for each thousand of them, one event for each record, and a way back.

mod act;
mod deed;
mod each;
mod handlers;
mod job;
mod undo;

use serde::{Deserialize, Serialize};

pub use act::{Act, Portion};
pub use deed::Deed;
pub use each::{EachAct, Refusal};
pub use handlers::{Chosen, each};
pub use job::{RunBulk, UndoBulk};
pub use undo::undo;

use super::Listed;
use super::work::Selection;
use crate::web::Routes;

/// What is kept of the wish until it is done, and for taking it back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    pub selection: Selection,
    #[serde(flatten)]
    pub act: Deed,
    /// The list one came from, as its URL says it.
    pub back: String,
}

pub fn routes<T: Listed>(r: &mut Routes) {
    let path = |act: &str| format!("/{}/bulk/{act}", T::COLLECTION);
    r.post(&path("archive"), handlers::archive::<T>)
        .post(&path("restore"), handlers::restore::<T>)
        .post(&path("assign"), handlers::assign::<T>)
        .post(&path("tag"), handlers::tag::<T>)
        .post(&path("untag"), handlers::untag::<T>)
        .post(&path("set"), handlers::set::<T>)
        .post(&path("export"), handlers::export::<T>);
}
