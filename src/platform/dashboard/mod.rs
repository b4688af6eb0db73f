//! The dashboard: what its cards are asked, and what they answer. Each slice brings its own cards.
//!
//! A number and the list behind it come of one filter, so that they cannot say different things:
//!
//! ```ignore
//! let won = asking.seek("deal", vec![is("status", "won"), asking.period.rule("closed_at")])?;
//! let counts = count(tx, &[&won])?;
//! Figure::counted("Won", counts[0], won.url)
//! ```

mod asked;
mod asking;
mod drawn;
mod period;
mod who;

use crate::db::Tx;
use crate::error::Result;

pub use asked::{Asked, Problem};
pub use asking::{Asking, Sought, any_of, count, holds, is};
pub use drawn::{Change, Drawn, Figure, Line, Part, Way, told};
pub use period::{Bucket, Period, Span};
pub use who::Who;

/// A card that people may put on their dashboard.
#[derive(Clone, Copy)]
pub struct Card {
    /// How it is called in addresses, and where somebody's arrangement is kept.
    pub key: &'static str,
    pub title: &'static str,
    /// What it shows, for whoever looks for a card.
    pub text: &'static str,
    pub icon: &'static str,
    /// Only those who may view this have it.
    pub needs: &'static str,
    /// Whether it takes the whole width, unless somebody says otherwise.
    pub whole: bool,
    /// Whether it is there unasked.
    pub usual: bool,
    pub load: fn(&mut Tx, &Asking) -> Result<Drawn>,
}
