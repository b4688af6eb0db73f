//! From the file to its contacts, step by step.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::prelude::*;
use platform::db::{Scope, Tx};
use platform::schema::members;
use platform::tabular::{Format, Row, Table, TableError};
use platform::web::can::{Create, View as See};
use platform::web::{Action, Can, Form, Toast, View, download, limits};
use platform::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::fields::{self, Custom};
use super::files;
use super::import::{Import, PROBLEMS_A_PAGE, State};
use super::pages::{Chosen, Columns, Index, New, Problems, Show};
use super::plan::{Duplicates, NEW, Plan, SKIP};
use super::problem::Problem;
use super::reading;
use super::source;
use super::upload::{self, Upload};

/// `/w/{workspace}/contacts/imports/{id}`; the workspace is the guard's business.
type Id = web::Path<(String, Uuid)>;

/// Rows that the first guess at the columns is made from.
const SAMPLE: usize = 500;
const SHOWN: i64 = 100;

pub async fn index(can: Can<See, Import>) -> Result<HttpResponse> {
    let items = can.tx(Import::latest).await?;
    can.page(Index {
        items,
        base: base(&can),
        zone: can.zone,
        may_create: may_import(&can),
    })
}

pub async fn new(can: Can<Create, Import>) -> Result<HttpResponse> {
    allowed(&can)?;
    can.page(New {
        form: Form::of(Chosen::default()),
        base: base(&can),
    })
}

pub async fn create(
    can: Can<Create, Import>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    allowed(&can)?;
    let me = can.me().to_string();
    can.app.limits.check(limits::UPLOAD, &me).await?;
    let id = Uuid::now_v7();
    let path = source::path(&can.app.config, can.membership.workspace_id, id);
    let file = match upload::receive(&req, payload, path).await {
        Ok(file) => file,
        Err(Error::Invalid(errors)) if !can.asked.json() => {
            return choose_again(&can, errors[0].message.clone());
        }
        Err(error) => return Err(error),
    };
    match look(&file).await {
        Ok((table, sample)) => received(&can, id, file, table, sample).await,
        Err(error) if can.asked.json() => Err(Error::invalid("file", error.to_string())),
        Err(error) => choose_again(&can, error.to_string()),
    }
}

fn choose_again(can: &Can<Create, Import>, message: String) -> Result<HttpResponse> {
    let mut form = Form::of(Chosen::default());
    form.refuse("file", message);
    let page = New {
        form,
        base: base(can),
    };
    can.page_with(StatusCode::UNPROCESSABLE_ENTITY, page)
}

async fn look(file: &Upload) -> Result<(Table, Vec<Row>), TableError> {
    let path = file.path().to_owned();
    let looked = web::block(move || {
        let table = Table::open(path)?;
        let sample = table.sample(SAMPLE)?;
        Ok((table, sample))
    });
    looked.await.map_err(std::io::Error::other)?
}

/// The file can be read: it becomes an import, and runs at once where that was asked for.
async fn received(
    can: &Can<Create, Import>,
    id: Uuid,
    mut file: Upload,
    table: Table,
    sample: Vec<Row>,
) -> Result<HttpResponse> {
    let custom = can.tx(Custom::all).await?;
    let mapping = fields::guess(&table.header, &sample, &custom);
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
        prepare(can, &table.header, &mut form).await?;
        if !form.is_valid() {
            form.valid()?;
            return Err(Error::NotFound);
        }
    }
    let (name, plan, origin) = (file.name.clone(), form.data, mapping.source);
    let import = can
        .tx(move |tx| {
            let import = Import::create(tx, id, &name, &table, origin, &plan)?;
            if run {
                import.run(tx, plan)
            } else {
                Ok(import)
            }
        })
        .await?;
    file.keep();
    let url = format!("{}/{id}", base(can));
    match (can.asked.json(), run) {
        (true, _) => accepted(&url, &import),
        (false, true) => can.redirect(&url, None),
        (false, false) => can.redirect(&format!("{url}/columns"), None),
    }
}

fn accepted(url: &str, import: &Import) -> Result<HttpResponse> {
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1{url}")))
        .json(import))
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

