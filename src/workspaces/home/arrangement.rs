//! Which cards somebody has on their dashboard, in which order, and how wide.

use diesel::prelude::*;
use platform::dashboard::Card;
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::schema::dashboards;
use platform::web::can::Member;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};

/// A card in its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub key: String,
    pub whole: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arrangement(pub Vec<Place>);

impl Arrangement {
    /// What everybody begins with.
    pub fn usual(all: &[Card]) -> Arrangement {
        let usual = all.iter().filter(|card| card.usual).map(|card| Place {
            key: card.key.to_owned(),
            whole: card.whole,
        });
        Arrangement(usual.collect())
    }

    /// Mine, or the usual one. Of cards that there are no longer nothing is said.
    pub fn mine(tx: &mut Tx, all: &[Card]) -> Result<Arrangement> {
        let me = tx.me()?;
        let kept: Option<Json<Vec<Place>>> = dashboards::table
            .filter(dashboards::person_id.eq(me))
            .select(dashboards::cards)
            .first(&mut **tx)
            .optional()?;
        let Some(Json(mut places)) = kept else {
            return Ok(Arrangement::usual(all));
        };
        places.retain(|place| all.iter().any(|card| card.key == place.key));
        Ok(Arrangement(places))
    }

    /// Changes mine, and keeps it.
    pub fn change<T>(
        tx: &mut Tx,
        all: &[Card],
        change: impl FnOnce(&mut Vec<Place>) -> Result<T>,
    ) -> Result<T> {
        let me = tx.me()?;
        // Two windows of one person wait for each other.
        dashboards::table
            .filter(dashboards::person_id.eq(me))
            .select(dashboards::person_id)
            .for_update()
            .first::<uuid::Uuid>(&mut **tx)
            .optional()?;
        let Arrangement(before) = Arrangement::mine(tx, all)?;
        let mut places = before.clone();
        let changed = change(&mut places)?;
        if places != before {
            let cards = || dashboards::cards.eq(Json(places.clone()));
            diesel::insert_into(dashboards::table)
                .values((dashboards::person_id.eq(me), cards()))
                .on_conflict((dashboards::workspace_id, dashboards::person_id))
                .do_update()
                .set(cards())
                .execute(&mut **tx)?;
            tx.note_event("dashboard.arranged", "Dashboard", Changes::none());
        }
        Ok(changed)
    }

    /// Back to what everybody begins with.
    pub fn reset(tx: &mut Tx) -> Result<()> {
        let me = tx.me()?;
        let mine = dashboards::table.filter(dashboards::person_id.eq(me));
        if diesel::delete(mine).execute(&mut **tx)? > 0 {
            tx.note_event("dashboard.reset", "Dashboard", Changes::none());
        }
        Ok(())
    }
}

/// The cards that this member may have.
pub fn granted(member: &Member) -> Vec<Card> {
    let mut cards = crate::routes::cards();
    cards.retain(|card| member.may(card.needs, "view"));
    cards
}

pub fn known(all: &[Card], key: &str) -> Result<Card> {
    let found = all.iter().find(|card| card.key == key);
    found.copied().ok_or(Error::NotFound)
}
