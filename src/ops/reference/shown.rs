//! The document as people read it.

use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub struct Group {
    pub name: String,
    pub id: String,
    pub operations: Vec<Operation>,
}

#[derive(Serialize)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub needs: String,
    pub parameters: Vec<Field>,
    pub body: Vec<Field>,
    pub answers: Vec<Answer>,
}

#[derive(Serialize)]
pub struct Answer {
    pub status: String,
    pub says: String,
    pub fields: Vec<Field>,
}

#[derive(Serialize)]
pub struct Field {
    pub name: String,
    pub kind: String,
    pub says: String,
}

impl Group {
    pub fn all(document: &Value) -> Vec<Group> {
        let tags = document["tags"].as_array().into_iter().flatten();
        tags.map(|tag| Group::of(document, &text(&tag["name"])))
            .collect()
    }

    fn of(document: &Value, name: &str) -> Group {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods
                .filter(|(_, operation)| operation["tags"][0] == name)
                .map(|(method, operation)| Operation::of(document, method, path, operation))
        });
        Group {
            name: name.to_owned(),
            id: name.to_lowercase().replace(' ', "-"),
            operations: operations.collect(),
        }
    }
}

impl Operation {
    /// What is sent: where it stands, and its fields.
    pub fn sent(&self) -> [(&'static str, &[Field]); 2] {
        [("Parameters", &self.parameters), ("Body", &self.body)]
    }

    fn of(document: &Value, method: &str, path: &str, operation: &Value) -> Operation {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let answers = operation["responses"].as_object().into_iter().flatten();
        Operation {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            needs: text(&operation["description"]),
            parameters: parameters.map(Field::of_parameter).collect(),
            body: fields(document, body),
            answers: answers.map(|(s, a)| Answer::of(document, s, a)).collect(),
        }
    }
}

impl Answer {
    fn of(document: &Value, status: &str, answer: &Value) -> Answer {
        let schema = &answer["content"]["application/json"]["schema"];
        Answer {
            status: status.to_owned(),
            says: text(&answer["description"]),
            fields: fields(document, schema),
        }
    }
}

impl Field {
    fn of_parameter(parameter: &Value) -> Field {
        Field {
            name: text(&parameter["name"]),
            kind: format!("{}, {}", text(&parameter["in"]), kind(&parameter["schema"])),
            says: text(&parameter["description"]),
        }
    }
}

/// The fields of an object, by name.
fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = followed(document, schema);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| Field {
            name: name.clone(),
            kind: kind(followed(document, schema)),
            says: text(&schema["description"]),
        })
        .collect()
}

fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
    target.and_then(|r| document.pointer(r)).unwrap_or(schema)
}

/// What a value is, in a few words: `string (uuid) or null`, `lead, customer or other`.
fn kind(schema: &Value) -> String {
    if let Some(choices) = schema["enum"].as_array() {
        let choices: Vec<_> = choices.iter().map(text).collect();
        return choices.join(" · ");
    }
    if let Some(parts) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let parts: Vec<_> = parts.iter().map(kind).collect();
        return parts.join(" or ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        Value::String(one) => one.clone(),
        _ => schema["$ref"]
            .as_str()
            .and_then(|r| r.rsplit('/').next())
            .unwrap_or("any")
            .to_owned(),
    };
    match schema["format"].as_str() {
        Some(format) => format!("{types} ({format})"),
        None => types,
    }
}

/// The document's words are Markdown; only its code stands out in them.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('`', "")
}