/// Adds to the form what only the database and the member's rights can tell.
async fn prepare<A: Action>(
    can: &Can<A, Import>,
    header: &[String],
    form: &mut Form<Plan>,
) -> Result<()> {
    let scope = can.member.scope("contacts", "edit").await?;
    form.data.reach = match &scope {
        Some(Scope::Owners(owners)) => Some(owners.clone()),
        _ => None,
    };
    if scope.is_none() && form.data.duplicates == Duplicates::Update {
        form.refuse(
            "duplicates",
            "Your role does not include the right to change contacts.",
        );
    }
    form.data.columns.resize(header.len(), SKIP.to_owned());
    let makes = form.data.columns.iter().any(|key| key.starts_with(NEW));
    if makes && !can.may("custom_fields", "create") {
        form.refuse(
            "columns",
            "Your role does not include the right to add fields. Please choose other fields.",
        );
    }
    if form.data.tags.iter().any(|tag| tag.chars().count() > 60) {
        form.refuse("tags", "Please use tags of at most 60 characters.");
    }
    let owner = form.data.owner_id;
    let (custom, owner_is_here) = can
        .tx(move |tx| Ok((Custom::all(tx)?, is_member(tx, owner)?)))
        .await?;
    if !owner_is_here {
        form.refuse("owner_id", "Please choose one from the list.");
    }
    let known = |key: &String| key == SKIP || reading::is_field(key, &custom);
    if let Some(unknown) = form.data.columns.iter().find(|key| !known(key)).cloned() {
        form.refuse("columns", format!("There is no field “{unknown}”."));
    }
    Ok(())
}

fn is_member(tx: &mut Tx, person: Option<Uuid>) -> Result<bool> {
    let Some(person) = person else {
        return Ok(true);
    };
    let here = members::table
        .filter(members::person_id.eq(person))
        .filter(members::active);
    Ok(diesel::select(diesel::dsl::exists(here)).get_result(&mut **tx)?)
}

pub async fn show(can: Can<See, Import>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let json = can.asked.json();
    let (import, problems) = can
        .tx(move |tx| {
            let import = Import::find(tx, id)?;
            let problems = match import.preview() {
                _ if json => Vec::new(),
                Some(preview) if import.state == State::Checked => preview.first,
                _ => import.problems(tx, (0, -1), SHOWN)?,
            };
            Ok((import, problems))
        })
        .await?;
    if import.state == State::Draft && !json {
        return can.redirect(&format!("{}/{id}/columns", base(&can)), None);
    }
    can.page(Show {
        import,
        problems,
        base: base(&can),
        zone: can.zone,
        may_create: may_import(&can),
    })
}

pub async fn columns(can: Can<Create, Import>, id: Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let import = found(&can, id).await?;
    let mut plan = import.plan();
    if import.state == State::Draft && plan.owner_id.is_none() {
        plan.owner_id = Some(can.me());
    }
    ask(&can, StatusCode::OK, import, Form::of(plan)).await
}

/// The page that asks where each column goes.
async fn ask(
    can: &Can<Create, Import>,
    status: StatusCode,
    import: Import,
    form: Form<Plan>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        form.valid()?;
        return Err(Error::NotFound);
    }
    let (custom, owners) = can.tx(|tx| Ok((Custom::all(tx)?, owners(tx)?))).await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, import.id);
    let sample = sample(path, import.format()?)
        .await
        .map_err(files::unreadable)?;
    let mapping = fields::guess(&import.header, &sample, &custom);
    let columns = Columns::columns(&import.header, &form.data.columns, &mapping.columns);
    can.page_with(
        status,
        Columns {
            import,
            form,
            columns,
            owners,
            custom,
            may_make_fields: can.may("custom_fields", "create"),
            base: base(can),
        },
    )
}

async fn sample(path: std::path::PathBuf, format: Format) -> Result<Vec<Row>, TableError> {
    let read = web::block(move || Table::open_as(path, format)?.sample(SAMPLE));
    read.await.map_err(std::io::Error::other)?
}

fn owners(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let people: Vec<(Uuid, String)> = members::table
        .filter(members::active)
        .order(members::name)
        .limit(1_000)
        .select((members::person_id, members::name))
        .load(&mut **tx)?;
    let choice = |(id, name): (Uuid, String)| (id.to_string(), name);
    Ok(people.into_iter().map(choice).collect())
}

pub async fn check(can: Can<Create, Import>, id: Id, form: Form<Plan>) -> Result<HttpResponse> {
    allowed(&can)?;
    let import = found(&can, id).await?;
    let mut form = form.over(&import.plan());
    prepare(&can, &import.header, &mut form).await?;
    if !form.is_valid() {
        return ask(&can, StatusCode::UNPROCESSABLE_ENTITY, import, form).await;
    }
    let import = can.tx(move |tx| import.check(tx, &form.data)).await?;
    on_its_way(&can, &import, None)
}

pub async fn run(can: Can<Create, Import>, id: Id, form: Form<Plan>) -> Result<HttpResponse> {
    allowed(&can)?;
    let import = found(&can, id).await?;
    // Half a file read in one way and half in another would be nobody's intention.
    let mut form = match import.last_row {
        0 => form.over(&import.plan()),
        _ => Form::of(import.plan()),
    };
    prepare(&can, &import.header, &mut form).await?;
    if !form.is_valid() {
        return ask(&can, StatusCode::UNPROCESSABLE_ENTITY, import, form).await;
    }
    let import = can.tx(move |tx| import.run(tx, form.data)).await?;
    on_its_way(&can, &import, None)
}

