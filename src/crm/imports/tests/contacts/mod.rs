//! Files of contacts, through the whole import.

mod checking;
mod files;
mod repeated;
mod resuming;
mod rights;
mod undo;

use diesel::prelude::*;
use platform::schema::contacts;
use platform::testing::World;

const URL: &str = "/api/v1/w/acme/contacts/imports";

fn live_contacts(world: &World) -> i64 {
    world.within("acme", |tx| {
        let here = contacts::table.filter(contacts::archived_at.is_null());
        Ok(here.count().get_result(&mut **tx)?)
    })
}
