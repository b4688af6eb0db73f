//! A campaign into a mail server that does nothing but count.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Ground;
use crate::http::Browser;
use crate::nexus::App;
use crate::report::{Better, Figure};
use crate::smtp_sink::{Keep, SmtpSink};
use crate::{Result, mailers};

/// As many as the app opens by itself.
const CONNECTIONS: usize = 8;
const AT_MOST: Duration = Duration::from_secs(300);

/// Merge fields, eight tracked links, the footer and the headers of a real campaign, to 2 % of the contacts.
pub fn campaign(ground: &mut Ground) -> Result<Figure> {
    ground.full()?;
    ground.stop();
    let sink = SmtpSink::start(Keep::Envelopes)?;
    let app = App::start(&ground.home, &[("SMTP_URL", &sink.url())])?;
    let browser = app.browser()?;
    let campaign = draft(&browser)?;
    let idle = app.memory()?;
    browser.api("POST", &format!("{campaign}/sending"), &json!({}))?;
    let mut peak = idle;
    let begun = begun(&sink)?;
    let already = sink.accepted();
    let mut last = (begun, already);
    let sent = loop {
        sleep(Duration::from_millis(50));
        peak = peak.max(app.memory()?);
        let accepted = sink.accepted();
        if accepted > last.1 {
            last = (Instant::now(), accepted);
        } else if last.0.elapsed() > Duration::from_secs(1) {
            let state = browser.get_json(&campaign)?;
            if state["status"] == "sent" {
                break state["counts"]["sent"].as_u64().unwrap_or_default();
            }
        }
        if begun.elapsed() > AT_MOST {
            return Err(format!("the campaign is not sent, only {accepted} mails came").into());
        }
    };
    let doubled = sink
        .per_recipient()
        .values()
        .filter(|count| **count != 1)
        .count();
    if sent != last.1 || doubled > 0 {
        return Err(format!("{sent} recorded, {} came, {doubled} not once", last.1).into());
    }
    let took = last.0.duration_since(begun).as_secs_f64();
    let bytes = (sink.bytes() / last.1.max(1)) as usize;
    drop(app);
    let limit = mailers::limit(
        &sink,
        CONNECTIONS,
        bytes,
        Duration::from_secs(ground.options.seconds),
    )?;
    Ok(Figure {
        value: (last.1 - already) as f64 / took,
        unit: "mails/s",
        limit: Some(limit),
        of: "the sink",
        better: Better::Higher,
        aim: 0.1,
        note: format!("{sent} mails of {bytes} bytes; memory {idle:.0} MB, at most {peak:.0} MB"),
    })
}

fn begun(sink: &SmtpSink) -> Result<Instant> {
    if sink.wait_for(1, Duration::from_secs(60)) {
        Ok(Instant::now())
    } else {
        Err("no mail came within a minute".into())
    }
}

fn draft(browser: &Browser) -> Result<String> {
    let made = |path: &str, body: Value| -> Result<String> {
        let answer = browser.api("POST", path, &body)?.json()?;
        Ok(answer["id"].as_str().ok_or("no id")?.to_owned())
    };
    let paragraph = "<p>We have gathered what is new this month, and what we think you will like best of it. \
        <a href=\"https://www.acme.example/news/NUMBER\">Read more about it</a>, or write to us.</p>\n";
    let links: String = (1..=8)
        .map(|number| paragraph.replace("NUMBER", &number.to_string()))
        .collect();
    let template = made(
        "/w/acme/email-templates",
        json!({
            "name": "Bench", "subject": "News for {{ contact.first_name | default(\"you\") }}",
            "body": format!("<h1>Hello {{{{ contact.first_name | default(\"you\") }}}} {{{{ contact.last_name }}}}</h1>\n{links}"),
        }),
    )?;
    let filter = json!({ "and": [{ "field": "score", "op": "lt", "value": 2 }] });
    let segment = made(
        "/w/acme/segments",
        json!({ "name": "Bench", "filter": filter }),
    )?;
    let id = made(
        "/w/acme/campaigns",
        json!({ "name": "Bench", "template_id": template, "segment_id": segment }),
    )?;
    Ok(format!("/w/acme/campaigns/{id}"))
}
