//! Every route, swept: nobody meets what is not theirs, and nothing that is sent makes us stumble.
//!
//! The routes come from the table, so a new one is swept from its first day.

mod scripts;

use std::collections::{HashMap, HashSet};

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;
use platform::testing::{Answer, Browser, World};
use platform::web::access::Permissions;
use platform::web::routes::RouteInfo;
use platform::world;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::routes;
use crate::testing::world;

/// Stands in the name of everything that Acme has.
const SECRET: &str = "Zanzibar";

const FIELDS: [&str; 109] = [
    "accent",
    "active",
    "actor",
    "after",
    "again",
    "amount",
    "answers",
    "archived",
    "at",
    "back",
    "birthday",
    "body",
    "by",
    "card",
    "checklist",
    "choices",
    "closes_on",
    "colour",
    "columns",
    "company_id",
    "contact_id",
    "currency",
    "current",
    "custom",
    "day",
    "days",
    "description",
    "direction",
    "domain",
    "done",
    "due",
    "due_on",
    "due_time",
    "email",
    "ends_at",
    "everything",
    "field",
    "file",
    "filter",
    "finish",
    "first_name",
    "from",
    "gate",
    "html",
    "id",
    "ids",
    "key",
    "kind",
    "label",
    "last_name",
    "layout",
    "lifecycle_stage",
    "line",
    "minutes",
    "name",
    "next",
    "note",
    "other_id",
    "outcome",
    "owner_id",
    "people",
    "phone",
    "pipeline_id",
    "position",
    "priority",
    "private",
    "probability",
    "purpose",
    "query",
    "question",
    "rank",
    "reason_id",
    "record_id",
    "record_kind",
    "refresh_token",
    "remind_at",
    "repeat",
    "repeat_every",
    "reply_to",
    "required",
    "reverse",
    "rights",
    "role",
    "role_id",
    "rots_after",
    "scopes",
    "score",
    "shared",
    "since",
    "slug",
    "sort",
    "stage_id",
    "starts_at",
    "steps",
    "subject",
    "tags",
    "task_name",
    "team",
    "theme",
    "title",
    "to",
    "tone",
    "type",
    "until",
    "version",
    "whole",
    "wip_limit",
    "with",
    "zone",
];

fn table() -> Vec<RouteInfo> {
    let tables = routes::tables();
    tables.into_iter().flat_map(|t| t.table).collect()
}

fn method(route: &RouteInfo) -> Method {
    route.method.parse().unwrap()
}

fn of_workspace(route: &RouteInfo) -> bool {
    route.path.contains("/w/{workspace}")
}

/// Where a route changes nothing.
fn is_safe(route: &RouteInfo) -> bool {
    route.method == "GET"
}

/// The route's address: each `{…}` is what `value` gives for it and the segment before it.
fn url(route: &RouteInfo, slug: &str, value: impl Fn(&str, &str) -> String) -> String {
    let mut before = "";
    let mut url = String::new();
    for segment in route.path.split('/').skip(1) {
        url.push('/');
        match (segment.find('{'), segment.rfind('}')) {
            (Some(start), Some(end)) => {
                let name = segment[start + 1..end]
                    .split(':')
                    .next()
                    .unwrap_or_default();
                url.push_str(&segment[..start]);
                match name {
                    "workspace" => url.push_str(slug),
                    name => url.push_str(&value(before, name)),
                }
                url.push_str(&segment[end + 1..]);
            }
            _ => {
                url.push_str(segment);
                before = segment;
            }
        }
    }
    url
}

fn takes_ids(route: &RouteInfo) -> bool {
    let path = route.path.replace("{workspace}", "");
    path.replace("{kind}", "").contains('{')
}

/// One record of Acme's for each collection that has any, by the collection's name.
struct Ids(HashMap<String, String>);

