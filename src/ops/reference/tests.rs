//! The document is whole, and what is answered is what it says.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::routes;
use crate::testing::world;

async fn document() -> Value {
    let world = world();
    let answer = world.stranger().get_json("/api/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    serde_json::from_str(&answer.text).unwrap()
}

/// Every `$ref` below `value`.
fn references<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|v| references(v, into));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, into)),
        _ => {}
    }
}

#[actix_web::test]
async fn every_route_of_programs_is_in_it_once() {
    let document = document().await;
    let mut ids = std::collections::HashSet::new();
    let tables = routes::tables();
    let routes = tables.iter().flat_map(|t| &t.table);
    let shown = |path: &str| {
        let last = path.rsplit('/').next().unwrap_or_default();
        path.starts_with("/api/v1/") && !["new", "edit", "live"].contains(&last)
    };
    for route in routes.filter(|r| shown(&r.path)) {
        let operation = &document["paths"][&route.path][route.method.to_lowercase()];
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty(), "{} {} is missing", route.method, route.path);
        assert!(ids.insert(id.to_owned()), "{id} stands for two");
    }
    let mut all = Vec::new();
    references(&document, &mut all);
    assert!(!all.is_empty());
    for one in all {
        let target = document.pointer(one.trim_start_matches('#'));
        assert!(target.is_some(), "{one} leads nowhere");
    }
}

/// Whether `value` has the fields that a schema requires, and no others.
fn fits(document: &Value, schema: &Value, value: &Value) {
    let schema = match schema["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let properties = schema["properties"].as_object().unwrap();
    for field in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(field.as_str().unwrap()).is_some(),
            "{field} is missing in {value}"
        );
    }
    for field in value.as_object().unwrap().keys() {
        assert!(properties.contains_key(field), "{field} is not described");
    }
}

#[actix_web::test]
async fn records_and_lists_are_as_described() {
    let document = document().await;
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    for (collection, body) in [
        (
            "contacts",
            json!({"first_name": "Ann", "addresses": [{"city": "Kiel"}]}),
        ),
        ("companies", json!({"name": "Lee & Daughters"})),
    ] {
        let path = format!("/api/v1/w/{{workspace}}/{collection}");
        let answers = |method: &str, path: &str, status: &str| {
            let responses = &document["paths"][path][method]["responses"];
            responses[status]["content"]["application/json"]["schema"].clone()
        };
        let list = path.replace("{workspace}", "acme");
        let made = alice.api(Method::POST, &list, body).await;
        let made: Value = serde_json::from_str(&made.text).unwrap();
        fits(&document, &answers("post", &path, "201"), &made);
        let one = format!("{path}/{{id}}");
        let shown = alice
            .get_json(&format!("{list}/{}", made["id"].as_str().unwrap()))
            .await;
        let shown: Value = serde_json::from_str(&shown.text).unwrap();
        fits(&document, &answers("get", &one, "200"), &shown);
        let page: Value = serde_json::from_str(&alice.get_json(&list).await.text).unwrap();
        fits(&document, &answers("get", &path, "200"), &page);
        let sort = &document["paths"][&path]["get"]["parameters"];
        assert!(sort.to_string().contains("-created_at"));
    }
}

#[actix_web::test]
async fn people_read_it_as_a_page() {
    let world = world();
    let page = world.stranger().get("/api/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "<h1>",
        "/api/v1/w/{workspace}/contacts/{id}",
        "first_name",
        "If-Match",
    ] {
        assert!(page.text.contains(part), "{part}");
    }
}
