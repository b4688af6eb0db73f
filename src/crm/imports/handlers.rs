//! From the file to its records, step by step.

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
use super::what::{Of, What};
use crate::crm::pipelines::Pipeline;

/// Rows that the first guess at the columns is made from.
pub const SAMPLE: usize = 500;
const SHOWN: i64 = 100;

/// The right to bring in records of a kind.
pub const RIGHT: &str = "import";

/// Of every kind.
pub async fn all(can: Can<See, Import>) -> Result<HttpResponse> {
    list(can, None).await
}

pub async fn index(can: Can<See, Import>, Of(what): Of) -> Result<HttpResponse> {
    list(can, Some(what)).await
}

async fn list(can: Can<See, Import>, what: Option<What>) -> Result<HttpResponse> {
    let items = can.tx(move |tx| Import::latest(tx, what)).await?;
    let may_import = What::ALL.into_iter().filter(|what| may_import(&can, *what));
    can.page(Index {
        items,
        what,
        may_import: may_import.collect(),
        root: can.url(""),
        zone: can.zone,
    })
}

/// On to its page, for whoever knows of it no more than that it is an import.
pub async fn anywhere(can: Can<See, Import>, Id(id): Id) -> Result<HttpResponse> {
    let import = can.tx(move |tx| Import::find(tx, id)).await?;
    can.redirect(&format!("{}/{id}", base(&can, import.record_kind)), None)
}

pub async fn new(can: Can<Create, Import>, Of(what): Of) -> Result<HttpResponse> {
    allowed(&can, what)?;
    can.page(New::of(&can, what, Form::of(Chosen::default())))
}

pub async fn show(can: Can<See, Import>, Of(what): Of, Id(id): Id) -> Result<HttpResponse> {
    let json = can.asked.json();
    let (import, problems) = can
        .tx(move |tx| {
            let import = Import::of(tx, what, id)?;
            let problems = match import.preview() {
                _ if json => Vec::new(),
                Some(preview) if import.state == State::Checked => preview.first,
                _ => import.problems(tx, (0, -1), SHOWN)?,
            };
            Ok((import, problems))
        })
        .await?;
    if import.state == State::Draft && !json {
        return can.redirect(&format!("{}/{id}/columns", base(&can, what)), None);
    }
    can.page(Show {
        import,
        problems,
        base: base(&can, what),
        zone: can.zone,
        may_create: may_import(&can, what),
    })
}

pub async fn columns(can: Can<Create, Import>, Of(what): Of, id: Id) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let import = found(&can, what, id).await?;
    let mut plan = import.plan();
    if import.state == State::Draft && plan.owner_id.is_none() {
        plan.owner_id = Some(can.me());
    }
    ask(&can, import, Form::of(plan)).await
}

/// The page that asks where each column goes.
async fn ask(can: &Can<Create, Import>, import: Import, form: Form<Plan>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let what = import.record_kind;
    let asked = can.tx(move |tx| {
        let pipelines = match what {
            What::Deal => pipelines(tx)?,
            _ => Vec::new(),
        };
        Ok((Custom::all(tx, what)?, owners(tx)?, pipelines))
    });
    let (custom, owners, pipelines) = asked.await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, import.id);
    let sample = sample(path, import.format()?)
        .await
        .map_err(files::unreadable)?;
    let mapping = fields::guess(what, &import.header, &sample, &custom);
    let columns = Columns::columns(&import.header, &form.data.columns, &mapping.columns);
    can.page_with(
        form.status(),
        Columns {
            import,
            form,
            columns,
            owners,
            pipelines,
            custom,
            may_make_fields: can.may("custom_fields", "create"),
            base: base(can, what),
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

/// Those that new deals can go into.
fn pipelines(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let open = Pipeline::open(tx)?.into_iter();
    Ok(open.map(|p| (p.id.to_string(), p.name)).collect())
}

pub async fn check(
    can: Can<Create, Import>,
    Of(what): Of,
    id: Id,
    form: Form<Plan>,
) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let import = found(&can, what, id).await?;
    let mut form = form.over(&import.plan());
    prepare(&can, what, &import.header, &mut form).await?;
    if !form.is_valid() {
        return ask(&can, import, form).await;
    }
    let import = can.tx(move |tx| import.check(tx, &form.data)).await?;
    on_its_way(&can, &import, None)
}

pub async fn run(
    can: Can<Create, Import>,
    Of(what): Of,
    id: Id,
    form: Form<Plan>,
) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let import = found(&can, what, id).await?;
    // Half a file read in one way and half in another would be nobody's intention.
    let mut form = match import.last_row {
        0 => form.over(&import.plan()),
        _ => Form::of(import.plan()),
    };
    prepare(&can, what, &import.header, &mut form).await?;
    if !form.is_valid() {
        return ask(&can, import, form).await;
    }
    let import = can.tx(move |tx| import.run(tx, form.data)).await?;
    on_its_way(&can, &import, None)
}

pub async fn stop(can: Can<Create, Import>, Of(what): Of, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let import = can.tx(move |tx| Import::of(tx, what, id)?.stop(tx)).await?;
    on_its_way(&can, &import, Some(Toast::done("Stopped")))
}

pub async fn undo(can: Can<Create, Import>, Of(what): Of, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can, what)?;
    let import = can.tx(move |tx| Import::of(tx, what, id)?.undo(tx)).await?;
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
    let url = format!("{}/{}", base(can, import.record_kind), import.id);
    match can.asked.json() {
        true => accepted(&url, import),
        false => can.redirect(&url, toast),
    }
}

pub async fn destroy(can: Can<Create, Import>, Of(what): Of, Id(id): Id) -> Result<HttpResponse> {
    allowed(&can, what)?;
    can.tx(move |tx| Import::of(tx, what, id)?.delete(tx))
        .await?;
    let path = source::path(&can.app.config, can.membership.workspace_id, id);
    web::block(move || upload::remove(&path)).await?;
    can.done(
        &base(&can, what),
        Toast::done(format!(
            "The file is removed; its {} stay",
            what.kind().plural
        )),
    )
}

pub async fn found<A: Action>(can: &Can<A, Import>, what: What, Id(id): Id) -> Result<Import> {
    can.tx(move |tx| Import::of(tx, what, id)).await
}

/// Where the imports of that kind are.
pub fn base<A: Action>(can: &Can<A, Import>, what: What) -> String {
    can.url(&format!("/{}/imports", what.collection()))
}

/// An import makes records, so it takes the rights to that kind too.
pub fn may_import<A: Action>(can: &Can<A, Import>, what: What) -> bool {
    let resource = what.kind().resource();
    can.may("imports", "create") && can.may(resource, RIGHT) && can.may(resource, "create")
}

pub fn allowed<A: Action>(can: &Can<A, Import>, what: What) -> Result<()> {
    if may_import(can, what) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "Your role ({}) does not include the right to import {}.",
        can.membership.role_name,
        what.kind().plural
    )))
}
