//! The cases, in the order in which they are run, and the ground they share.

mod crm;
mod imports;
mod lists;
mod live;
mod mail;
mod system;
mod work;
mod writes;

use std::path::PathBuf;

use crate::load::{self, Load, Requests};
use crate::nexus::{App, Home};
use crate::report::{Better, Figure, Report};
use crate::statements::{Recorder, Script};
use crate::{Options, Result};

pub struct Case {
    pub name: &'static str,
    pub what: &'static str,
    run: fn(&mut Ground) -> Result<Figure>,
}

const fn case(
    name: &'static str,
    what: &'static str,
    run: fn(&mut Ground) -> Result<Figure>,
) -> Case {
    Case { name, what, run }
}

pub const CASES: [Case; 29] = [
    case(
        "growth_10k_100k_1m",
        "the newest and the last page at 1 M rows, as times of 10 k",
        lists::growth,
    ),
    case("seed", "contacts made by `nexus seed`", system::seed),
    case("startup", "ready on an existing database", system::startup),
    case(
        "memory_idle",
        "memory of the app with nobody there",
        system::memory_idle,
    ),
    case(
        "list_unfiltered",
        "50 contacts, newest first",
        lists::unfiltered,
    ),
    case(
        "list_search_rare",
        "a search that finds one",
        lists::search_rare,
    ),
    case(
        "list_search_common",
        "a search for the most common name",
        lists::search_common,
    ),
    case("list_filter", "a filter of two conditions", lists::filter),
    case(
        "list_last_page",
        "the far end of the list",
        lists::last_page,
    ),
    case("detail", "a contact with its timeline", lists::detail),
    case("deals", "50 deals, newest first", lists::deals),
    case(
        "board",
        "the deals of a pipeline by their stages",
        lists::board,
    ),
    case("forecast", "open deals by month and owner", lists::forecast),
    case("create", "a contact by JSON", writes::create),
    case(
        "static",
        "the style sheet, beside nginx",
        system::static_file,
    ),
    case("palette", "what the command palette finds", lists::palette),
    case(
        "segment_count",
        "how many two conditions find, of all",
        lists::segment_count,
    ),
    case(
        "jobs",
        "jobs that do nothing, from the table to done",
        work::jobs,
    ),
    case(
        "fanout_1000",
        "one change until the last of 1,000 pages shows it",
        live::thousand,
    ),
    case(
        "fanout_5000",
        "the same for 5,000 pages",
        live::five_thousand,
    ),
    case(
        "import_100k",
        "a CSV file of 100,000 contacts",
        imports::import,
    ),
    case(
        "campaign",
        "mails to a fiftieth of the contacts, each its own",
        mail::campaign,
    ),
    case(
        "timeline_100k",
        "a contact with 100,000 events",
        crm::timeline,
    ),
    case("crm_pages", "every page of the CRM, alone", crm::pages),
    case(
        "duplicates",
        "all contacts held against each other",
        crm::duplicates,
    ),
    case(
        "merge",
        "two contacts become one, and two again",
        crm::merge,
    ),
    case("bulk_undo_50k", "the undo of a bulk edit", crm::bulk),
    case(
        "memory_load",
        "memory of the app after all of this",
        system::memory_load,
    ),
    case("list_sorted", "50 contacts by name", lists::sorted),
];

/// What the cases work on, made when the first of them needs it.
pub struct Ground<'a> {
    pub options: &'a Options,
    pub home: Home,
    /// Contacts in acme.
    rows: u64,
    app: Option<App>,
}

pub fn run(options: &Options, report: &mut Report) -> Result<()> {
    let mut ground = Ground {
        options,
        home: Home::new()?,
        rows: 0,
        app: None,
    };
    for case in &CASES {
        if options.wants(case.name) {
            eprintln!("{}: {}", case.name, case.what);
            report.add(case.name, (case.run)(&mut ground));
        }
    }
    Ok(())
}

