//! `bin/bench`: what Nexus does in a second, beside what the same machine could do at best, taken in the same run.

mod cases;
#[path = "../tests/support/csv_files.rs"]
#[allow(dead_code)]
mod csv_files;
#[path = "../tests/support/http.rs"]
mod http;
mod load;
mod mailers;
#[path = "../tests/support/nexus.rs"]
mod nexus;
#[path = "../tests/support/people.rs"]
mod people;
mod report;
#[path = "../tests/support/smtp_sink.rs"]
#[allow(dead_code)]
mod smtp_sink;
mod sockets;
mod statements;

use std::process::ExitCode;

use cases::CASES;
use report::Report;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Failure>;

const USAGE: &str = "usage: bin/bench [case …] [--json] [--rows N] [--seconds N]

  --json       one JSON object on stdout instead of a table
  --rows N     contacts to seed instead of 1000000
  --seconds N  how long a load lasts instead of 4; it is applied twice, by turns with its limit

cases, all of them if none is named:";

/// What the command line asks for.
pub struct Options {
    names: Vec<String>,
    json: bool,
    rows: u64,
    seconds: u64,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Option<Options> {
        let mut options = Options {
            names: Vec::new(),
            json: false,
            rows: 1_000_000,
            seconds: 4,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // cargo adds it.
                "--bench" => {}
                "--json" => options.json = true,
                "--rows" => options.rows = args.next()?.parse().ok()?,
                "--seconds" => options.seconds = args.next()?.parse().ok()?,
                name if CASES.iter().any(|case| case.name == name) => options.names.push(arg),
                _ => return None,
            }
        }
        Some(options)
    }

    fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|n| n == name)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        for case in &CASES {
            eprintln!("  {:<20} {}", case.name, case.what);
        }
        return ExitCode::from(2);
    };
    let mut report = Report::default();
    let outcome = cases::run(&options, &mut report);
    if options.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.table());
    }
    match outcome {
        Ok(()) if report.complete() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
