//! `nexus doctor`: checks every dependency and says how to mend it.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use deadpool_redis::redis;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use platform::config::Config;
use platform::db::tx::Subject;
use platform::db::{Tx, pool};
use platform::events::seal;
use platform::mail::SmtpUrl;
use platform::schema::workspaces;

use crate::Failure;

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// What was found, a line each; the number of those that want mending.
#[derive(Default)]
struct Findings(usize);

impl Findings {
    fn say(&mut self, what: &str, found: Result<(), String>) {
        match found {
            Ok(()) => println!("ok   {what}"),
            Err(mend) => {
                self.0 += 1;
                println!("BAD  {what}: {mend}");
            }
        }
    }

    /// What one can do without.
    fn note(&self, what: &str, how: &str) {
        println!("note {what}: {how}");
    }
}

/// `quick` leaves out what takes longer the more there is: reading the whole audit log.
pub fn run(config: &Config, url: &str, quick: bool) -> Result<(), Failure> {
    let mut findings = Findings::default();
    findings.say("configuration", Ok(()));
    let mut owner = PgConnection::establish(url)?;
    findings.say("PostgreSQL answers, and the migrations ran", Ok(()));
    search(&mut owner, &mut findings)?;
    fences(&mut owner, &mut findings)?;
    findings.say("DATA_DIR can be written", written(config));
    match &config.redis_url {
        Some(url) => findings.say("Redis answers", ping(url)),
        None => findings.note(
            "no Redis",
            "set REDIS_URL to share limits between processes",
        ),
    }
    match &config.smtp_url {
        Some(url) => findings.say("the mail server answers", reach(url)),
        None => findings.note("no mail server", "mail stays here until SMTP_URL is set"),
    }
    if !quick {
        audit(&mut owner, url, &mut findings)?;
    }
    match findings.0 {
        0 => Ok(()),
        1 => Err("one thing wants mending".into()),
        n => Err(format!("{n} things want mending").into()),
    }
}

fn search(owner: &mut PgConnection, findings: &mut Findings) -> Result<(), Failure> {
    let unsafe_operators: Vec<Named> = sql_query(
        "select proname::text as name from pg_proc where proname in ('ts_match_vq', 'similarity_op', 'arraycontains') \
         and not proleakproof",
    )
    .load(owner)?;
    let mend = "as a superuser, mark the search operators leakproof (see the first migration)";
    let found = unsafe_operators.is_empty().then_some(());
    findings.say(
        "searches use their indexes under row-level security",
        found.ok_or_else(|| mend.to_owned()),
    );
    Ok(())
}

fn fences(owner: &mut PgConnection, findings: &mut Findings) -> Result<(), Failure> {
    let open: Vec<Named> = sql_query(
        "select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where a.attname = 'workspace_id' and c.relkind = 'r' and not c.relforcerowsecurity \
         and c.relname not in ('public_links', 'jobs', 'queue_pauses', 'job_outcomes')",
    )
    .load(owner)?;
    let names: Vec<_> = open.iter().map(|t| t.name.as_str()).collect();
    let found = names.is_empty().then_some(());
    findings.say(
        "every tenant table is fenced",
        found.ok_or_else(|| format!("call tenant_table for {}", names.join(", "))),
    );
    Ok(())
}

fn written(config: &Config) -> Result<(), String> {
    let file = config.data_dir.join(".doctor");
    let tried = std::fs::write(&file, "").and_then(|()| std::fs::remove_file(&file));
    tried.map_err(|e| format!("give it to the user that runs Nexus ({e})"))
}

fn ping(url: &str) -> Result<(), String> {
    let mend = |e: redis::RedisError| format!("start it, or correct REDIS_URL ({e})");
    let client = redis::Client::open(url).map_err(mend)?;
    let mut connection = client.get_connection_with_timeout(PATIENCE).map_err(mend)?;
    redis::cmd("PING").exec(&mut connection).map_err(mend)
}

fn reach(url: &str) -> Result<(), String> {
    let mend = |e: std::io::Error| format!("start it, or correct SMTP_URL ({e})");
    let smtp: SmtpUrl = url.parse().map_err(|e| format!("{e}"))?;
    let mut addresses = (smtp.host.as_str(), smtp.port)
        .to_socket_addrs()
        .map_err(mend)?;
    let address = addresses.next().ok_or("its name has no address")?;
    TcpStream::connect_timeout(&address, PATIENCE).map_err(mend)?;
    Ok(())
}

fn audit(owner: &mut PgConnection, url: &str, findings: &mut Findings) -> Result<(), Failure> {
    let pool = pool::connect(url, 2)?;
    let all: Vec<(uuid::Uuid, String)> = workspaces::table
        .select((workspaces::id, workspaces::slug))
        .order(workspaces::slug)
        .limit(100_000)
        .load(owner)?;
    for (id, slug) in all {
        let (broken, _) = Tx::run(&pool, Subject::machine(id, "doctor"), seal::first_broken)
            .map_err(|e| format!("the audit log of {slug} can't be read: {e}"))?;
        let found = match broken {
            None => Ok(()),
            Some(n) => Err(format!(
                "seal {n} does not hold: rows were altered behind the application's back"
            )),
        };
        findings.say(&format!("the audit log of {slug} is whole"), found);
    }
    Ok(())
}
