//! What programs and machines outside rely on (DESIGN §9), asked of the real binary over HTTP.

#[path = "support/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "support/nexus.rs"]
#[allow(dead_code)]
mod nexus;

use std::collections::HashSet;
use std::time::Duration;

use http::{Answer, Browser, PASSWORD, Result};
use nexus::{App, Home};
use serde_json::{Value, json};

const CONTACTS: &str = "/api/v1/w/acme/contacts";
const DEMO: [&str; 6] = [
    "owner@acme.test",
    "manager@acme.test",
    "advisor@acme.test",
    "agent@acme.test",
    "viewer@acme.test",
    "owner@globex.test",
];

/// A program with its token or key, or without.
struct Program<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Program<'a> {
    fn unknown(app: &'a App) -> Program<'a> {
        let token = String::new();
        Program { app, token }
    }

    fn of(app: &'a App, email: &str) -> Result<Program<'a>> {
        let tokens = Program::unknown(app).tokens(email)?;
        Ok(Program::with(app, text(&tokens, "access_token")))
    }

    fn with(app: &'a App, token: String) -> Program<'a> {
        Program { app, token }
    }

    fn tokens(&self, email: &str) -> Result<Value> {
        let credentials = json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/v1/auth/token", &credentials)?;
        answer.success("token")?.json()
    }

    fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, &[], None)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, &[], Some(body))
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let mut all = headers.to_vec();
        if !self.token.is_empty() {
            all.push(("Authorization", &bearer));
        }
        let body = body.map(Value::to_string);
        if body.is_some() {
            all.push(("Content-Type", "application/json"));
        }
        let stranger = Browser::stranger(self.app.address);
        stranger.send(method, path, &all, body.unwrap_or_default().as_bytes())
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The status, with what was said where that isn't what was expected.
fn expect(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
}

/// A problem document (RFC 9457) of this status; gives it.
fn problem(answer: &Answer, status: u16) -> Result<Value> {
    expect(answer, status);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json()?;
    assert_eq!(problem["status"], status);
    assert_eq!(
        problem["request_id"],
        answer.header("x-request-id").unwrap_or("none")
    );
    for key in ["type", "title", "detail"] {
        assert!(problem[key].is_string(), "{problem}");
    }
    Ok(problem)
}

#[test]
fn people_and_programs_sign_in() -> Result<()> {
    let home = Home::new()?;
    let app = App::start(&home, &[])?;
    for email in DEMO {
        let slug = if email.contains("acme") {
            "acme"
        } else {
            "globex"
        };
        let person = Browser::signed_in(app.address, email)?;
        person.get(&format!("/w/{slug}/contacts"))?;
        let program = Program::of(&app, email)?;
        expect(&program.get(&format!("/api/v1/w/{slug}/contacts"))?, 200);
    }
    let stranger = Program::unknown(&app);
    let refused = stranger.get(CONTACTS)?;
    problem(&refused, 401)?;
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    problem(
        &Program::with(&app, "nxk_nonsense".into()).get(CONTACTS)?,
        401,
    )?;
    let elsewhere = Program::of(&app, "owner@globex.test")?;
    problem(&elsewhere.get(CONTACTS)?, 404)?;
    let viewer = Program::of(&app, "viewer@acme.test")?;
    problem(&viewer.post(CONTACTS, &json!({ "first_name": "No" }))?, 403)?;
    a_stolen_refresh_token_ends_its_family(&app)?;
    api_keys_have_scopes(&app)?;
    guessing_is_stopped(&app)
}

fn a_stolen_refresh_token_ends_its_family(app: &App) -> Result<()> {
    let stranger = Program::unknown(app);
    let first = stranger.tokens("manager@acme.test")?;
    let trade = |tokens: &Value| {
        let body = json!({ "refresh_token": tokens["refresh_token"] });
        stranger.post("/api/v1/auth/refresh", &body)
    };
    let second = trade(&first)?.success("refresh")?.json()?;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let traded = Program::with(app, text(&second, "access_token"));
    expect(&traded.get(CONTACTS)?, 200);
    problem(&trade(&first)?, 401)?;
    problem(&trade(&second)?, 401)?;
    Ok(())
}

fn api_keys_have_scopes(app: &App) -> Result<()> {
    let owner = app.browser()?;
    let path = "/api/v1/w/acme/settings/api-keys";
    let wanted = json!({ "name": "Website", "scopes": ["contacts:view"], "days": 30 });
    let made = owner.api("POST", path, &wanted)?.json()?;
    let key = Program::with(app, text(&made, "key"));
    expect(&key.get(CONTACTS)?, 200);
    problem(&key.post(CONTACTS, &json!({ "first_name": "No" }))?, 403)?;
    problem(&key.get("/api/v1/w/globex/contacts")?, 404)?;
    assert!(text(&made, "expires_at").starts_with("20"));
    let this = format!("{path}/{}", text(&made, "id"));
    owner.api("DELETE", &this, &json!({}))?;
    problem(&key.get(CONTACTS)?, 401)?;
    Ok(())
}

/// The same answer whether there is such an account or not, and an end to it.
fn guessing_is_stopped(app: &App) -> Result<()> {
    let stranger = Program::unknown(app);
    let guess = |email: &str| {
        let body = json!({ "email": email, "password": "Wrong-Guess-2026!" });
        stranger.post("/api/v1/auth/token", &body)
    };
    for email in ["advisor@acme.test", "nobody@acme.test"] {
        for _ in 0..5 {
            let told = problem(&guess(email)?, 401)?;
            assert!(
                text(&told, "detail").contains("don't belong together"),
                "{told}"
            );
        }
        let stopped = guess(email)?;
        problem(&stopped, 429)?;
        let wait: u64 = stopped.header("retry-after").unwrap_or_default().parse()?;
        assert!((1..=900).contains(&wait));
    }
    Ok(())
}

#[test]
fn a_record_is_made_changed_and_archived() -> Result<()> {
    let home = Home::new()?;
    let app = App::start(&home, &[])?;
    let program = Program::of(&app, "owner@acme.test")?;
    let ann = json!({ "first_name": "Ann", "last_name": "Lee", "email": "ann@lee.example" });
    let made = program.post(CONTACTS, &ann)?;
    expect(&made, 201);
    let location = made.header("location").ok_or("no location")?.to_owned();
    assert_eq!(
        location,
        format!("{CONTACTS}/{}", text(&made.json()?, "id"))
    );
    assert_eq!(made.header("etag"), Some("\"1\""));
    assert_eq!(made.json()?["email"], "ann@lee.example");
    let change = |method: &str, headers: &[(&str, &str)], body: Value| {
        program.send(method, &location, headers, Some(&body))
    };
    let changed = change(
        "PATCH",
        &[("If-Match", "\"1\"")],
        json!({ "first_name": "Anna" }),
    )?;
    expect(&changed, 200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(
        changed.json()?["last_name"],
        "Lee",
        "what was not sent stays"
    );
    for (tag, body) in [
        (Some("\"1\""), json!({ "first_name": "Late" })),
        (Some("\"no tag of ours\""), json!({ "first_name": "Late" })),
        (None, json!({ "first_name": "Late", "version": 1 })),
    ] {
        let headers: Vec<_> = tag.map(|tag| ("If-Match", tag)).into_iter().collect();
        let stale = problem(&change("PATCH", &headers, body)?, 409)?;
        assert_eq!(stale["current_version"], 2);
    }
    let unread = change("PATCH", &[], json!({ "first_name": "X", "version": "two" }))?;
    assert_eq!(problem(&unread, 422)?["errors"][0]["field"], "version");
    let by_version = change("PATCH", &[], json!({ "first_name": "Anja", "version": 2 }))?;
    expect(&by_version, 200);
    expect(
        &change("PATCH", &[("If-Match", "*")], json!({ "city": "Kiel" }))?,
        200,
    );
    problem(&change("DELETE", &[("If-Match", "\"1\"")], json!({}))?, 409)?;
    expect(&change("DELETE", &[], json!({}))?, 204);
    let archived = program.get(&location)?.json()?;
    assert!(archived["archived_at"].is_string());
    let found = program.get(&format!("{CONTACTS}?search=anja"))?.json()?;
    assert_eq!(found["total"], json!({ "count": 0, "exact": true }));
    wrong_fields_are_named(&program)?;
    a_repeated_post_is_done_once(&program)
}

fn wrong_fields_are_named(program: &Program) -> Result<()> {
    let wrong = json!({ "first_name": "A", "email": "nope", "birthday": "soon" });
    let told = problem(&program.post(CONTACTS, &wrong)?, 422)?;
    let errors = told["errors"].as_array().ok_or("no errors")?;
    let fields: HashSet<_> = errors.iter().map(|e| text(e, "field")).collect();
    assert_eq!(fields, HashSet::from(["email".into(), "birthday".into()]));
    assert!(errors.iter().all(|e| !text(e, "message").is_empty()));
    problem(&program.post(CONTACTS, &json!([1]))?, 400)?;
    let headers = [("Content-Type", "text/csv")];
    problem(&program.send("POST", CONTACTS, &headers, None)?, 415)?;
    problem(&program.get(&format!("{CONTACTS}/no-id"))?, 404)?;
    problem(&program.send("PUT", CONTACTS, &[], None)?, 405)?;
    Ok(())
}

fn a_repeated_post_is_done_once(program: &Program) -> Result<()> {
    let key = [("Idempotency-Key", "order-77")];
    let post = |name: &str| {
        let body = json!({ "first_name": name, "last_name": "Once" });
        program.send("POST", CONTACTS, &key, Some(&body))
    };
    let (first, again) = (post("Bo")?, post("Bo")?);
    expect(&first, 201);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    for header in ["location", "etag", "content-type"] {
        assert_eq!(first.header(header), again.header(header));
    }
    problem(&post("Other")?, 422)?;
    let there = program.get(&format!("{CONTACTS}?search=once"))?.json()?;
    assert_eq!(there["total"]["count"], 1);
    Ok(())
}

#[test]
fn lists_are_searched_filtered_sorted_and_paged() -> Result<()> {
    let home = Home::new()?;
    let app = App::start(&home, &[])?;
    let person = app.browser()?;
    let add = |n: usize| {
        let city = if n.is_multiple_of(2) {
            "Kiel"
        } else {
            "Bergen"
        };
        let body = json!({ "first_name": "Row", "last_name": format!("N{n:03}"), "city": city });
        person.api("POST", CONTACTS, &body)
    };
    for n in 0..12 {
        add(n)?;
    }
    let list = |query: &str| person.get_json(&format!("{CONTACTS}?{query}"));
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        items.iter().map(|item| text(item, "last_name")).collect()
    };
    let expected: Vec<_> = (0..12).rev().map(|n| format!("N{n:03}")).collect();
    let mut seen = Vec::new();
    let mut page = list("sort=-created_at&limit=5")?;
    assert_eq!(page["total"], json!({ "count": 12, "exact": true }));
    loop {
        seen.extend(names(&page));
        // What comes in while somebody pages neither shifts rows nor repeats them.
        add(100 + seen.len())?;
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        page = list(&format!("sort=-created_at&limit=5&cursor={cursor}"))?;
    }
    assert_eq!(seen, expected);
    assert_eq!(names(&list("sort=name&limit=1")?), ["N000"]);
    let filter = r#"{"field":"city","op":"is","value":"Kiel"}"#.replace('"', "%22");
    let kiel = list(&format!("filter={filter}&search=row"))?;
    assert!(names(&kiel).len() >= 6);
    let items = kiel["items"].as_array().ok_or("no items")?;
    assert!(items.iter().all(|item| item["city"] == "Kiel"));
    assert_eq!(names(&list("limit=0")?).len(), 1, "a limit has bounds");
    assert_eq!(names(&list("limit=100000")?).len(), 15);
    let program = Program::of(&app, "owner@acme.test")?;
    for (query, status) in [
        ("limit=many", 422),
        ("sort=shoe_size", 422),
        ("filter=%7B%22field%22%3A%22shoe%22%7D", 422),
        ("cursor=nonsense", 400),
    ] {
        problem(&program.get(&format!("{CONTACTS}?{query}"))?, status)?;
    }
    Ok(())
}

#[test]
fn machines_find_their_addresses() -> Result<()> {
    let home = Home::new()?;
    let open = [
        ("METRICS_TOKEN", "metrics-of-the-test"),
        ("API_ORIGINS", "https://app.example"),
        ("PUBLIC_URL", "https://nexus.example"),
    ];
    let app = App::start(&home, &open)?;
    let stranger = Program::unknown(&app);
    assert_eq!(stranger.get("/healthz")?.text(), "ok");
    for path in ["/readyz", "/api/health"] {
        let health = stranger.get(path)?.success(path)?.json()?;
        assert_eq!(health["status"], "degraded", "there is no Redis");
        assert!(health["timestamp"].is_string());
        for service in health["services"].as_array().ok_or("no services")? {
            for key in ["name", "status", "detail"] {
                assert!(service[key].is_string(), "{service}");
            }
            assert!(service["latency_ms"].is_number());
        }
    }
    expect(&stranger.send("HEAD", "/healthz", &[], None)?, 200);
    for token in ["", "wrong"] {
        let scraper = Program::with(&app, token.into());
        problem(&scraper.get("/metrics")?, 401)?;
    }
    let scraper = Program::with(&app, "metrics-of-the-test".into());
    assert!(
        scraper
            .get("/metrics")?
            .text()
            .contains("# TYPE nexus_uptime_seconds")
    );
    headers_protect_every_answer(&stranger)?;
    forged_requests_are_refused(&app)?;
    other_sites_call_the_api_where_they_may(&stranger)?;
    programs_learn_where_they_stand(&app)
}

fn headers_protect_every_answer(stranger: &Program) -> Result<()> {
    for path in [
        "/login",
        "/healthz",
        "/api/v1/nothing",
        "/static/nothing.css",
    ] {
        let answer = stranger.get(path)?;
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
        assert!(header("strict-transport-security").contains("max-age=31536000"));
        assert!(!header("x-request-id").is_empty());
    }
    Ok(())
}

fn forged_requests_are_refused(app: &App) -> Result<()> {
    let form = format!(
        "email=owner%40acme.test&password={}",
        PASSWORD.replace('!', "%21")
    );
    let sign_in = |headers: &[(&str, &str)]| {
        let mut all = headers.to_vec();
        all.push(("Content-Type", "application/x-www-form-urlencoded"));
        Browser::stranger(app.address).send("POST", "/login", &all, form.as_bytes())
    };
    for header in [
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        expect(&sign_in(&[header])?, 403);
    }
    let welcome = sign_in(&[("Sec-Fetch-Site", "same-origin")])?;
    expect(&welcome, 303);
    let cookie = welcome.header("set-cookie").unwrap_or_default();
    for part in [
        "__Host-nexus=",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Ok(())
}

fn other_sites_call_the_api_where_they_may(stranger: &Program) -> Result<()> {
    let ask = |origin: &str, path: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization"),
        ];
        stranger.send("OPTIONS", path, &headers, None)
    };
    let may = ask("https://app.example", CONTACTS)?;
    expect(&may, 204);
    assert_eq!(
        may.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    assert!(may.header("access-control-allow-credentials").is_none());
    for (origin, path) in [
        ("https://evil.example", CONTACTS),
        ("https://app.example", "/w/acme/contacts"),
    ] {
        let answer = ask(origin, path)?;
        assert!(answer.status >= 400);
        assert!(answer.header("access-control-allow-origin").is_none());
    }
    let headers = [
        ("Origin", "https://app.example"),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    let credentials = json!({ "email": "agent@acme.test", "password": PASSWORD });
    let tokens = stranger.send("POST", "/api/v1/auth/token", &headers, Some(&credentials))?;
    expect(&tokens, 200);
    assert_eq!(
        tokens.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    Ok(())
}

fn programs_learn_where_they_stand(app: &App) -> Result<()> {
    let program = Program::of(app, "viewer@acme.test")?;
    let mut last = program.get(CONTACTS)?;
    assert_eq!(last.header("x-ratelimit-limit"), Some("120"));
    assert_eq!(last.header("x-ratelimit-remaining"), Some("119"));
    for _ in 0..120 {
        last = program.get(CONTACTS)?;
    }
    problem(&last, 429)?;
    assert_eq!(last.header("x-ratelimit-remaining"), Some("0"));
    let wait: u64 = last.header("retry-after").unwrap_or_default().parse()?;
    assert!((1..=60).contains(&wait));
    Ok(())
}

#[test]
fn metrics_that_nobody_configured_are_away() -> Result<()> {
    let home = Home::new()?;
    let mut app = App::start(&home, &[])?;
    let scraper = Program::with(&app, "anything".into());
    problem(&scraper.get("/metrics")?, 503)?;
    // A second process has what the first one has.
    let routes = home.command().arg("routes").output()?;
    let routes = String::from_utf8(routes.stdout)?;
    for line in routes.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        assert!((3..=4).contains(&words.len()), "{line}");
        assert!(words[1].starts_with('/'), "{line}");
    }
    for address in [
        "GET     /w/{workspace}/contacts/{id} ",
        "GET     /api/v1/w/{workspace}/contacts/{id} ",
        "POST    /login ",
    ] {
        assert!(routes.contains(address), "{address}");
    }
    app.signal(nix::sys::signal::Signal::SIGTERM);
    assert!(app.wait(Duration::from_secs(10))?.success());
    Ok(())
}