impl Ids {
    /// Makes what can be made of a bag of fields, and then takes the first of every list.
    async fn seeded(alice: &Browser) -> Ids {
        let bag = json!({"name": SECRET, "title": SECRET, "first_name": SECRET, "last_name": SECRET, "label": SECRET,
            "subject": SECRET, "body": SECRET, "key": "zanzibar", "record_kind": "contact", "type": "text",
            "scopes": ["contacts:view"], "rank": 1, "domain": "zanzibar.example", "email": "zanzibar@example.com"});
        let collections: Vec<String> = table()
            .iter()
            .filter(|r| r.path.starts_with("/api/v1/w/{workspace}/") && !takes_ids(r))
            .map(|r| url(r, "acme", |_, _| String::new()))
            .collect();
        let posts: HashSet<String> = table()
            .iter()
            .filter(|r| r.method == "POST")
            .map(|r| url(r, "acme", |_, _| String::new()))
            .collect();
        let mut ids = HashMap::new();
        for collection in collections {
            if posts.contains(&collection) {
                alice.api(Method::POST, &collection, bag.clone()).await;
            }
            let answer = alice.get_json(&collection).await;
            let list: Value = serde_json::from_str(&answer.text).unwrap_or_default();
            if let Some(id) = list["items"][0]["id"].as_str() {
                let name = collection.rsplit('/').next().unwrap_or_default();
                ids.insert(name.to_owned(), id.to_owned());
            }
        }
        assert!(ids.contains_key("contacts"), "there is something to steal");
        Ids(ids)
    }

    fn of(&self, collection: &str) -> String {
        let id = self.0.get(collection).or(self.0.get("contacts"));
        id.cloned().unwrap_or_default()
    }

    /// What stands in a route's address for `{name}` behind the segment `before`.
    fn at(&self, before: &str, name: &str) -> String {
        match name {
            "at" => "1".to_owned(),
            "kind" => "contact".to_owned(),
            _ => self.of(before),
        }
    }
}

fn asking(route: &RouteInfo, url: &str) -> TestRequest {
    TestRequest::default().method(method(route)).uri(url)
}

/// All that Acme's people see of their contacts, to tell whether anything was changed.
async fn contacts(alice: &Browser) -> String {
    alice.get_json("/api/v1/w/acme/contacts").await.text
}

async fn scene() -> (World, Browser, Ids) {
    let world = world();
    world.leave_jobs();
    let alice = world.browser("owner@acme.test").await;
    let ids = Ids::seeded(&alice).await;
    (world, alice, ids)
}

/// What is wrong, all of it at once.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn unless(&mut self, holds: bool, route: &RouteInfo, what: impl FnOnce() -> String) {
        if !holds {
            let Self(all) = self;
            all.push(format!("{} {} {}", route.method, route.path, what()));
        }
    }

    fn keeps_secrets(&mut self, route: &RouteInfo, answer: &Answer) {
        for leak in ["Acme Marine", "Alice Archer", SECRET] {
            let kept = !answer.text.contains(leak);
            self.unless(kept, route, || format!("tells of {leak}"));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0.join("\n"));
    }
}

#[actix_web::test]
async fn nobody_gets_in_without_signing_in() {
    let (world, _, ids) = scene().await;
    let stranger = world.stranger();
    let mut problems = Problems::default();
    let guarded = table()
        .into_iter()
        .filter(|r| matches!(r.audience, "member" | "signed-in"));
    for route in guarded {
        let url = url(&route, "acme", |before, name| ids.at(before, name));
        let answer = stranger.send(asking(&route, &url)).await;
        let sent_away = if url.starts_with("/api/") {
            answer.status == StatusCode::UNAUTHORIZED
        } else {
            answer.status == StatusCode::SEE_OTHER
                && answer.header("location").starts_with("/login")
        };
        problems.unless(sent_away, &route, || format!("answered {}", answer.status));
        problems.keeps_secrets(&route, &answer);
    }
    problems.none();
}

#[actix_web::test]
async fn another_workspace_meets_nothing_of_acme_by_any_route() {
    let (world, alice, ids) = scene().await;
    let mallory = world.browser("owner@globex.test").await;
    let before = contacts(&alice).await;
    let mut problems = Problems::default();
    for route in table().into_iter().filter(of_workspace) {
        let theirs = url(&route, "acme", |before, name| ids.at(before, name));
        let answer = mallory.send(asking(&route, &theirs)).await;
        let status = answer.status;
        problems.unless(status == StatusCode::NOT_FOUND, &route, || {
            format!("answered {status}")
        });
        problems.keeps_secrets(&route, &answer);
        // The same with her own workspace around Acme's ids, and with a body that names them.
        let own = url(&route, "globex", |before, name| ids.at(before, name));
        let mut answers = vec![mallory.send(asking(&route, &own)).await];
        if !is_safe(&route) {
            let stolen = every_field(&json!(ids.of("contacts")));
            answers.push(mallory.api(method(&route), &own, stolen).await);
        }
        for answer in answers {
            let refused = answer.status.is_client_error() || !takes_ids(&route);
            problems.unless(refused, &route, || {
                format!("answered {} to Acme's id", answer.status)
            });
            problems.keeps_secrets(&route, &answer);
        }
    }
    problems.none();
    assert_eq!(contacts(&alice).await, before);
}

