//! What a route says of itself beyond its path: what it takes and what it answers, by the types that do it.

use actix_web::{HttpRequest, web};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use validator::Validate;

use crate::records::Listed;
use crate::records::list::List;
use crate::web::can::Guard;
use crate::web::form::Form;
use crate::web::id::Id;

pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// The type that reads it, by its path.
    pub reader: &'static str,
    pub schema: SchemaOf,
}

/// The answer of a request that went well.
#[derive(Clone, Debug, Default)]
pub enum Success {
    /// It depends: 200, 201 or 204.
    #[default]
    Unsaid,
    /// 200.
    Shown(SchemaOf),
    /// 200, and a version that a change can name.
    Versioned(SchemaOf),
    /// 201, with where it is.
    Made(SchemaOf),
    /// 200: a page of a list, which can be sorted by these keys.
    Listed(SchemaOf, Vec<&'static str>),
    /// 204.
    Done,
}

impl Success {
    pub fn list_of<T: Listed>() -> Success
    where
        T::Row: JsonSchema,
    {
        let keys = T::SORTS.iter().map(|sort| sort.key);
        Success::Listed(schema_of::<List<T::Row>>, keys.collect())
    }
}

pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// An argument of a handler, for what it takes from the body.
pub trait Argument {
    fn body() -> Option<Body> {
        None
    }
}

impl<G: Guard> Argument for G {}
impl Argument for HttpRequest {}
impl Argument for actix_session::Session {}
impl<T> Argument for web::Path<T> {}
impl Argument for Id {}
impl<T> Argument for web::Query<T> {}
impl Argument for web::Payload {}
impl Argument for web::Bytes {}
impl Argument for String {}
impl Argument for actix_multipart::Multipart {}

impl<T: Serialize + DeserializeOwned + Validate + Default + 'static> Argument for Form<T> {
    fn body() -> Option<Body> {
        Some(Body {
            reader: std::any::type_name::<T>(),
            schema: by_example::<T>,
        })
    }
}

/// A schema for a form that has none of its own: its fields, and the types that its defaults tell.
fn by_example<T: Serialize + Default>(_: &mut SchemaGenerator) -> Schema {
    let empty = serde_json::to_value(T::default()).unwrap_or_default();
    let fields = empty.as_object().into_iter().flatten();
    let properties: Map<String, Value> = fields
        .map(|(name, value)| (name.clone(), Value::Object(like(value))))
        .collect();
    let mut schema = Map::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    schema.into()
}

fn like(value: &Value) -> Map<String, Value> {
    let name = match value {
        Value::Null => return Map::new(),
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Map::from_iter([("type".to_owned(), json!(name))])
}
