//! Work off the request path.

use std::thread::sleep;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::Ground;
use crate::Result;
use crate::load;
use crate::report::{Better, Figure};
use crate::statements::Script;

const JOBS: i64 = 20_000;
const NEW_JOBS: &str = "insert into jobs (id, workspace_id, queue, name, max_attempts) \
    select gen_random_uuid(), (select id from workspaces where slug = 'acme'), 'notifications', 'ops.ping', 3 \
    from generate_series(1, $1)";
/// One job taken and one job done, each in the one statement that it needs.
const BY_HAND: &str = "\
with due as materialized (select id from jobs where queue = 'by-hand' and status = 'new' and run_at <= now() \
order by run_at, id limit 1 for update skip locked) \
update jobs set status = 'running', runner_id = jobs.id, heartbeat_at = now(), attempts = attempts + 1 from due \
where jobs.id = due.id and set_config('synchronous_commit', 'off', true) = 'off' \
returning jobs.id, name, payload \\gset
delete from jobs where id = :id and set_config('synchronous_commit', 'off', true) = 'off';
";

/// From the first that is done to the last, by the workers of one process.
pub fn jobs(ground: &mut Ground) -> Result<Figure> {
    let limit = by_hand(ground)?;
    ground.app()?;
    let mut conn = ground.home.connect()?;
    sql_query(NEW_JOBS)
        .bind::<BigInt, _>(JOBS)
        .execute(&mut conn)?;
    let inserted = Instant::now();
    let mut begun: Option<(Instant, i64)> = None;
    loop {
        let left = left(&mut conn)?;
        let now = Instant::now();
        if left < JOBS && begun.is_none() {
            begun = Some((now, left));
        }
        if let (Some((since, then)), 0) = (begun, left) {
            return Ok(Figure {
                value: then as f64 / now.duration_since(since).as_secs_f64(),
                unit: "jobs/s",
                limit: Some(limit),
                of: "pgbench",
                better: Better::Higher,
                aim: 0.7,
                note: "the limit takes and deletes them one by one, 10 at a time".into(),
            });
        }
        if inserted.elapsed() > Duration::from_secs(120) {
            return Err(format!("{left} of {JOBS} jobs were not done after two minutes").into());
        }
        sleep(Duration::from_millis(10));
    }
}

fn by_hand(ground: &mut Ground) -> Result<f64> {
    ground.app()?;
    let jobs = ground.options.seconds as i64 * 20_000;
    let mut conn = ground.home.connect()?;
    let insert = NEW_JOBS.replace("'notifications'", "'by-hand'");
    sql_query(insert)
        .bind::<BigInt, _>(jobs)
        .execute(&mut conn)?;
    let script = Script {
        text: BY_HAND.into(),
        variables: Vec::new(),
    };
    let (conninfo, scratch) = (ground.home.conninfo(), ground.scratch());
    let rate = load::pgbench(&conninfo, &[script], "10", ground.options.seconds, &scratch);
    sql_query("delete from jobs where queue = 'by-hand'").execute(&mut conn)?;
    rate
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = BigInt)]
    left: i64,
}

fn left(conn: &mut PgConnection) -> Result<i64> {
    let count = "select count(*) as left from jobs where name = 'ops.ping'";
    Ok(sql_query(count).get_result::<Left>(conn)?.left)
}