#[actix_web::test]
async fn a_role_is_refused_whatever_it_does_not_grant() {
    let (world, alice, ids) = scene().await;
    let before = contacts(&alice).await;
    let mut problems = Problems::default();
    for (email, key) in [
        ("manager@acme.test", "manager"),
        ("advisor@acme.test", "advisor"),
        ("agent@acme.test", "agent"),
        ("viewer@acme.test", "viewer"),
    ] {
        let browser = world.browser(email).await;
        let roles = world::system_roles();
        let matrix = roles.into_iter().find(|(k, ..)| *k == key).unwrap().3;
        let matrix = Permissions::deserialize(matrix).unwrap();
        let mut refused = 0;
        for route in table().into_iter().filter(of_workspace) {
            let (resource, action) = route.permission.split_once('.').unwrap_or_default();
            // What hangs on any record is swept on a contact.
            let resource = match resource {
                "{kind}" => "contacts",
                named => named,
            };
            let granted = matrix.reach(resource, action).is_some();
            // Their own notifications they may mark as read, and whoever works here may talk.
            let looks = action == "view" || matches!(resource, "notifications" | "chat");
            problems.unless(key != "viewer" || looks || !granted, &route, || {
                "is granted to a viewer".into()
            });
            if resource.is_empty() || granted {
                continue;
            }
            let url = url(&route, "acme", |before, name| ids.at(before, name));
            let answer = browser.send(asking(&route, &url)).await;
            let status = answer.status;
            problems.unless(status == StatusCode::FORBIDDEN, &route, || {
                format!("answered {status} to a {key}")
            });
            let kept = !answer.text.contains(SECRET);
            problems.unless(kept, &route, || format!("tells a {key} of {SECRET}"));
            refused += 1;
        }
        assert!(refused > 10, "{key} was refused {refused} times");
    }
    problems.none();
    assert_eq!(contacts(&alice).await, before);
}

/// Routes that end the session they are asked in come last.
fn swept() -> Vec<RouteInfo> {
    let (last, mut routes): (Vec<_>, Vec<_>) = table()
        .into_iter()
        // Without a token configured they answer 503 by intent.
        .filter(|r| r.audience != "machine")
        .partition(|r| r.path == "/logout" || r.path.starts_with("/profile"));
    routes.extend(last);
    routes
}

/// Sends them all; an answer of 5xx is a problem.
async fn try_all(
    browser: &Browser,
    route: &RouteInfo,
    requests: Vec<(String, TestRequest)>,
    problems: &mut Problems,
) {
    let (tried, requests): (Vec<_>, Vec<_>) = requests.into_iter().unzip();
    let answers = browser.send_all(requests).await;
    for (what, answer) in tried.iter().zip(answers) {
        let stands = !answer.status.is_server_error();
        problems.unless(stands, route, || {
            let shown: String = what.chars().take(200).collect();
            format!("answered {} to {shown}", answer.status)
        });
    }
}

#[actix_web::test]
async fn no_route_stumbles_over_a_broken_address() {
    let (_world, alice, ids) = scene().await;
    let long = "9".repeat(3_000);
    let ids_of_nothing = [
        "not-an-id",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "..%2f..%2fetc%2fpasswd",
        "00000000-0000-0000-0000-000000000000",
        "-1",
        "%27%3B%20drop%20table%20contacts%3B%20--",
        long.as_str(),
    ];
    let queries = [
        "page=99999999999999999999&limit=99999999999999999999",
        "limit=-1&page=-1&cursor=%ff%fe",
        "limit=NaN&cursor=eyJ2Ijoi4oKsIiwiaSI6IngifQ",
        "cursor=eyJ2IjoieCIsImkiOiIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCJuIjpudWxsfQ&sort=score",
        "sort=%00&search=%00&filter=%00&q=%00&columns=%00&view=%00",
        "sort=;drop&search=%25%5C_%27%22&q=%28%26%7C%21%3A%2A",
        "filter={{{&q=[[[&view=x&archived=maybe",
        "filter=%7B%22and%22%3A%5B%7B%22field%22%3A%22nothing%22%2C%22op%22%3A%22is%22%2C%22value%22%3Anull%7D%5D%7D",
        "from=9999-99-99&to=0000-00-00&actor=%ff&kind=%00",
        "from=-262143-01-01&to=262142-12-31&cursor=-9223372036854775808",
        "cursor=9223372036854775807&_method=DELETE&&&==&%",
        "next=%00//evil&from=x",
    ];
    let mut problems = Problems::default();
    for route in swept() {
        let mut requests = Vec::new();
        if takes_ids(&route) {
            for id in ids_of_nothing {
                let url = url(&route, "acme", |_, _| id.to_owned());
                requests.push((url.clone(), asking(&route, &url)));
            }
        }
        let real = url(&route, "acme", |before, name| ids.at(before, name));
        if is_safe(&route) {
            for query in queries {
                let url = format!("{real}?{query}");
                requests.push((url.clone(), asking(&route, &url)));
            }
            for headers in [
                ("hx-target", "results"),
                ("hx-target", "no such block"),
                ("if-none-match", "\"\""),
                ("accept", "application/json"),
                ("accept", "image/png"),
                ("range", "bytes=9-1"),
                ("cookie", "nexus=%00; toast=x.y"),
            ] {
                let request = asking(&route, &real).insert_header(("hx-request", "true"));
                requests.push((format!("{headers:?}"), request.insert_header(headers)));
            }
        }
        try_all(&alice, &route, requests, &mut problems).await;
    }
    problems.none();
}

