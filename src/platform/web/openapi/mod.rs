//! The API's description (OpenAPI 3.1), made from the route table and from the types that read and write.

mod operation;
pub mod route;

use std::collections::{BTreeSet, HashMap};

use schemars::SchemaGenerator;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};

use super::routes::RouteInfo;
use operation::Operation;

const ABOUT: &str = "One API for everything that people see: each address below `/api/v1/w/{workspace}` is the page of \
the same name, as JSON. Sign in with `POST /api/v1/auth/token`, or make an API key in the settings; either goes into \
`Authorization: Bearer …`. What goes wrong is answered as a problem document (RFC 9457).";

/// The whole document. `public_url` is where people reach this installation.
pub fn document(routes: &[RouteInfo], version: &str, public_url: &str) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut tags = BTreeSet::new();
    for route in routes.iter().filter(|route| is_described(route)) {
        let operation = Operation::of(route);
        tags.insert(operation.tag.clone());
        let path = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        path[route.method.to_lowercase()] = operation.describe(&mut schemas);
    }
    let (schemas, names) = schemas.finish();
    let tags: Vec<_> = tags.iter().map(|tag| json!({ "name": tag })).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Nexus",
            "version": version,
            "description": ABOUT,
            "license": { "name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only" },
        },
        "servers": [{ "url": public_url }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token, or an API key.",
                },
            },
        },
    });
    tidy(&mut document, &names);
    document
}

/// The JSON side of the product: not the pages, nor the forms that only people fill in.
fn is_described(route: &RouteInfo) -> bool {
    let last = route.path.rsplit('/').next().unwrap_or_default();
    let machine = matches!(route.path.as_str(), "/healthz" | "/readyz" | "/metrics");
    let program =
        route.path.starts_with("/api/") && !matches!(last, "new" | "edit" | "live" | "docs");
    machine || program
}

/// The schemas met so far, those of what is sent and those of what is answered.
struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    fn new() -> Schemas {
        let settings = |path: &'static str, contract| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.into();
            settings.meta_schema = None;
            settings.contract = contract;
            settings.into_generator()
        };
        Schemas {
            taken: settings("/components/taken", Contract::Deserialize),
            given: settings("/components/schemas", Contract::Serialize),
        }
    }

    fn taken(&mut self, schema: route::SchemaOf) -> Value {
        schema(&mut self.taken).to_value()
    }

    fn given(&mut self, schema: route::SchemaOf) -> Value {
        schema(&mut self.given).to_value()
    }

    /// All of them by their names, and under which name each that is sent stands there: what is sent may leave out
    /// what an answer always has.
    fn finish(mut self) -> (Map<String, Value>, HashMap<String, String>) {
        let mut all = self.given.take_definitions(true);
        all.insert("Problem".into(), operation::problem());
        let mut names = HashMap::new();
        for (name, schema) in self.taken.take_definitions(true) {
            let alike = all.get(&name).is_none_or(|given| *given == schema);
            let kept = match alike {
                true => name.clone(),
                false => format!("{name}Input"),
            };
            names.insert(
                format!("#/components/taken/{name}"),
                format!("#/components/schemas/{kept}"),
            );
            all.insert(kept, schema);
        }
        (all, names)
    }
}

/// Leads every reference by its old name to the new one, and leaves out defaults that are empty: they say nothing,
/// and where something has to be filled in they don't hold.
fn tidy(value: &mut Value, names: &HashMap<String, String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get_mut("$ref")
                && let Some(name) = names.get(target)
            {
                target.clone_from(name);
            }
            if matches!(map.get("default"), Some(Value::Null))
                || map.get("default") == Some(&json!(""))
            {
                map.remove("default");
            }
            map.values_mut().for_each(|v| tidy(v, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| tidy(v, names)),
        _ => {}
    }
}
