//! The `nexus` binary: one program that serves, works, migrates, seeds and looks after itself.

mod crm;
mod identity;
mod marketing;
mod ops;
mod routes;
mod seed;
mod serve;
#[cfg(test)]
mod sweeps;
#[cfg(test)]
mod testing;
mod workspaces;

use std::process::ExitCode;

use platform::config::Config;
use platform::{db, telemetry};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const USAGE: &str = "usage: nexus <command>

  serve               the web server, the live rooms and the workers in one process
  worker              the workers alone, beside other processes that serve
  migrate             bring the database up to date
  seed [--scale N]    the demo workspaces; with N that many contacts more in acme
  routes              every route with its method, audience and permission
  doctor [--quick]    check every dependency, and say how to mend it; quickly, without the audit log
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["routes"] => {
            routes::print();
            Ok(())
        }
        ["serve"] => with_database(serve::run),
        ["worker"] => with_database(serve::work),
        ["migrate"] => with_database(|_, url, ran| {
            println!("{ran} migrations ran");
            drop(url);
            Ok(())
        }),
        ["seed"] => with_database(|_, url, _| seed::world(&url)),
        ["seed", "--scale", n] => match n.parse() {
            Ok(n) => with_database(move |_, url, _| seed::scale(&url, n)),
            Err(_) => Err(format!("--scale takes a number, not {n:?}").into()),
        },
        ["doctor"] => with_database(|config, url, _| ops::doctor::run(&config, &url, false)),
        ["doctor", "--quick"] => {
            with_database(|config, url, _| ops::doctor::run(&config, &url, true))
        }
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads the configuration, finds or starts PostgreSQL, migrates, and runs `work` with the owner's URL and the
/// number of migrations that ran.
fn with_database(
    work: impl FnOnce(Config, String, usize) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let config = Config::from_env().map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    // Kept to the end of the function: dropping it sends what is still to be told.
    let _telemetry = telemetry::start(&config)?;
    // Kept to the end of the function: dropping it stops a server that we started.
    let (url, _server) = match &config.database {
        db::Database::Url(url) => (url.clone(), None),
        db::Database::Embedded => db::embedded::find_or_start(&config.data_dir)?,
    };
    let ran = db::migrate::run(&url).map_err(|error| match config.database {
        db::Database::Url(_) => format!("DATABASE_URL: {}", one_line(&error.to_string())).into(),
        db::Database::Embedded => error,
    })?;
    let done = work(config, url, ran);
    db::pool::closing();
    done
}
