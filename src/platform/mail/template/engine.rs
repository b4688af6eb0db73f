//! The template engine, cut down and fenced in.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, OnceLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Serde, Value};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, filters, tests,
};

use super::merge::Piece;
use super::values::{date, display, encode_url, escape, fallback, is_missing, join, replace};

/// Steps of the engine for one part of one mail.
const FUEL: u64 = 100_000;
const MAX_OUTPUT: usize = 2 * 1024 * 1024;

/// The addresses that any template may use.
pub(super) const UNSUBSCRIBE: &str = "unsubscribe_url";
pub(super) const PREFERENCES: &str = "preferences_url";
pub(super) const URLS: [&str; 2] = [UNSUBSCRIBE, PREFERENCES];

pub(super) const SUBJECT: &str = "subject";
pub(super) const HTML: &str = "html";
pub(super) const TEXT: &str = "text";

/// An environment that knows our filters and tests, and nothing else.
pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    let mut syntax = SyntaxConfig::builder();
    syntax.keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        env.set_syntax(syntax);
    }
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(50);
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_formatter(format);
    env.set_auto_escape_callback(|name| match name {
        HTML => AutoEscape::Html,
        SUBJECT | TEXT => AutoEscape::None,
        _ => AutoEscape::Custom("url".into()),
    });
    for name in ["default", "d"] {
        env.add_filter(name, fallback);
    }
    for name in ["length", "count"] {
        env.add_filter(name, filters::length);
    }
    env.add_filter("upper", filters::upper);
    env.add_filter("lower", filters::lower);
    env.add_filter("title", filters::title);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("trim", filters::trim);
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("round", filters::round);
    env.add_filter("int", filters::int);
    env.add_filter("float", filters::float);
    env.add_filter("abs", filters::abs);
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    env.add_filter("date", date);
    env.add_filter("__as_is", Value::from_safe_string);
    env.add_test("defined", |value: &Value| !is_missing(value));
    env.add_test("undefined", is_missing);
    env.add_test("none", is_missing);
    env.add_test("string", tests::is_string);
    env.add_test("number", tests::is_number);
    env.add_test("odd", tests::is_odd);
    env.add_test("even", tests::is_even);
    env.add_test("true", tests::is_true);
    env
}

/// The pieces as the engine reads them.
pub(super) fn source(pieces: &[Piece]) -> String {
    let mut source = String::new();
    for piece in pieces {
        // Writing to a String never fails.
        let _ = match piece {
            Piece::Text(text) => {
                literal(&mut source, text);
                Ok(())
            }
            Piece::Field(field) => match &field.fallback {
                Some(text) => write!(
                    source,
                    "{{{{ {} | default({}) }}}}",
                    field.path,
                    quoted(text)
                ),
                None => write!(source, "{{{{ {} }}}}", field.path),
            },
            Piece::Output(written) | Piece::Block(written) => write!(source, "{written}"),
            Piece::Link(number) => write!(source, "{{{{ __link_{number} }}}}"),
            Piece::Pixel => write!(source, "{{{{ __pixel }}}}"),
        };
    }
    source
}

/// Text that the engine must not read as its own: `{#` in a style sheet, a brace before a field.
fn literal(source: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let harmless = !matches!(rest.as_bytes().get(at + 1), None | Some(b'{' | b'%' | b'#'));
        source.push_str(&rest[..at]);
        source.push_str(if harmless { "{" } else { "{{ \"{\" }}" });
        rest = &rest[at + 1..];
    }
    source.push_str(rest);
}

pub(super) fn quoted(text: &str) -> String {
    match text.contains('"') {
        true => format!("'{text}'"),
        false => format!("\"{text}\""),
    }
}

/// What a template can see: the fields, and the addresses of this mail.
#[derive(Debug)]
pub(super) struct Scope {
    pub fields: Value,
    pub urls: Arc<Urls>,
}

#[derive(Debug, Default)]
pub(super) struct Urls {
    pub links: Vec<String>,
    pub pixel: String,
    pub unsubscribe: String,
    pub preferences: String,
}

impl Scope {
    pub(super) fn value(fields: &serde_json::Value, urls: Arc<Urls>) -> Value {
        let fields = Value::from(Serde(fields));
        Value::from_object(Self { fields, urls })
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            UNSUBSCRIBE => Some(Value::from(self.urls.unsubscribe.as_str())),
            PREFERENCES => Some(Value::from(self.urls.preferences.as_str())),
            "__pixel" => Some(Value::from_safe_string(self.urls.pixel.clone())),
            _ => match key.strip_prefix("__link_") {
                Some(number) => {
                    let number: usize = number.parse().ok()?;
                    self.urls
                        .links
                        .get(number.checked_sub(1)?)
                        .map(|url| Value::from(url.as_str()))
                }
                None => self.fields.get_attr(key).ok(),
            },
        }
    }
}

/// Renders a template of the environment, up to the limits.
pub(super) fn render(env: &Environment<'_>, name: &str, scope: &Value) -> Result<String, Error> {
    let mut output = Limited(Vec::new());
    env.get_template(name)?
        .render_captured_to(scope.clone(), &mut output)?;
    String::from_utf8(output.0).map_err(|_| ErrorKind::WriteFailure.into())
}

struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("the mail gets too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = display(value);
    let written = match state.auto_escape() {
        _ if value.is_safe() => out.write_str(&text),
        AutoEscape::Html => escape(out, &text),
        AutoEscape::Custom(_) => write!(out, "{}", encode_url(&text)),
        _ => out.write_str(&text),
    };
    written.map_err(Error::from)
}

/// Whether the engine understands one merge field, or a condition together with its end.
pub(super) fn check(written: &str) -> Result<(), String> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    let env = ENVIRONMENT.get_or_init(environment);
    let understood = env.template_from_str(written).map(drop);
    understood.map_err(|error| match error.detail() {
        Some(detail) => format!("this is not understood: {detail}"),
        None => "this is not understood".into(),
    })
}

/// The names that templates use, `contact.first_name`, in their order.
pub(super) fn fields(env: &Environment<'_>, names: &[String]) -> Vec<String> {
    let used = names.iter().filter_map(|name| env.get_template(name).ok());
    let mut fields: Vec<String> = used
        .flat_map(|part| part.undeclared_variables(true))
        .collect();
    fields.retain(|name| !name.starts_with("__") && !URLS.contains(&name.as_str()));
    fields.sort();
    fields.dedup();
    fields
}
