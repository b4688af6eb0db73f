//! Following a record: to be told of what happens to it.

use actix_web::HttpResponse;
use diesel::dsl::exists;
use diesel::prelude::*;
use uuid::Uuid;

use super::notes::back;
use super::on::OnRecord;
use crate::db::Tx;
use crate::error::Result;
use crate::schema::followers;
use crate::web::can::View;
use crate::web::{Routes, Toast};

pub fn follows(tx: &mut Tx, record: Uuid, person: Uuid) -> Result<bool> {
    let row = followers::table
        .filter(followers::record_id.eq(record))
        .filter(followers::person_id.eq(person));
    Ok(diesel::select(exists(row)).get_result(&mut **tx)?)
}

/// Following is one's own affair and leaves no event.
pub fn follow(tx: &mut Tx, record: Uuid) -> Result<()> {
    let me = tx.me()?;
    diesel::insert_into(followers::table)
        .values((followers::record_id.eq(record), followers::person_id.eq(me)))
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    Ok(())
}

pub fn unfollow(tx: &mut Tx, record: Uuid) -> Result<()> {
    let me = tx.me()?;
    let row = followers::table
        .filter(followers::record_id.eq(record))
        .filter(followers::person_id.eq(me));
    diesel::delete(row).execute(&mut **tx)?;
    Ok(())
}

pub fn routes(r: &mut Routes) {
    r.put("/records/{kind}/{id}/following", start)
        .delete("/records/{kind}/{id}/following", stop);
}

async fn start(on: OnRecord<View>) -> Result<HttpResponse> {
    on.record(|tx, card| follow(tx, card.id)).await?;
    done(&on, "You will hear of what happens here")
}

async fn stop(on: OnRecord<View>) -> Result<HttpResponse> {
    on.record(|tx, card| unfollow(tx, card.id)).await?;
    done(&on, "You no longer follow this")
}

fn done(on: &OnRecord<View>, words: &str) -> Result<HttpResponse> {
    if on.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    back(&on.member, on, Toast::done(words))
}
