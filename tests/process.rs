//! The real binary as a process: how it starts, on what, and what it leaves behind.

#[path = "support/collector.rs"]
mod collector;
#[path = "support/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "support/nexus.rs"]
#[allow(dead_code)]
mod nexus;

use std::time::{Duration, Instant};
use std::{env, fs};

use collector::Collector;
use http::{Browser, Result};
use nexus::{App, Home};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

const CONTACTS: &str = "/w/acme/contacts";
const SOON: Duration = Duration::from_secs(10);

#[test]
fn every_wrong_variable_is_told_on_a_line_of_its_own() -> Result<()> {
    let home = Home::new()?;
    let wrong = [
        ("PORT", "99999"),
        ("DATABASE_URL", "mysql://x"),
        ("SMTP_URL", "mail"),
    ];
    let output = home.command().arg("serve").envs(wrong).output()?;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr)?;
    let named: Vec<_> = said
        .lines()
        .map(|line| line.split(':').next().unwrap_or_default())
        .collect();
    assert_eq!(named, ["PORT", "DATABASE_URL", "SMTP_URL"]);
    Ok(())
}

#[test]
fn it_needs_nothing_to_start_and_stops_all_it_started() -> Result<()> {
    let home = Home::new()?;
    let mut app = App::start(&home, &[])?;
    let stranger = Browser::stranger(app.address);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(stranger.get(path)?.status, 200);
    }
    assert!(app.browser()?.get(CONTACTS)?.text().contains("Contacts"));
    let postgres = postmaster(&home)?;
    app.signal(Signal::SIGINT);
    assert!(app.wait(SOON)?.success());
    assert!(kill(postgres, None).is_err(), "PostgreSQL is still there");
    Ok(())
}

#[test]
fn after_kill_nine_the_next_start_comes_up_with_all_that_was_answered() -> Result<()> {
    let home = Home::new()?;
    let mut app = App::start(&home, &[])?;
    let contact =
        json!({ "first_name": "Kept", "last_name": "Person", "email": "kept@kill.example" });
    let location = app
        .browser()?
        .api("POST", CONTACTS, &contact)?
        .header("location")
        .ok_or("no location")?
        .to_owned();
    app.signal(Signal::SIGKILL);
    app.wait(SOON)?;
    let app = App::start(&home, &[])?;
    let kept = app.browser()?.get_json(&location)?;
    assert!(kept.to_string().contains("kept@kill.example"));
    Ok(())
}

#[test]
fn with_a_database_url_it_works_on_that_server() -> Result<()> {
    let (server, home) = (Home::new()?, Home::new()?);
    let _running = App::start(&server, &[])?;
    server.sql("create database elsewhere")?;
    let run = server.path().join("run");
    let host = run.to_string_lossy().replace('/', "%2F");
    let url = format!("postgres:///elsewhere?host={host}&user=nexus_owner");
    let seeded = home
        .command()
        .arg("seed")
        .env("DATABASE_URL", &url)
        .status()?;
    assert!(seeded.success());
    let app = App::start(&home, &[("DATABASE_URL", &url)])?;
    assert_eq!(app.browser()?.get(CONTACTS)?.status, 200);
    assert!(!home.path().join("postgres").exists());
    Ok(())
}

#[test]
fn without_redis_it_is_degraded_and_says_so() -> Result<()> {
    let home = Home::new()?;
    let app = App::start(&home, &[("REDIS_URL", "redis://127.0.0.1:1")])?;
    assert_eq!(redis_of(&app)?, "degraded");
    assert_eq!(app.browser()?.get(CONTACTS)?.status, 200);
    Ok(())
}

/// `bin/test` runs this with a Redis of its own.
#[test]
fn redis_is_used_where_there_is_one() -> Result<()> {
    let Ok(url) = env::var("REDIS_URL") else {
        return Ok(());
    };
    let home = Home::new()?;
    let app = App::start(&home, &[("REDIS_URL", &url)])?;
    assert_eq!(redis_of(&app)?, "healthy");
    assert_eq!(app.browser()?.get(CONTACTS)?.status, 200);
    Ok(())
}

#[test]
fn traces_and_errors_go_where_they_are_wanted() -> Result<()> {
    let (home, collector) = (Home::new()?, Collector::start()?);
    let endpoint = format!("http://{}", collector.address);
    let dsn = format!("http://key@{}/1", collector.address);
    let wanted = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("SENTRY_DSN", dsn.as_str()),
    ];
    let mut app = App::start(&home, &wanted)?;
    let browser = app.browser()?;
    assert_eq!(browser.get(CONTACTS)?.status, 200);
    let trace = [0x4b_u8; 16];
    let parent = format!("00-{}-00f067aa0ba902b7-01", "4b".repeat(16));
    let headers = [("traceparent", parent.as_str())];
    let stranger = Browser::stranger(app.address);
    assert_eq!(stranger.send("GET", "/readyz", &headers, b"")?.status, 200);
    // A list that was asked for before is kept.
    let anew = format!("{CONTACTS}?sort=name");
    home.sql("alter table contacts rename to contacts_gone")?;
    assert_eq!(browser.send("GET", &anew, &[], b"")?.status, 500);
    app.signal(Signal::SIGINT);
    assert!(app.wait(SOON)?.success());
    let traces = |bytes: &[u8]| collector.has("/v1/traces", bytes);
    assert!(traces(b"GET /w/{workspace}/contacts"), "no request");
    assert!(traces(b"transaction"), "no transaction");
    assert!(traces(&trace), "the caller's trace is not gone on with");
    assert!(
        collector.has("/api/1/envelope/", b"request failed"),
        "no error"
    );
    Ok(())
}

#[test]
fn a_database_that_goes_away_is_no_error_of_the_page() -> Result<()> {
    let home = Home::new()?;
    let app = App::start(&home, &[])?;
    let browser = app.browser()?;
    assert_eq!(browser.get(CONTACTS)?.status, 200);
    kill(postmaster(&home)?, Signal::SIGQUIT)?;
    for path in [CONTACTS, "/readyz"] {
        // PostgreSQL's processes end one after the other, and answer until they do.
        let until = Instant::now() + SOON;
        let status = loop {
            let status = browser.send("GET", path, &[], b"")?.status;
            if status != 200 || Instant::now() > until {
                break status;
            }
        };
        assert_eq!(status, 503, "{path}");
    }
    assert_eq!(browser.send("GET", "/healthz", &[], b"")?.status, 200);
    Ok(())
}

fn redis_of(app: &App) -> Result<String> {
    let health = Browser::stranger(app.address).get_json("/api/health")?;
    let services = health["services"].as_array().ok_or("no services")?;
    let redis = services.iter().find(|service| service["name"] == "redis");
    Ok(redis.ok_or("no redis")?["status"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

fn postmaster(home: &Home) -> Result<Pid> {
    let path = home.path().join("postgres/postmaster.pid");
    let first = fs::read_to_string(path)?;
    Ok(Pid::from_raw(
        first.lines().next().unwrap_or_default().trim().parse()?,
    ))
}
