//! Writing down what became of mails, in groups: one commit for as many as came in within some milliseconds.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::db::tx::Subject;
use platform::mail::Delivery;
use platform::web::App;
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

/// So long the first of a group waits for company.
const GATHER: Duration = Duration::from_millis(5);
const GROUP: usize = 1_000;
const RETRY: Duration = Duration::from_secs(1);
/// A mail that the server puts off is tried so often in all.
const ATTEMPTS: i16 = 4;

/// What became of the mail to one recipient.
#[derive(Clone, Debug)]
pub enum Outcome {
    Sent,
    Failed(String),
    /// Try it again later.
    Deferred(String),
    /// It left, and nobody knows what became of it.
    Held,
    /// Nothing left: it is as if it had never been claimed.
    Returned,
}

impl Outcome {
    pub fn of(delivery: Delivery) -> Outcome {
        match delivery {
            Delivery::Accepted { .. } => Outcome::Sent,
            Delivery::Rejected {
                code,
                permanent,
                text,
            } => {
                let said: String = format!("{code} {text}").chars().take(500).collect();
                match permanent {
                    true => Outcome::Failed(said),
                    false => Outcome::Deferred(said),
                }
            }
            Delivery::Unanswered => Outcome::Held,
            Delivery::Unreachable { .. } => Outcome::Returned,
        }
    }
}

/// Records until the last sender of outcomes is gone.
pub async fn record(
    app: Arc<App>,
    subject: Subject,
    mut outcomes: Receiver<(Uuid, Outcome)>,
) -> Result<u64> {
    let mut recorded = 0;
    let mut group = Vec::with_capacity(GROUP);
    while outcomes.recv_many(&mut group, GROUP).await > 0 {
        if group.len() < GROUP {
            tokio::time::sleep(GATHER).await;
            while group.len() < GROUP
                && let Ok(one) = outcomes.try_recv()
            {
                group.push(one);
            }
        }
        let written = std::mem::replace(&mut group, Vec::with_capacity(GROUP));
        let ids: Vec<Uuid> = written.iter().map(|(id, _)| *id).collect();
        // Until it is written: only the run that saw the answers knows them while the process lives.
        let written = Arc::new(written);
        loop {
            let group = written.clone();
            match app.tx(subject.clone(), move |tx| settle(tx, &group)).await {
                Ok(()) => break,
                Err(error) => tracing::error!(?error, "outcomes of mails can't be written yet"),
            }
            tokio::time::sleep(RETRY).await;
        }
        recorded += ids.len() as u64;
        app.mail
            .journal()?
            .settled(&ids)
            .map_err(platform::Error::internal)?;
    }
    Ok(recorded)
}

/// Brings outcomes into the rows of claimed recipients.
pub fn settle(tx: &mut Tx, outcomes: &[(Uuid, Outcome)]) -> Result<()> {
    let sent: Vec<Uuid> = outcomes
        .iter()
        .filter(|(_, o)| matches!(o, Outcome::Sent))
        .map(|(id, _)| *id)
        .collect();
    if !sent.is_empty() {
        sql_query(
            "update campaign_recipients set status = 'sent', sent_at = $2, claimed_by = null, error = '' \
             where id = any($1) and status = 'claimed'",
        )
        .bind::<Array<SqlUuid>, _>(sent)
        .bind::<Timestamptz, _>(tx.now)
        .execute(&mut **tx)?;
    }
    let others: Vec<_> = outcomes
        .iter()
        .filter(|(_, o)| !matches!(o, Outcome::Sent))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = others.iter().map(|(id, _)| *id).collect();
    let (mut statuses, mut errors, mut tries) = (Vec::new(), Vec::new(), Vec::new());
    for (_, outcome) in &others {
        let (status, error, tried) = match outcome {
            Outcome::Sent => ("sent", "", 1),
            Outcome::Failed(error) => ("failed", error.as_str(), 1),
            Outcome::Deferred(error) => ("deferred", error.as_str(), 1),
            Outcome::Held => ("held", "handed over; no answer came", 1),
            Outcome::Returned => ("pending", "", 0),
        };
        statuses.push(status);
        errors.push(error);
        tries.push(tried);
    }
    sql_query(
        "update campaign_recipients r set \
           status = case when v.status <> 'deferred' then v.status when r.attempts + 1 >= $5 then 'failed' else 'pending' end, \
           not_before = case when v.status = 'deferred' then $6 end, \
           error = v.error, attempts = r.attempts + v.tried, claimed_by = null \
         from unnest($1, $2, $3, $4) as v (id, status, error, tried) where r.id = v.id and r.status = 'claimed'",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(statuses)
    .bind::<Array<Text>, _>(errors)
    .bind::<Array<SmallInt>, _>(tries)
    .bind::<SmallInt, _>(ATTEMPTS)
    .bind::<Timestamptz, _>(tx.now + TimeDelta::minutes(5))
    .execute(&mut **tx)?;
    Ok(())
}
