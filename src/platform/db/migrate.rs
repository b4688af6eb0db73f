//! Runs the migrations, which are compiled into the binary.

use diesel::prelude::*;
use diesel::sql_query;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// Two processes that start at once take turns.
const LOCK: i64 = 0x004e_4558_5553;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Brings the database of `url` up to date, as its owner. Gives how many migrations ran.
pub fn run(url: &str) -> Result<usize, Failure> {
    let mut conn = PgConnection::establish(url)?;
    sql_query("select pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)?;
    let ran = conn.run_pending_migrations(MIGRATIONS)?.len();
    sql_query("select pg_advisory_unlock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)?;
    Ok(ran)
}

/// Takes every migration back; for the test that shows that each `down.sql` works.
pub fn revert_all(url: &str) -> Result<usize, Failure> {
    let mut conn = PgConnection::establish(url)?;
    Ok(conn.revert_all_migrations(MIGRATIONS)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_can_be_taken_back_and_run_again() {
        let tests = crate::testing::database();
        let mut admin = PgConnection::establish(tests).unwrap();
        for statement in [
            "drop database if exists downs with (force)",
            "create database downs",
        ] {
            sql_query(statement).execute(&mut admin).unwrap();
        }
        let mut own = url::Url::parse(tests).unwrap();
        own.set_path("/downs");
        let all = run(own.as_str()).unwrap();
        assert_eq!(revert_all(own.as_str()).unwrap(), all);
        assert_eq!(run(own.as_str()).unwrap(), all);
        sql_query("drop database downs with (force)")
            .execute(&mut admin)
            .unwrap();
    }
}
