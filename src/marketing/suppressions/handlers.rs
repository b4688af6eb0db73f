//! The list of suppressed addresses, and its API.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use platform::Result;
use platform::records::list::{List, ListParams};
use platform::records::setup::Setup;
use platform::web::can::{Archive, Create, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View, filters, link};
use serde::Serialize;

use super::form::{Added, SuppressForm};
use super::suppression::{Reason, Suppression};

const PATH: &str = "/suppressions";

#[derive(Template, Serialize)]
#[template(path = "marketing/suppressions/index.html", blocks = ["results"])]
struct Index {
    #[serde(flatten)]
    list: List<Suppression>,
    #[serde(skip)]
    params: ListParams,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    setup: Arc<Setup>,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Suppressions".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Suppressions")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn url(&self, row: &Suppression) -> String {
        format!("{}/{}", self.base, row.id)
    }
    fn page_url(&self, cursor: &Option<String>) -> String {
        let url = |c: &String| format!("{}{}", self.base, self.params.url(&[("cursor", c)]));
        cursor.as_ref().map(url).unwrap_or_default()
    }
    fn lift_label(&self, row: &Suppression) -> String {
        format!("Let {} be written to again", row.email)
    }
    /// By what or whom.
    fn by(&self, row: &Suppression) -> String {
        let person = row.created_by.and_then(|id| self.setup.person(id));
        match person {
            Some(person) => format!("{}, {}", row.source, person.name),
            None => row.source.clone(),
        }
    }
}

pub async fn index(can: Can<See, Suppression>) -> Result<HttpResponse> {
    let mut params = ListParams::read(&can.asked.query)?;
    params.counted = true;
    let asked = params.clone();
    let list = can.tx(move |tx| Suppression::list(tx, &asked)).await?;
    can.page(Index {
        list,
        params,
        base: can.url(PATH),
        zone: can.zone,
        setup: can.setup.clone(),
        may_create: can.may("suppressions", "create"),
        may_archive: can.may("suppressions", "archive"),
    })
}

/// For programs; people have the list.
pub async fn show(can: Can<See, Suppression>, Id(id): Id) -> Result<HttpResponse> {
    let found = can.tx(move |tx| Suppression::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(found));
    }
    let list = link::with(&can.url(PATH), [("search", &found.email)]);
    can.redirect(&list, None)
}

#[derive(Template, Serialize)]
#[template(path = "marketing/suppressions/form.html")]
struct Editor {
    form: Form<SuppressForm>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        "Suppress addresses".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Suppressions", &self.base),
            Crumb::here("Suppress addresses"),
        ]
    }
}

impl Editor {
    fn reasons(&self) -> Vec<(&'static str, &'static str)> {
        let all = Reason::CHOICES.iter();
        all.map(|reason| (reason.key, reason.label)).collect()
    }
}

pub async fn new(can: Can<Create, Suppression>) -> Result<HttpResponse> {
    editor(&can, Form::of(SuppressForm::default()))
}

fn editor(can: &Can<Create, Suppression>, form: Form<SuppressForm>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let base = can.url(PATH);
    can.page_with(form.status(), Editor { form, base })
}

pub async fn create(
    can: Can<Create, Suppression>,
    form: Form<SuppressForm>,
) -> Result<HttpResponse> {
    let typed = form.data.clone();
    match form.write(&can, |tx, wanted| wanted.suppress(tx)).await? {
        Ok(added) => answer(&can, &typed, added),
        Err(form) => editor(&can, form),
    }
}

fn answer(
    can: &Can<Create, Suppression>,
    typed: &SuppressForm,
    done: Added,
) -> Result<HttpResponse> {
    if can.asked.json() {
        return Ok(HttpResponse::Created().json(done));
    }
    let addresses = |n: usize| match n {
        1 => "1 address".to_owned(),
        n => format!("{} addresses", filters::thousands(&n.to_string())),
    };
    let text = match (done.added, done.known) {
        (added, 0) => format!("{} suppressed", addresses(added)),
        (0, _) => "On the list already".to_owned(),
        (added, known) => format!(
            "{} suppressed, {} on the list already",
            addresses(added),
            addresses(known)
        ),
    };
    if !done.refused.is_empty() {
        let mut form = Form::of(typed.rest(&done.refused));
        let help = "What is left here is no e-mail address: correct it, or leave it out.";
        form.refuse("emails", format!("{text}. {help}"));
        return editor(can, form);
    }
    can.redirect(&can.url(PATH), Some(Toast::done(text)))
}

pub async fn lift(can: Can<Archive, Suppression>, Id(id): Id) -> Result<HttpResponse> {
    let lifted = can.tx(move |tx| {
        let found = Suppression::find(tx, id)?;
        found.lift(tx)?;
        Ok(found)
    });
    let lifted = lifted.await?;
    let text = format!("{} may be written to again", lifted.email);
    can.done(&can.url(PATH), Toast::done(text))
}
