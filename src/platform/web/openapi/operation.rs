//! One address and method, as the document tells of it.

use serde_json::{Value, json};

use super::Schemas;
use super::route::{Body, Success};
use crate::records::list::MOST;
use crate::web::routes::RouteInfo;

pub struct Operation<'a> {
    route: &'a RouteInfo,
    /// Without the patterns that only the router needs.
    pub path: String,
    /// What it is about: the first part of its path.
    pub tag: String,
}

impl Operation<'_> {
    pub fn of(route: &RouteInfo) -> Operation<'_> {
        let segments = route
            .path
            .split('/')
            .map(|segment| match segment.split_once(':') {
                Some((name, _)) if segment.starts_with('{') => format!("{name}}}"),
                _ => segment.to_owned(),
            });
        let path = segments.collect::<Vec<_>>().join("/");
        let about = path
            .strip_prefix("/api/v1/w/{workspace}/")
            .or(path
                .strip_prefix("/api/v1/")
                .filter(|rest| !rest.starts_with("w/")))
            .and_then(|rest| rest.split('/').next());
        let tag = match about {
            Some(word) if !word.is_empty() && !word.starts_with('{') => words(word),
            _ if path.contains("{workspace}") => "Workspace".to_owned(),
            _ => "System".to_owned(),
        };
        Operation { route, path, tag }
    }

    pub fn describe(&self, schemas: &mut Schemas) -> Value {
        let mut operation = json!({
            "operationId": self.id(),
            "summary": self.summary(),
            "tags": [self.tag],
            "parameters": self.parameters(),
            "responses": self.responses(schemas),
            "security": if self.is_open() { json!([]) } else { json!([{ "bearer": [] }]) },
        });
        if !self.route.permission.is_empty() {
            operation["description"] =
                json!(format!("Needs the right `{}`.", self.route.permission));
        }
        if let Some(body) = &self.route.body {
            operation["requestBody"] = self.request(body, schemas);
        }
        operation
    }

    fn request(&self, body: &Body, schemas: &mut Schemas) -> Value {
        let schema = schemas.taken(body.schema);
        let content = json!({
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": { "type": "object" } },
        });
        json!({ "required": true, "content": content })
    }

    fn id(&self) -> String {
        let method = self.route.method.to_lowercase();
        let parts = self.named();
        let parts = parts.map(|part| part.trim_matches(['{', '}']).replace(['-', '.'], "_"));
        std::iter::once(method)
            .chain(parts)
            .collect::<Vec<_>>()
            .join("_")
    }

    /// The segments that tell this path from others.
    fn named(&self) -> impl Iterator<Item = &str> {
        let rest = self.path.trim_start_matches("/api/v1");
        rest.split('/')
            .filter(|part| !matches!(*part, "" | "w" | "{workspace}"))
    }

    fn summary(&self) -> String {
        let named: Vec<&str> = self.named().collect();
        let about = named.iter().rev().find(|part| !part.starts_with('{'));
        let thing = words(about.unwrap_or(&"workspace"));
        let one = named.last().is_some_and(|part| part.starts_with('{'));
        match (self.route.method.as_str(), one) {
            ("GET", false) => thing,
            ("GET", true) => format!("{thing}: one"),
            ("POST", _) => format!("{thing}: add"),
            ("PATCH" | "PUT", _) => format!("{thing}: change"),
            ("DELETE", _) => format!("{thing}: archive or remove"),
            (method, _) => format!("{thing}: {method}"),
        }
    }

    fn is_open(&self) -> bool {
        self.route.audience == "public"
    }

    fn of_workspace(&self) -> bool {
        self.path.contains("{workspace}")
    }

    fn parameters(&self) -> Vec<Value> {
        let named = self.path.split('/').filter_map(|segment| {
            let start = segment.find('{')? + 1;
            Some(&segment[start..segment.find('}')?])
        });
        let mut all: Vec<Value> = named.map(in_path).collect();
        if let Success::Listed(_, sorts) = &self.route.success {
            all.extend(of_list(sorts));
        }
        let method = self.route.method.as_str();
        let is_record = matches!(self.route.success, Success::Versioned(_) | Success::Done);
        if is_record && matches!(method, "PATCH" | "DELETE") {
            all.push(json!({ "name": "If-Match", "in": "header", "schema": { "type": "string" },
                "description": "The ETag that came with the record. A record that has changed since is left alone, \
                    and the answer is 409; without the header (and without `version`) nothing is compared." }));
        }
        if method == "POST" && self.of_workspace() {
            all.push(json!({ "name": "Idempotency-Key", "in": "header",
                "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
                "description": "The same key with the same request is answered as the first time, and nothing is done \
                    twice. Kept for 24 hours." }));
        }
        all
    }

    fn responses(&self, schemas: &mut Schemas) -> Value {
        let mut all = json!({});
        let (status, success) = self.success(schemas);
        all[status] = success;
        for (status, description) in self.refusals() {
            all[status] = json!({ "description": description, "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
        }
        all
    }

    fn success(&self, schemas: &mut Schemas) -> (&'static str, Value) {
        let json_of = |schema: Value| json!({ "application/json": { "schema": schema } });
        let etag = || json!({ "schema": { "type": "string" }, "description": "The version, for If-Match." });
        match &self.route.success {
            Success::Unsaid => ("2XX", json!({ "description": "It is done." })),
            Success::Done => ("204", json!({ "description": "It is done." })),
            Success::Shown(schema) | Success::Listed(schema, _) => {
                let content = json_of(schemas.given(*schema));
                (
                    "200",
                    json!({ "description": "Here it is.", "content": content }),
                )
            }
            Success::Versioned(schema) => {
                let content = json_of(schemas.given(*schema));
                let headers = json!({ "ETag": etag() });
                (
                    "200",
                    json!({ "description": "The record.", "headers": headers, "content": content }),
                )
            }
            Success::Made(schema) => {
                let content = json_of(schemas.given(*schema));
                let headers = json!({ "ETag": etag(), "Location": { "schema": { "type": "string", "format": "uri-reference" } } });
                (
                    "201",
                    json!({ "description": "The new record.", "headers": headers, "content": content }),
                )
            }
        }
    }

    /// The ways in which it can be refused.
    fn refusals(&self) -> Vec<(&'static str, &'static str)> {
        let machine = self.route.audience == "machine";
        let program = self.path.starts_with("/api/v1/");
        let takes = self.route.body.is_some();
        let changes = self.route.method != "GET";
        [
            (program, "400", "The request can't be read."),
            (
                program || machine,
                "401",
                "Nobody is signed in, or the token is not good.",
            ),
            (
                program,
                "403",
                "The right is missing, or the request came from another site.",
            ),
            (program, "404", "It is not there, or not yours to see."),
            (
                program && changes,
                "409",
                "It was changed meanwhile, or something stands in the way.",
            ),
            (takes, "413", "The body is larger than 2 MB."),
            (
                program && changes,
                "415",
                "The body is of a type that is not taken.",
            ),
            (
                program,
                "422",
                "A value doesn't hold; `errors` names the fields.",
            ),
            (
                program,
                "429",
                "Too many requests; `Retry-After` says for how long.",
            ),
            (true, "503", "A part of Nexus is away."),
        ]
        .into_iter()
        .filter(|(applies, ..)| *applies)
        .map(|(_, status, description)| (status, description))
        .collect()
    }
}

fn in_path(name: &str) -> Value {
    let is_id = name == "id" || name.ends_with("_id");
    let schema = match is_id {
        true => json!({ "type": "string", "format": "uuid" }),
        false => json!({ "type": "string" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn of_list(sorts: &[&str]) -> [Value; 6] {
    let keys: Vec<String> = sorts
        .iter()
        .flat_map(|key| [(*key).to_owned(), format!("-{key}")])
        .collect();
    let parameter = |name: &str, schema: Value, description: &str| json!({ "name": name, "in": "query", "schema": schema, "description": description });
    let text = || json!({ "type": "string" });
    [
        parameter(
            "search",
            text(),
            "Words, or beginnings of words, that the record holds.",
        ),
        parameter(
            "filter",
            text(),
            "A filter as JSON, such as `{\"field\":\"city\",\"op\":\"is\",\"value\":\"Kiel\"}`. “and” and “or” hold lists of them.",
        ),
        parameter(
            "sort",
            json!({ "type": "string", "enum": keys }),
            "A key, with `-` before it from the largest down.",
        ),
        parameter(
            "limit",
            json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": 50 }),
            "Rows a page. What is out of bounds is brought within them.",
        ),
        parameter(
            "cursor",
            text(),
            "The `next_cursor` or `previous_cursor` of a page before, with the same search, filter and sort.",
        ),
        parameter(
            "archived",
            json!({ "type": "boolean" }),
            "The archived ones instead.",
        ),
    ]
}

/// The body of every refusal.
pub fn problem() -> Value {
    let text = || json!({ "type": "string" });
    let error = json!({ "type": "object", "required": ["field", "message"],
        "properties": { "field": text(), "message": text() } });
    json!({
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": text(),
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": text(),
            "request_id": text(),
            "errors": { "type": "array", "items": error, "description": "The fields that don't hold." },
            "current_version": { "type": "integer", "description": "The version there is now, where another was expected." },
            "changed": { "type": "array", "items": { "type": "object" }, "description": "What others changed since." },
        },
    })
}

/// `api-keys` → `Api keys`, `email-templates` → `E-mail templates`.
fn words(text: &str) -> String {
    let text = text.replace(['-', '_'], " ").replace("email", "e-mail");
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
