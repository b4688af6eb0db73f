//! `Form<T>`: what somebody filled in, as typed, as read, and with what is wrong with it.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::can::{Action, Can, Resource};
use super::fields::{self, Typed};
use super::request::Asked;
use crate::db::Tx;
use crate::error::{Error, FieldError, Result};

/// Larger than any form of ours; files go another way.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

#[derive(Debug, Clone, Default)]
pub struct Form<T> {
    typed: Map<String, Value>,
    errors: Vec<FieldError>,
    pub data: T,
}

impl<T: Serialize + DeserializeOwned + Validate + Default> Form<T> {
    /// The form of something that is there already, or of something new with `T::default()`.
    pub fn of(data: T) -> Form<T> {
        let typed = match serde_json::to_value(&data) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        Form {
            typed,
            errors: Vec::new(),
            data,
        }
    }

    /// Reads `typed`; every field that can't be read is listed and left at its default.
    pub fn read(typed: Map<String, Value>) -> Form<T> {
        let mut rest = typed.clone();
        let mut errors = Vec::new();
        let data = loop {
            match T::deserialize(Typed(&Value::Object(rest.clone()))) {
                Ok(data) => break data,
                Err(problem) => {
                    let field = problem.field();
                    let top = field.split('.').next().unwrap_or_default().to_owned();
                    errors.push(FieldError {
                        field,
                        message: problem.message,
                    });
                    // Without the field the next round finds the next error; a field that stays ends it.
                    if rest.remove(&top).is_none() {
                        break T::default();
                    }
                }
            }
        };
        if let Err(problems) = data.validate() {
            collect("", &problems, &mut errors);
        }
        Form {
            typed,
            errors,
            data,
        }
    }

    /// What came in laid over what is there: for a PATCH, whose absent fields stay as they are, those of a group too.
    pub fn over(self, current: &T) -> Form<T> {
        let Ok(Value::Object(mut merged)) = serde_json::to_value(current) else {
            return self;
        };
        fields::lay_over(&mut merged, self.typed);
        Form::read(merged)
    }

    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// The status of the page that shows it.
    pub fn status(&self) -> StatusCode {
        match self.errors.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// A form is shown again to people; a program is told what is wrong with it.
    pub fn for_people(&self, asked: &Asked) -> Result<()> {
        match asked.json() && !self.errors.is_empty() {
            true => Err(Error::Invalid(self.errors.clone())),
            false => Ok(()),
        }
    }

    /// The same while somebody is still at it, when nothing is wrong yet.
    pub fn unfinished(mut self) -> Form<T> {
        self.errors.clear();
        self
    }

    /// What `write` makes of a good form, or the form with what is wrong with it; then nothing was written.
    pub async fn write<A: Action, R: Resource, W: Send + 'static>(
        mut self,
        can: &Can<A, R>,
        write: impl FnOnce(&mut Tx, T) -> Result<W> + Send + 'static,
    ) -> Result<Result<W, Form<T>>>
    where
        T: Clone + Send + 'static,
    {
        if !self.is_valid() {
            return Ok(Err(self));
        }
        let data = self.data.clone();
        match can.tx(move |tx| write(tx, data)).await {
            // What only the database could tell goes back into the form.
            Err(Error::Invalid(problems)) => {
                self.refuse_all(problems);
                Ok(Err(self))
            }
            written => Ok(Ok(written?)),
        }
    }

    /// The data, or the errors for whoever can't show the form again.
    pub fn valid(self) -> Result<T> {
        if self.errors.is_empty() {
            Ok(self.data)
        } else {
            Err(Error::Invalid(self.errors))
        }
    }
}

impl<T> Form<T> {
    /// Adds what only the database could tell (an address taken, a parent that is its own child).
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    pub fn refuse_all(&mut self, errors: Vec<FieldError>) {
        self.errors.extend(errors);
    }

    /// The field as typed, for showing it again. A list is joined with commas.
    pub fn value(&self, name: &str) -> String {
        match self.at(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            Some(other) => other.to_string(),
        }
    }

    /// Whether the option `value` of the field is chosen.
    pub fn checked(&self, name: &str, value: &str) -> bool {
        match self.at(name) {
            Some(Value::Array(items)) => items.iter().any(|v| v.as_str() == Some(value)),
            Some(Value::String(text)) => text == value,
            Some(Value::Bool(b)) => *b == matches!(value, "true" | "on" | "1"),
            Some(Value::Number(number)) => number.to_string() == value,
            _ => false,
        }
    }

    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|e| e.field == name)
            .map(|e| e.message.as_str())
    }

    /// Field and message of everything that is wrong.
    pub fn errors(&self) -> Vec<(&str, &str)> {
        self.errors
            .iter()
            .map(|e| (e.field.as_str(), e.message.as_str()))
            .collect()
    }

    /// Everything that is wrong, as programs are told.
    pub fn problems(&self) -> &[FieldError] {
        &self.errors
    }

    /// The names that came in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.typed.keys().map(String::as_str)
    }

    /// Whether the field, or the part of a group (`address.city`), came in.
    pub fn has(&self, name: &str) -> bool {
        self.at(name).is_some()
    }

    /// The field as it came, or as it is kept.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.at(name)
    }

    /// What came in, as it came.
    pub fn typed(&self) -> &Map<String, Value> {
        &self.typed
    }

    /// How many groups a list field has (`lines.0.…`, `lines.1.…`).
    pub fn len_of(&self, name: &str) -> usize {
        match self.at(name) {
            Some(Value::Array(items)) => items.len(),
            _ => 0,
        }
    }

    fn at(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let mut value = self.typed.get(parts.next()?)?;
        for part in parts {
            value = match value {
                Value::Object(map) => map.get(part)?,
                Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }
}

/// The form as it goes into the JSON of a page: the fields and what is wrong with them.
impl<T: Serialize> Serialize for Form<T> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Form", 2)?;
        out.serialize_field("data", &self.data)?;
        out.serialize_field("errors", &self.errors)?;
        out.end()
    }
}

