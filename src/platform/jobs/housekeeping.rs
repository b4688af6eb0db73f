//! What the platform itself does again and again: clean up after sessions, files and jobs, seal the events.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz};

use super::{Schedule, Sweep};
use crate::error::{Error, Result};
use crate::events::seal;
use crate::records::{export, work};
use crate::{clock, schema};

/// Deletions go in portions, so that none of them runs into the statement's time limit or holds others up.
const PORTION: i64 = 5_000;
const TEMPORARY: Duration = Duration::from_secs(24 * 3_600);
const FILES_A_RUN: usize = 100_000;

pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::every("events.seal", "Seal the audit log", 60, seal_events),
        Schedule::daily_at(
            "identity.clean_sessions",
            "Clean up sessions",
            4,
            clean_sessions,
        ),
        Schedule::daily_at(
            "files.clean_temporary",
            "Clean up temporary files",
            5,
            clean_files,
        ),
        Schedule::daily_at("jobs.clean_up", "Clean up old jobs", 6, clean_jobs),
    ]
}

async fn seal_events(sweep: Sweep) -> Result<String> {
    let Some(settled) = sweep.directory(seal::settled).await? else {
        // Some are still being written; they wait for the next time.
        return Ok("0 events sealed".into());
    };
    let swept = sweep.each(move |tx| seal::seal(tx, settled)).await?;
    Ok(match swept.total {
        1 => "1 event sealed".into(),
        many => format!("{many} events sealed"),
    })
}

/// Expired sessions and tokens; those that were used stay a day for whoever looks into an incident.
async fn clean_sessions(sweep: Sweep) -> Result<String> {
    let sessions = portions(
        &sweep,
        "delete from sessions where key_hash in (select key_hash from sessions where expires_at < $1 limit $2)",
        TimeDelta::zero(),
    )
    .await?;
    let day = TimeDelta::days(1);
    let tokens = portions(
        &sweep,
        "delete from password_tokens where hash in (select hash from password_tokens where expires_at < $1 limit $2)",
        day,
    )
    .await?
        + portions(
            &sweep,
            "delete from refresh_tokens where hash in (select hash from refresh_tokens where expires_at < $1 limit $2)",
            day,
        )
        .await?;
    let answers = sweep
        .each(move |tx| {
            use schema::idempotency_keys;
            let old = idempotency_keys::created_at.lt(tx.now - day);
            Ok(diesel::delete(idempotency_keys::table.filter(old)).execute(&mut **tx)? as i64)
        })
        .await?;
    Ok(format!(
        "{sessions} sessions, {tokens} tokens and {} kept answers removed",
        answers.total
    ))
}

/// Dead letters after 90 days, discarded ones after a day, counters after two weeks.
async fn clean_jobs(sweep: Sweep) -> Result<String> {
    let dead = portions(
        &sweep,
        "delete from jobs where id in (select id from jobs where status = 'dead' and died_at < $1 limit $2)",
        TimeDelta::days(90),
    )
    .await?;
    let discarded = portions(
        &sweep,
        "delete from jobs where id in (select id from jobs where status = 'discarded' and discarded_at < $1 limit $2)",
        TimeDelta::days(1),
    )
    .await?;
    portions(
        &sweep,
        "delete from job_outcomes where (queue, hour, workspace_id) in \
           (select queue, hour, workspace_id from job_outcomes where hour < $1 limit $2)",
        TimeDelta::days(14),
    )
    .await?;
    Ok(format!(
        "{dead} dead and {discarded} discarded jobs removed"
    ))
}

/// Deletes portion by portion what is older than `age`; gives how many rows.
async fn portions(sweep: &Sweep, sql: &'static str, age: TimeDelta) -> Result<usize> {
    let before = clock::now() - age;
    let mut total = 0;
    loop {
        let deleted = sweep
            .directory(move |conn| {
                Ok(sql_query(sql)
                    .bind::<Timestamptz, _>(before)
                    .bind::<BigInt, _>(PORTION)
                    .execute(conn)?)
            })
            .await?;
        total += deleted;
        if deleted < PORTION as usize {
            return Ok(total);
        }
    }
}

async fn clean_files(sweep: Sweep) -> Result<String> {
    let dir = sweep.app.config.data_dir.join("tmp");
    let removed = tokio::task::spawn_blocking(move || remove_old(dir, TEMPORARY));
    let mut removed = removed.await.map_err(Error::internal)?;
    let exports = work::folder(&sweep.app.config);
    let kept = work::KEPT.to_std().unwrap_or(TEMPORARY);
    let expired = tokio::task::spawn_blocking(move || remove_old(exports, kept));
    removed += expired.await.map_err(Error::internal)?;
    let forgotten = export::clean(&sweep).await?;
    Ok(format!(
        "{removed} files and {forgotten} notes of old work removed"
    ))
}

/// Removes files that nobody has written to for `age`, and folders that are empty.
fn remove_old(dir: PathBuf, age: Duration) -> usize {
    let Some(before) = SystemTime::now().checked_sub(age) else {
        return 0;
    };
    let (mut removed, mut folders) = (0, vec![dir.clone()]);
    let mut at = 0;
    while at < folders.len() && at < FILES_A_RUN {
        let Ok(entries) = std::fs::read_dir(&folders[at]) else {
            at += 1;
            continue;
        };
        for entry in entries.flatten().take(FILES_A_RUN) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => removed += usize::from(remove_if_old(&entry.path(), before)),
                Err(_) => {}
            }
        }
        at += 1;
    }
    for folder in folders.iter().skip(1).rev() {
        let old = modified(folder).is_some_and(|at| at < before);
        // One that isn't empty stays.
        if old && std::fs::remove_dir(folder).is_ok() {
            tracing::debug!(folder = %folder.display(), "removed an empty folder");
        }
    }
    removed
}

fn remove_if_old(path: &Path, before: SystemTime) -> bool {
    modified(path).is_some_and(|at| at < before) && std::fs::remove_file(path).is_ok()
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::symlink_metadata(path).ok()?.modified().ok()
}
