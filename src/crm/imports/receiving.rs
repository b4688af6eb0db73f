//! A file comes in: it becomes an import, and runs at once where that was asked for.

use actix_web::{HttpRequest, HttpResponse, web};
use platform::tabular::{self, Row, Table, TableError};
use platform::web::can::Create;
use platform::web::{Can, Form, View, limits};
use platform::{Error, Result};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::fields::{self, Custom};
use super::handlers::{SAMPLE, accepted, allowed, base};
use super::import::Import;
use super::pages::{Chosen, New};
use super::plan::{Plan, SKIP};
use super::preparing::prepare;
use super::source;
use super::upload::{self, Upload};
use super::what::{Of, What};

pub async fn create(
    can: Can<Create, Import>,
    Of(what): Of,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let me = can.me().to_string();
    can.app.limits.check(limits::UPLOAD, &me).await?;
    let id = Uuid::now_v7();
    let path = source::path(&can.app.config, can.membership.workspace_id, id);
    let file = match upload::receive(&req, payload, path).await {
        Ok(file) => file,
        Err(Error::Invalid(errors)) if !can.asked.json() => {
            return choose_again(&can, what, errors[0].message.clone());
        }
        Err(error) => return Err(error),
    };
    match look(&file).await {
        Ok((table, sample)) => received(&can, (what, id), file, table, sample).await,
        Err(error) if can.asked.json() => Err(Error::invalid("file", error.to_string())),
        Err(error) => choose_again(&can, what, error.to_string()),
    }
}

fn choose_again(can: &Can<Create, Import>, what: What, message: String) -> Result<HttpResponse> {
    let mut form = Form::of(Chosen::default());
    form.refuse("file", message);
    let page = New::of(can, what, form);
    can.page_with(page.form.status(), page)
}

async fn look(file: &Upload) -> Result<(Table, Vec<Row>), TableError> {
    let path = file.path().to_owned();
    let looked = web::block(move || {
        tabular::unfold(&path)?;
        let table = Table::open(path)?;
        let sample = table.sample(SAMPLE)?;
        Ok((table, sample))
    });
    looked.await.map_err(std::io::Error::other)?
}

/// The file can be read: it becomes an import, and runs at once where that was asked for.
async fn received(
    can: &Can<Create, Import>,
    (what, id): (What, Uuid),
    mut file: Upload,
    table: Table,
    sample: Vec<Row>,
) -> Result<HttpResponse> {
    let custom = can.tx(move |tx| Custom::all(tx, what)).await?;
    let mapping = fields::guess(what, &table.header, &sample, &custom);
    let guessed = fields::columns(&mapping, &table.header, can.may("custom_fields", "create"));
    let mut typed = std::mem::take(&mut file.fields);
    let run = typed
        .remove("run")
        .is_some_and(|v| matches!(v.as_str(), Some("1" | "true" | "on")));
    let columns = match typed.remove("mapping") {
        Some(given) => given_columns(&given, &table.header, &guessed)?,
        None => guessed,
    };
    typed.insert("columns".into(), json!(columns));
    let mut form = Form::<Plan>::read(typed);
    if !run {
        // What is still to be asked about need not be complete.
        form = Form::of(Plan {
            columns,
            ..form.data
        });
    } else {
        prepare(can, what, &table.header, &mut form).await?;
        form = Form::of(form.valid()?);
    }
    let (name, plan, origin) = (file.name.clone(), form.data, mapping.source);
    let import = can
        .tx(move |tx| {
            let import = Import::create(tx, (what, id), &name, &table, origin, &plan)?;
            if run {
                import.run(tx, plan)
            } else {
                Ok(import)
            }
        })
        .await?;
    file.keep();
    let url = format!("{}/{id}", base(can, what));
    match (can.asked.json(), run) {
        (true, _) => accepted(&url, &import),
        (false, true) => can.redirect(&url, None),
        (false, false) => can.redirect(&format!("{url}/columns"), None),
    }
}

/// A program's own mapping: a list of fields, or `{"column": "field"}`; what it does not name is left out.
fn given_columns(given: &Value, header: &[String], guessed: &[String]) -> Result<Vec<String>> {
    let wrong = || {
        Error::invalid(
            "mapping",
            "Give a JSON object of column names and fields, or a list of fields.",
        )
    };
    let given: Value = match given {
        Value::String(text) if text.trim().is_empty() => return Ok(guessed.to_vec()),
        Value::String(text) => serde_json::from_str(text).map_err(|_| wrong())?,
        other => other.clone(),
    };
    let text = |value: &Value| value.as_str().unwrap_or(SKIP).to_owned();
    match given {
        Value::Array(all) => Ok(all.iter().map(text).collect()),
        Value::Object(map) => by_name(&map, header),
        _ => Err(wrong()),
    }
}

fn by_name(map: &Map<String, Value>, header: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = map.keys().find(|name| !header.contains(name)) {
        let message = format!(
            "The file has no column “{unknown}”; it has {}.",
            header.join(", ")
        );
        return Err(Error::invalid("mapping", message));
    }
    let key = |name: &String| {
        map.get(name)
            .and_then(Value::as_str)
            .unwrap_or(SKIP)
            .to_owned()
    };
    Ok(header.iter().map(key).collect())
}
