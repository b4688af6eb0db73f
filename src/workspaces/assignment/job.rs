//! Sharing out what nobody owns yet, a thousand records at a time, off the request path.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpResponse;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use platform::db::Tx;
use platform::jobs::{Job, JobContext, Queue, queue};
use platform::records::kinds::Kind;
use platform::schema::notifications;
use platform::web::can::Manage;
use platform::web::filters::thousands;
use platform::web::{Can, Form, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::handlers::{self, PATH};
use super::share_out;
use crate::workspaces::teams::Team;

const AT_ONCE: i64 = 1_000;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Run {
    pub kind: String,
}

/// Shares out what nobody owned when it was asked for.
#[derive(Serialize, Deserialize)]
pub struct ShareOut {
    pub kind: String,
    pub asker: Uuid,
    pub until: chrono::DateTime<chrono::Utc>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Job for ShareOut {
    const QUEUE: Queue = queue::BULK;
    const NAME: &'static str = "workspaces.share_out";
    const TIMEOUT: Duration = Duration::from_secs(3_600);

    async fn run(self, ctx: JobContext) -> Result<()> {
        let kind = *ctx.app.kinds.get(&self.kind).ok_or(Error::NotFound)?;
        let (until, asker) = (self.until, self.asker);
        let mut last = Uuid::nil();
        let mut got: HashMap<Uuid, i64> = HashMap::new();
        loop {
            let after = last;
            let step = ctx.tx(move |tx| {
                let ids = unowned(tx, &kind, until, after)?;
                let got = share_out(tx, &kind, &ids)?;
                Ok((ids, got))
            });
            let (ids, some) = step.await?;
            for (person, count) in some {
                *got.entry(person).or_default() += count;
            }
            match ids.last() {
                Some(id) if ids.len() as i64 == AT_ONCE => last = *id,
                _ => break,
            }
        }
        ctx.tx(move |tx| tell(tx, &kind, asker, &got)).await?;
        let workspace = ctx.subject()?.workspace;
        ctx.app
            .dispatcher
            .tell_lists(&ctx.app, workspace, kind.collection);
        Ok(())
    }
}

fn unowned(
    tx: &mut Tx,
    kind: &Kind,
    until: chrono::DateTime<chrono::Utc>,
    after: Uuid,
) -> Result<Vec<Uuid>> {
    let found: Vec<Found> = sql_query(format!(
        "select id from {} where archived_at is null and owner_id is null and created_at <= $1 and id > $2 order by id limit $3",
        kind.table
    ))
    .bind::<Timestamptz, _>(until)
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(AT_ONCE)
    .load(&mut **tx)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// One word to everybody who got something, and to whoever asked for it.
fn tell(tx: &mut Tx, kind: &Kind, asker: Uuid, got: &HashMap<Uuid, i64>) -> Result<()> {
    let all: i64 = got.values().sum();
    let mut told = vec![(
        asker,
        "work.finished",
        format!("{} shared out", some(kind, all)),
    )];
    let others = got.iter().filter(|(person, _)| **person != asker);
    told.extend(others.map(|(person, n)| (*person, "work.assigned_to_you", some(kind, *n))));
    for (person, what, title) in told {
        diesel::insert_into(notifications::table)
            .values((
                notifications::id.eq(Uuid::now_v7()),
                notifications::person_id.eq(person),
                notifications::kind.eq(what),
                notifications::title.eq(title),
                notifications::actor_name.eq(tx.origin.name.clone()),
                notifications::path.eq(format!("/{}", kind.collection)),
                notifications::created_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

fn some(kind: &Kind, count: i64) -> String {
    match count {
        1 => format!("1 {}", kind.singular),
        n => format!("{} {}", thousands(&n.to_string()), kind.plural),
    }
}

pub async fn start(can: Can<Manage, Team>, form: Form<Run>) -> Result<HttpResponse> {
    let kind = handlers::kind(&can, &form.valid()?.kind)?;
    if !can.may(kind.resource(), "edit") {
        let words = format!("Your role may not change {}.", kind.plural);
        return Err(Error::Forbidden(words));
    }
    let asker = can.me();
    can.tx(move |tx| {
        let job = ShareOut {
            kind: kind.name.to_owned(),
            asker,
            until: tx.now,
        };
        tx.enqueue(job.new_job());
        Ok(())
    })
    .await?;
    let words = format!(
        "The {} are being shared out; the bell tells when it is done",
        kind.plural
    );
    can.done(&can.url(PATH), Toast::done(words))
}
