//! What was counted in tens of thousands is not counted again at each look.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;
use platform::Result;
use platform::dashboard::{Asking, Card, Drawn};
use platform::db::Tx;
use uuid::Uuid;

/// Whose card it is and what it was asked.
type Key = (Uuid, Uuid, &'static str, String);

/// A number beyond the bound of lists says "10,000+" a moment later too, and what stands beside it may lag so long.
static LARGE: LazyLock<Cache<Key, Arc<Drawn>>> = LazyLock::new(|| {
    let cache = Cache::builder().max_capacity(2_000);
    cache.time_to_live(Duration::from_secs(30)).build()
});

/// Small numbers are always counted, and are always right.
pub fn drawn(tx: &mut Tx, card: &Card, asking: &Asking) -> Result<Drawn> {
    let asked = format!(
        "{} {} {:?}",
        asking.today,
        asking.url(&[]),
        asking.scopes.get(card.needs)
    );
    let key = (tx.workspace, tx.me()?, card.key, asked);
    if let Some(known) = LARGE.get(&key) {
        return Ok(Drawn::clone(&known));
    }
    let drawn = (card.load)(tx, asking)?;
    if drawn.is_large() {
        LARGE.insert(key, Arc::new(drawn.clone()));
    }
    Ok(drawn)
}