/// Each field with the same value, as JSON.
fn every_field(value: &Value) -> Value {
    let fields = FIELDS.iter().map(|f| ((*f).to_owned(), value.clone()));
    Value::Object(fields.collect())
}

fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let mut bodies: Vec<(&str, Vec<u8>)> = Vec::new();
    for value in [
        json!(null),
        json!(true),
        json!(-1),
        json!(i64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}🦀\u{fffd}"),
        json!("x".repeat(70_000)),
        json!("2026-02-30T25:61:00Z"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!([]),
        json!([null, 1, "a"]),
        json!({"a": {"b": [1, {"c": null}]}}),
        json!({"and": [{"field": "email", "op": "is", "value": "\u{0}"}]}),
    ] {
        let body = every_field(&value).to_string().into_bytes();
        bodies.push(("application/json", body));
    }
    for raw in ["[]", "7", "null", "{", "\"x\"", "{\"name\": 1e999}", ""] {
        bodies.push(("application/json", raw.into()));
    }
    bodies.push(("application/json", "[".repeat(50_000).into()));
    bodies.push(("application/json", b"{\"name\": \"\xff\xfe\"}".to_vec()));
    let form = "application/x-www-form-urlencoded";
    for value in ["", "%00", "%ff%fe", "a%00b", "-1", "1e999", "not+a+date"] {
        let pairs: Vec<_> = FIELDS.iter().map(|f| format!("{f}={value}")).collect();
        bodies.push((form, pairs.join("&").into()));
    }
    let deep = "name.0.1.2.3.4.5=x&rights.a.b.c=x&name[]=x&name.65536=x&=x&.=.&tags=a&tags.0=b";
    bodies.push((form, deep.into()));
    bodies.push((form, vec![0xff; 2_000]));
    let large = format!("name={}", "x".repeat(3 * 1024 * 1024));
    bodies.push((form, large.into()));
    bodies.push(("multipart/form-data", b"--x\r\n\r\n".to_vec()));
    let part = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\u{0}\r\n--x";
    bodies.push(("multipart/form-data; boundary=x", part.into()));
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\u{0}.csv\"\r\n\r\n\u{0}\r\n--x--\r\n";
    bodies.push(("multipart/form-data; boundary=x", file.into()));
    for kind in ["text/xml", "application/octet-stream", "no/type; x=\"", ""] {
        bodies.push((kind, b"<x>".to_vec()));
    }
    bodies
}

#[actix_web::test]
async fn no_route_stumbles_over_a_broken_body() {
    let (_world, alice, ids) = scene().await;
    let bodies = bodies();
    let mut problems = Problems::default();
    for route in swept().into_iter().filter(|r| !is_safe(r)) {
        let url = url(&route, "acme", |before, name| ids.at(before, name));
        let requests = bodies.iter().map(|(kind, body)| {
            let request = asking(&route, &url)
                .insert_header((header::CONTENT_TYPE, *kind))
                .set_payload(body.clone());
            let shown = String::from_utf8_lossy(&body[..body.len().min(200)]);
            (format!("{kind}: {shown}"), request)
        });
        try_all(&alice, &route, requests.collect(), &mut problems).await;
        if of_workspace(&route) {
            let still_in = alice.get("/w/acme/settings").await.status;
            assert_eq!(still_in, StatusCode::OK, "after {route:?}");
        }
    }
    problems.none();
}
