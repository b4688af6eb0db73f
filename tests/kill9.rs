//! A campaign of 20,000 mails, killed in the middle and started again: nobody gets two, and nobody is forgotten.

#[path = "support/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "support/nexus.rs"]
#[allow(dead_code)]
mod nexus;
#[path = "support/smtp_sink.rs"]
#[allow(dead_code)]
mod smtp_sink;

use std::collections::HashSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::{Browser, Result};
use nexus::{App, Home};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use smtp_sink::{Keep, SmtpSink};

const RECIPIENTS: u64 = 20_000;
const AT_MOST: Duration = Duration::from_secs(180);

#[test]
fn after_kill_nine_every_recipient_gets_the_mail_once_or_is_listed_as_held() -> Result<()> {
    let home = Home::new()?;
    let sink = SmtpSink::start(Keep::Envelopes)?;
    let smtp = sink.url();
    let env = [("SMTP_URL", smtp.as_str())];
    let mut app = App::start(&home, &env)?;
    fill(&home)?;
    let campaign = start_campaign(&app.browser()?)?;
    assert!(
        sink.wait_for(RECIPIENTS / 4, AT_MOST),
        "sending does not get going: {} mails, {}",
        sink.accepted(),
        app.browser()?.get_json(&campaign)?
    );
    app.signal(Signal::SIGKILL);
    app.wait(Duration::from_secs(10))?;
    let sent_before = sink.accepted();
    assert!(sent_before < RECIPIENTS, "it was done before it was killed");

    let app = App::start(&home, &env)?;
    let browser = app.browser()?;
    let ended = until_sent(&browser, &campaign)?;
    let counts = &ended["counts"];
    let held = held(&browser, &campaign)?;
    let received = sink.per_recipient();
    let doubled: Vec<_> = received.iter().filter(|(_, n)| **n > 1).collect();
    assert!(doubled.is_empty(), "doubled: {doubled:?}");
    let missing: Vec<String> = (0..RECIPIENTS)
        .map(address)
        .filter(|email| !received.contains_key(email) && !held.contains(email))
        .collect();
    assert!(missing.is_empty(), "missing and not held: {missing:?}");
    assert_eq!(counts["recipients"], RECIPIENTS);
    assert_eq!(counts["held"], held.len());
    assert_eq!(counts["sent"], RECIPIENTS - held.len() as u64);
    eprintln!(
        "killed at {sent_before}; {} held; {} received",
        held.len(),
        received.len()
    );
    Ok(())
}

fn address(n: u64) -> String {
    format!("reader{n}@mail.example")
}

fn fill(home: &Home) -> Result<()> {
    home.sql(&format!(
        "select set_config('app.workspace_id', (select id::text from workspaces where slug = 'acme'), false); \
         insert into contacts (id, first_name, last_name, email) \
         select gen_random_uuid(), 'Reader', n::text, 'reader' || n || '@mail.example' \
         from generate_series(0, {RECIPIENTS} - 1) n"
    ))
}

fn start_campaign(browser: &Browser) -> Result<String> {
    let made = |path: &str, body: Value| -> Result<String> {
        let answer = browser.api("POST", path, &body)?.success(path)?;
        Ok(answer.json()?["id"].as_str().ok_or("no id")?.to_owned())
    };
    let template = made(
        "/api/v1/w/acme/email-templates",
        json!({"name": "Spring", "subject": "Hello {{ contact.first_name | default(\"there\") }}",
            "body": "<p>Hello {{ contact.last_name }}, <a href=\"https://example.com/\">look</a></p>"}),
    )?;
    let segment = made(
        "/api/v1/w/acme/segments",
        json!({"name": "Readers", "filter": {"and": [
            {"field": "email", "op": "contains", "value": "@mail.example"}]}}),
    )?;
    let campaign = made(
        "/api/v1/w/acme/campaigns",
        json!({"name": "Spring", "template_id": template, "segment_id": segment}),
    )?;
    let url = format!("/api/v1/w/acme/campaigns/{campaign}");
    browser
        .api("POST", &format!("{url}/sending"), &json!({}))?
        .success("sending")?;
    Ok(url)
}

fn until_sent(browser: &Browser, campaign: &str) -> Result<Value> {
    let began = Instant::now();
    loop {
        let now = browser.get_json(campaign)?;
        if now["status"] == "sent" {
            return Ok(now);
        }
        if began.elapsed() > AT_MOST {
            return Err(format!("not sent in time: {now}").into());
        }
        sleep(Duration::from_millis(200));
    }
}

fn held(browser: &Browser, campaign: &str) -> Result<HashSet<String>> {
    let list = browser.get_json(&format!("{campaign}/recipients?status=held&limit=1000"))?;
    let items = list["items"].as_array().ok_or("no items")?;
    Ok(items
        .iter()
        .filter_map(|r| r["email"].as_str().map(str::to_owned))
        .collect())
}
