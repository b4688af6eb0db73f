//! From the file to its contacts, step by step.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use platform::db::Tx;
use platform::schema::members;
use platform::tabular::{Format, Row, Table, TableError};
use platform::web::can::{Create, View as See};
use platform::web::{Action, Can, Form, Id, Toast, View};
use platform::{Error, Result};
use uuid::Uuid;

use super::fields::{self, Custom};
use super::files;
use super::import::{Import, State};
use super::pages::{Chosen, Columns, Index, New, Show};
use super::plan::Plan;
use super::preparing::prepare;
use super::source;
use super::upload;

/// Rows that the first guess at the columns is made from.
pub const SAMPLE: usize = 500;
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

pub async fn show(can: Can<See, Import>, Id(id): Id) -> Result<HttpResponse> {
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
    ask(&can, import, Form::of(plan)).await
}

/// The page that asks where each column goes.
async fn ask(can: &Can<Create, Import>, import: Import, form: Form<Plan>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let (custom, owners) = can.tx(|tx| Ok((Custom::all(tx)?, owners(tx)?))).await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, import.id);
    let sample = sample(path, import.format()?)
        .await
        .map_err(files::unreadable)?;
    let mapping = fields::guess(&import.header, &sample, &custom);
    let columns = Columns::columns(&import.header, &form.data.columns, &mapping.columns);
    can.page_with(
        form.status(),
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
        return ask(&can, import, form).await;
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
        return ask(&can, import, form).await;
    }
    let import = can.tx(move |tx| import.run(tx, form.data)).await?;
    on_its_way(&can, &import, None)
}

pub async fn stop(can: Can<Create, Import>, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let import = can.tx(move |tx| Import::find(tx, id)?.stop(tx)).await?;
    on_its_way(&can, &import, Some(Toast::done("Stopped")))
}

pub async fn undo(can: Can<Create, Import>, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can)?;
    let import = can.tx(move |tx| Import::find(tx, id)?.undo(tx)).await?;
    on_its_way(&can, &import, None)
}

pub fn accepted(url: &str, import: &Import) -> Result<HttpResponse> {
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1{url}")))
        .json(import))
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

pub async fn destroy(can: Can<Create, Import>, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can)?;
    can.tx(move |tx| Import::find(tx, id)?.delete(tx)).await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, id);
    web::block(move || upload::remove(&path)).await?;
    can.done(
        &base(&can),
        Toast::done("The file is removed; its contacts stay"),
    )
}

pub async fn found<A: Action>(can: &Can<A, Import>, Id(id): Id) -> Result<Import> {
    can.tx(move |tx| Import::find(tx, id)).await
}

pub fn base<A: Action>(can: &Can<A, Import>) -> String {
    can.url("/contacts/imports")
}

fn may_import<A: Action>(can: &Can<A, Import>) -> bool {
    can.may("imports", "create") && can.may("contacts", "import")
}

/// An import is one of contacts, so it takes that right too.
pub fn allowed<A: Action>(can: &Can<A, Import>) -> Result<()> {
    if may_import(can) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "Your role ({}) does not include the right to import contacts.",
        can.membership.role_name
    )))
}