fn collect(prefix: &str, problems: &ValidationErrors, into: &mut Vec<FieldError>) {
    for (field, kind) in problems.errors() {
        let field = if field == "__all__" {
            prefix.trim_end_matches('.').to_owned()
        } else {
            format!("{prefix}{field}")
        };
        match kind {
            ValidationErrorsKind::Field(errors) => into.extend(errors.iter().take(1).map(|e| {
                FieldError {
                    field: field.clone(),
                    message: e
                        .message
                        .as_ref()
                        .map_or_else(|| standard_message(&e.code, &e.params), |m| m.to_string()),
                }
            })),
            ValidationErrorsKind::Struct(inner) => collect(&format!("{field}."), inner, into),
            ValidationErrorsKind::List(items) => {
                for (i, inner) in items {
                    collect(&format!("{field}.{i}."), inner, into);
                }
            }
        }
    }
    into.sort_by(|a, b| a.field.cmp(&b.field));
}

fn standard_message(
    code: &str,
    params: &std::collections::HashMap<std::borrow::Cow<'static, str>, Value>,
) -> String {
    let number = |name: &str| {
        params
            .get(name)
            .filter(|v| !v.is_null())
            .map(ToString::to_string)
    };
    match code {
        "length" => match (number("min").filter(|m| m != "0"), number("max")) {
            (Some(min), _)
                if min == "1" && params.get("value").is_none_or(|v| v.as_str() == Some("")) =>
            {
                "Please fill this in.".into()
            }
            (_, Some(max)) => format!("Please use at most {max} characters."),
            (Some(min), None) => format!("Please use at least {min} characters."),
            _ => "The length is not right.".into(),
        },
        "email" => "Please enter an e-mail address such as ann@example.com.".into(),
        "url" => "Please enter a web address such as https://example.com.".into(),
        "range" => "The number is out of its range.".into(),
        "required" => "Please fill this in.".into(),
        _ => "This value can't be used.".into(),
    }
}

impl<T: Serialize + DeserializeOwned + Validate + Default + 'static> FromRequest for Form<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move { Ok(Form::read(body(&req, payload).await?)) })
    }
}

/// The fields of a body in any of the three forms.
pub async fn body(req: &HttpRequest, payload: Payload) -> Result<Map<String, Value>> {
    let kind = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .map(|v| {
            v.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        });
    match kind.as_deref() {
        Some("application/x-www-form-urlencoded") => {
            let bytes = all(payload).await?;
            Ok(fields::from_pairs(
                url::form_urlencoded::parse(&bytes).map(|(k, v)| (k.into_owned(), v.into_owned())),
            ))
        }
        Some("multipart/form-data") => multipart(req, payload).await,
        Some("application/json") => {
            let bytes = all(payload).await?;
            match serde_json::from_slice(&bytes) {
                Ok(Value::Object(map)) => Ok(map),
                Ok(_) => Err(Error::bad_request("The body is JSON, but not an object.")),
                Err(error) => Err(Error::bad_request(format!(
                    "The body is not valid JSON: {error}."
                ))),
            }
        }
        None => match all(payload).await?.is_empty() {
            true => Ok(Map::new()),
            false => Err(unsupported()),
        },
        Some(_) => Err(unsupported()),
    }
}

fn unsupported() -> Error {
    Error::Refused(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Send application/x-www-form-urlencoded, multipart/form-data or application/json.".into(),
    )
}

fn too_large() -> Error {
    Error::Refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        "That is more than this form takes (2 MB).".into(),
    )
}

pub(super) async fn all(mut payload: Payload) -> Result<web::BytesMut> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Error::bad_request(format!("The body broke off: {e}.")))?;
        if bytes.len() + chunk.len() > LARGEST_BODY {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn multipart(req: &HttpRequest, payload: Payload) -> Result<Map<String, Value>> {
    let broken = |e: actix_multipart::MultipartError| {
        Error::bad_request(format!("The form can't be read: {e}."))
    };
    let mut parts = Multipart::new(req.headers(), payload);
    let (mut pairs, mut size) = (Vec::new(), 0);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part
            .content_disposition()
            .is_some_and(|d| d.get_filename().is_some());
        let mut text = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(broken)?;
            size += chunk.len();
            if size > LARGEST_BODY {
                return Err(too_large());
            }
            if !is_file {
                text.extend_from_slice(&chunk);
            }
        }
        if !is_file {
            pairs.push((name, String::from_utf8_lossy(&text).into_owned()));
        }
    }
    Ok(fields::from_pairs(pairs))
}
