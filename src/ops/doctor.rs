//! `nexus doctor`: checks every dependency and says how to mend it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use platform::config::Config;
use platform::db::tx::Subject;
use platform::db::{Tx, pool};
use platform::events::seal;
use platform::schema::workspaces;

use crate::Failure;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

pub fn run(config: Config, url: String, _: usize) -> Result<(), Failure> {
    let mut wrong = 0;
    let mut say = |well: bool, what: &str, mend: &str| {
        println!(
            "{} {what}{}",
            if well { "ok  " } else { "BAD " },
            if well {
                String::new()
            } else {
                format!(": {mend}")
            }
        );
        wrong += i32::from(!well);
    };
    say(true, "configuration", "");
    let mut owner = PgConnection::establish(&url)?;
    let unsafe_operators: Vec<Named> = sql_query(
        "select proname::text as name from pg_proc where proname in ('ts_match_vq', 'similarity_op', 'arraycontains') \
         and not proleakproof",
    )
    .load(&mut owner)?;
    say(
        unsafe_operators.is_empty(),
        "searches use their indexes under row-level security",
        "as a superuser, mark the search operators leakproof (see the first migration)",
    );
    let open: Vec<Named> = sql_query(
        "select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where a.attname = 'workspace_id' and c.relkind = 'r' and not c.relforcerowsecurity \
         and c.relname not in ('public_links', 'jobs', 'queue_pauses', 'job_outcomes')",
    )
    .load(&mut owner)?;
    let names: Vec<_> = open.iter().map(|t| t.name.as_str()).collect();
    say(
        open.is_empty(),
        "every tenant table is fenced",
        &format!("call tenant_table for {}", names.join(", ")),
    );
    let pool = pool::connect(&url, 2)?;
    let all: Vec<(uuid::Uuid, String)> = workspaces::table
        .select((workspaces::id, workspaces::slug))
        .order(workspaces::slug)
        .limit(100_000)
        .load(&mut owner)?;
    for (id, slug) in all {
        let (broken, _) = Tx::run(&pool, Subject::machine(id, "doctor"), seal::first_broken)
            .map_err(|e| format!("the audit log of {slug} can't be read: {e}"))?;
        let text = broken.map(|n| {
            format!("seal {n} does not hold: rows were altered behind the application's back")
        });
        say(
            broken.is_none(),
            &format!("audit log of {slug} is whole"),
            &text.unwrap_or_default(),
        );
    }
    say(
        config.redis_url.is_some(),
        "Redis",
        "optional: set REDIS_URL to share limits and live updates between processes",
    );
    Ok(())
}