impl Ground<'_> {
    pub fn scratch(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Adds contacts until there are that many, and gives how many were added in how many seconds.
    pub fn grow_to(&mut self, rows: u64) -> Result<Option<(u64, f64)>> {
        let more = rows.saturating_sub(self.rows);
        if more == 0 {
            return Ok(None);
        }
        self.app = None;
        eprintln!("  seeding {more} contacts");
        let took = self.home.seed(more)?.as_secs_f64();
        self.rows += more;
        self.vacuum()?;
        Ok(Some((more, took)))
    }

    /// What autovacuum would have done a minute later, so that it does not happen in the middle of a case.
    fn vacuum(&mut self) -> Result<()> {
        self.app()?;
        self.home.sql("vacuum analyze")?;
        self.home.sql("checkpoint")
    }

    /// The app, running over all the rows that the bench is about.
    pub fn full(&mut self) -> Result<&App> {
        self.grow_to(self.options.rows)?;
        self.app()
    }

    /// The app, running over what is there.
    pub fn app(&mut self) -> Result<&App> {
        if self.app.is_none() {
            self.app = Some(App::start(&self.home, &[])?);
        }
        self.app.as_ref().ok_or_else(|| "no app".into())
    }

    pub fn stop(&mut self) {
        self.app = None;
    }

    /// One script for each path, of what a page there asks of the database.
    pub fn scripts_of(
        &mut self,
        paths: &[String],
        headers: &[(&str, &str)],
    ) -> Result<Vec<Script>> {
        self.stop();
        let mut recorder = Recorder::start(&self.home)?;
        let browser = recorder.app.browser()?;
        let record = |path: &String| {
            recorder.script(|| {
                let path = load::unlike_any(path, load::unique());
                let answer = browser.send("GET", &path, headers, b"")?;
                answer.success(&path).map(drop)
            })
        };
        paths.iter().map(record).collect()
    }

    /// Pages under load beside pgbench with the same statements, by turns.
    pub fn pages(&mut self, paths: Vec<String>) -> Result<Figure> {
        let headers = [("Accept", "text/html")];
        let scripts = self.scripts_of(&paths, &headers)?;
        self.beside_pgbench(&Requests::Get(paths), &headers, &scripts)
    }

    /// The same of pages that are kept until something changes, and in the note what they take when they are made anew.
    pub fn kept_pages(&mut self, paths: Vec<String>) -> Result<Figure> {
        let first = self.load(paths.clone())?;
        let figure = self.pages(paths)?;
        let ratio = figure.limit.map_or(0.0, |limit| first.rate / limit);
        let note = format!(
            "{}; made anew {:.0}/s ({ratio:.2}), {}",
            figure.note,
            first.rate,
            first.note()
        );
        Ok(Figure { note, ..figure })
    }

    pub fn beside_pgbench(
        &mut self,
        requests: &Requests,
        headers: &[(&str, &str)],
        scripts: &[Script],
    ) -> Result<Figure> {
        let (seconds, scratch) = (self.options.seconds, self.scratch());
        let conninfo = self.home.conninfo();
        let browser = self.app()?.browser()?;
        load::wrk(&browser, requests, headers, 1, &scratch)?;
        let mut turns = Vec::new();
        for _ in 0..2 {
            let ours = load::wrk(&browser, requests, headers, seconds, &scratch)?;
            let limit = load::pgbench(&conninfo, scripts, load::CONNECTIONS, seconds, &scratch)?;
            turns.push((ours, limit));
        }
        let (load, limit) = mean(&turns);
        Ok(Figure {
            value: load.rate,
            unit: "req/s",
            limit: Some(limit),
            of: "pgbench",
            better: Better::Higher,
            aim: 0.7,
            note: load.note(),
        })
    }

    /// The rate of these pages alone, each made anew.
    pub fn load(&mut self, paths: Vec<String>) -> Result<Load> {
        let (seconds, scratch) = (self.options.seconds, self.scratch());
        let browser = self.app()?.browser()?;
        let requests = Requests::First(paths);
        let headers = [("Accept", "text/html")];
        load::wrk(&browser, &requests, &headers, 1, &scratch)?;
        load::wrk(&browser, &requests, &headers, seconds, &scratch)
    }
}

/// The mean of what was measured by turns.
pub fn mean(turns: &[(Load, f64)]) -> (Load, f64) {
    let count = turns.len().max(1) as f64;
    let of = |value: fn(&(Load, f64)) -> f64| turns.iter().map(value).sum::<f64>() / count;
    let load = Load {
        rate: of(|turn| turn.0.rate),
        p50_ms: of(|turn| turn.0.p50_ms),
        p99_ms: of(|turn| turn.0.p99_ms),
    };
    (load, of(|turn| turn.1))
}
