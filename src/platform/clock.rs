//! The time. Everything asks here, so that a test can say what time it is.

use std::cell::Cell;
use std::ops::Range;

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;

/// Days outside of these years are slips of the hand: nothing is due, held or asked for then.
pub const YEARS: Range<i32> = 1900..3000;

thread_local! {
    static FROZEN: Cell<Option<DateTime<Utc>>> = const { Cell::new(None) };
}

/// Now, in microseconds, which is what PostgreSQL keeps.
pub fn now() -> DateTime<Utc> {
    let now = FROZEN.get().unwrap_or_else(Utc::now);
    now.with_nanosecond(now.nanosecond() / 1_000 * 1_000)
        .unwrap_or(now)
}

/// Stops the clock of this thread at `at` until the guard is dropped.
pub fn freeze(at: DateTime<Utc>) -> Frozen {
    FROZEN.set(Some(at));
    Frozen
}

/// Where the clock of this thread stands, for a thread that goes on with its work.
pub fn frozen() -> Option<DateTime<Utc>> {
    FROZEN.get()
}

pub struct Frozen;

impl Drop for Frozen {
    fn drop(&mut self) {
        FROZEN.set(None);
    }
}

/// The zones that people choose from: one name for each place, none of the old aliases.
pub fn zones() -> impl Iterator<Item = &'static str> {
    const PLACES: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    names.filter(|name| *name == "UTC" || PLACES.iter().any(|place| name.starts_with(place)))
}

/// The zone named (IANA), or UTC where the name is unknown.
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}