pub async fn stop(can: Can<Create, Import>, id: Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let (_, id) = id.into_inner();
    let import = can.tx(move |tx| Import::find(tx, id)?.stop(tx)).await?;
    on_its_way(&can, &import, Some(Toast::done("Stopped")))
}

pub async fn undo(can: Can<Create, Import>, id: Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let (_, id) = id.into_inner();
    let import = can.tx(move |tx| Import::find(tx, id)?.undo(tx)).await?;
    on_its_way(&can, &import, None)
}

fn on_its_way(
    can: &Can<Create, Import>,
    import: &Import,
    toast: Option<Toast>,
) -> Result<HttpResponse> {
    let url = format!("{}/{}", base(can), import.id);
    match can.asked.json() {
        true => accepted(&url, import),
        false => can.redirect(&url, toast),
    }
}

pub async fn destroy(can: Can<Create, Import>, id: Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let (_, id) = id.into_inner();
    can.tx(move |tx| Import::find(tx, id)?.delete(tx)).await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, id);
    web::block(move || upload::remove(&path)).await?;
    can.done(
        &base(&can),
        Toast::done("The file is removed; its contacts stay"),
    )
}

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    cursor: String,
}

impl After {
    fn place(&self) -> Result<(i64, i32)> {
        if self.cursor.is_empty() {
            return Ok((0, -1));
        }
        let place = self.cursor.split_once('.');
        let place = place.and_then(|(row, seq)| Some((row.parse().ok()?, seq.parse().ok()?)));
        place.ok_or_else(|| Error::bad_request("This cursor is none of ours."))
    }
}

fn cursor(last: &Problem) -> String {
    format!("{}.{}", last.row, last.seq)
}

pub async fn problems(
    can: Can<See, Import>,
    id: Id,
    after: web::Query<After>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let place = after.place()?;
    let (import, items) = can
        .tx(move |tx| {
            let import = Import::find(tx, id)?;
            let items = import.problems(tx, place, PROBLEMS_A_PAGE)?;
            Ok((import, items))
        })
        .await?;
    let full = items.len() as i64 == PROBLEMS_A_PAGE;
    can.page(Problems {
        next_cursor: items.last().filter(|_| full).map(cursor),
        items,
        import,
        base: base(&can),
    })
}

pub async fn refused(can: Can<See, Import>, id: Id) -> Result<HttpResponse> {
    let import = found(&can, id).await?;
    let source = source::path(&can.app.config, can.membership.workspace_id, import.id);
    let format = import.format()?;
    let name = format!("refused {}.csv", stem(&import.file_name));
    let file = written(&can, import, move |pages| {
        files::refused(source, format, pages)
    })
    .await?;
    Ok(download::csv(file, &name))
}

pub async fn report(can: Can<See, Import>, id: Id) -> Result<HttpResponse> {
    let import = found(&can, id).await?;
    let folder = source::folder(&can.app.config, can.membership.workspace_id);
    let name = format!("problems {}.csv", stem(&import.file_name));
    let file = written(&can, import, move |pages| files::report(folder, pages)).await?;
    Ok(download::csv(file, &name))
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Lets `write` make a file of all problems, which come page by page so that there may be any number.
async fn written(
    can: &Can<See, Import>,
    import: Import,
    write: impl FnOnce(files::Pages) -> Result<std::fs::File, TableError> + Send + 'static,
) -> Result<std::fs::File> {
    let (sender, pages) = tokio::sync::mpsc::channel(2);
    let writing = actix_web::rt::task::spawn_blocking(move || write(pages));
    let mut place = (0, -1);
    loop {
        let of = import.clone();
        let page = can
            .tx(move |tx| of.problems(tx, place, PROBLEMS_A_PAGE))
            .await?;
        let full = page.len() as i64 == PROBLEMS_A_PAGE;
        if let Some(last) = page.last() {
            place = (last.row, last.seq);
        }
        // A writer that is gone says why below.
        if sender.send(page).await.is_err() || !full {
            break;
        }
    }
    drop(sender);
    writing
        .await
        .map_err(Error::internal)?
        .map_err(files::unreadable)
}

async fn found<A: Action>(can: &Can<A, Import>, id: Id) -> Result<Import> {
    let (_, id) = id.into_inner();
    can.tx(move |tx| Import::find(tx, id)).await
}

fn base<A: Action>(can: &Can<A, Import>) -> String {
    can.url("/contacts/imports")
}

fn may_import<A: Action>(can: &Can<A, Import>) -> bool {
    can.may("imports", "create") && can.may("contacts", "import")
}

/// An import is one of contacts, so it takes that right too.
fn allowed<A: Action>(can: &Can<A, Import>) -> Result<()> {
    if may_import(can) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "Your role ({}) does not include the right to import contacts.",
        can.membership.role_name
    )))
}
