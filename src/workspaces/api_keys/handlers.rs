//! The pages of API keys.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use chrono_tz::Tz;
use platform::web::can::{Archive, Create, View as See};
use platform::web::idempotency::ShownOnce;
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View, filters};
use platform::{Error, Result, clock};
use serde::Serialize;

use super::api_key::{ApiKey, ApiKeyForm};
use crate::routes::rights;
use crate::workspaces::roles::ACTIONS;
use crate::workspaces::settings;

const PATH: &str = "/settings/api-keys";

#[derive(Template, Serialize)]
#[template(path = "workspaces/api_keys/index.html")]
struct Index {
    items: Vec<ApiKey>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "API keys".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("API keys")]
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn url(&self, key: &ApiKey) -> String {
        format!("{}/{}", self.base, key.id)
    }
    fn is_over(&self, key: &ApiKey) -> bool {
        key.is_over(clock::now())
    }
}

pub async fn index(can: Can<See, ApiKey>) -> Result<HttpResponse> {
    let items = can.tx(ApiKey::all).await?;
    can.page(Index {
        items,
        base: can.url(PATH),
        zone: can.zone,
        may_create: can.may("api_keys", "create"),
        may_archive: can.may("api_keys", "archive"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/api_keys/form.html")]
struct New {
    form: Form<ApiKeyForm>,
    /// Each resource with its scopes: the value and the word for it.
    #[serde(skip)]
    groups: Vec<(&'static str, Vec<(String, &'static str)>)>,
    #[serde(skip)]
    base: String,
}

impl Page for New {
    fn title(&self) -> String {
        "New API key".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("API keys", &self.base),
            Crumb::here("New"),
        ]
    }
}

impl New {
    fn lifetimes(&self) -> [(&'static str, &'static str); 4] {
        [
            ("30", "30 days"),
            ("90", "90 days"),
            ("365", "A year"),
            ("1095", "Three years"),
        ]
    }
}

pub async fn new(can: Can<Create, ApiKey>) -> Result<HttpResponse> {
    let form = Form::of(ApiKeyForm {
        days: Some(365),
        ..ApiKeyForm::default()
    });
    editor(&can, form)
}

fn editor(can: &Can<Create, ApiKey>, form: Form<ApiKeyForm>) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    // A key can't do more than the person, so only what they may do is offered.
    let group = |resource: &'static str| {
        let actions = rights()[resource].iter();
        let mut mine: Vec<_> = actions.filter(|action| can.may(resource, action)).collect();
        mine.sort_by_key(|action| ACTIONS.iter().position(|a| a == action));
        let scopes: Vec<_> = mine
            .into_iter()
            .map(|action| (format!("{resource}:{action}"), action.as_str()))
            .collect();
        (resource, scopes)
    };
    let groups = rights().keys().map(|resource| group(resource));
    let page = New {
        form,
        groups: groups.filter(|(_, scopes)| !scopes.is_empty()).collect(),
        base: can.url(PATH),
    };
    can.page_with(page.form.status(), page)
}

/// The one page that shows the key.
#[derive(Template, Serialize)]
#[template(path = "workspaces/api_keys/created.html")]
struct Created {
    #[serde(flatten)]
    api_key: ApiKey,
    key: String,
    #[serde(skip)]
    base: String,
}

impl Page for Created {
    fn title(&self) -> String {
        format!("The key {} is there", self.api_key.name)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("API keys", &self.base),
            Crumb::here(&self.api_key.name),
        ]
    }
}

pub async fn create(can: Can<Create, ApiKey>, mut form: Form<ApiKeyForm>) -> Result<HttpResponse> {
    if can.by_key() {
        return Err(Error::Forbidden(
            "A key can't make keys: sign in to make one.".into(),
        ));
    }
    let problems = form.data.problems();
    form.refuse_all(problems);
    if !form.is_valid() {
        return editor(&can, form);
    }
    let (api_key, key) = can.tx(move |tx| ApiKey::create(tx, form.data)).await?;
    let base = can.url(PATH);
    let location = format!("/api/v1{base}/{}", api_key.id);
    let page = Created { api_key, key, base };
    let mut response = can.page_with(StatusCode::CREATED, page)?;
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

pub async fn revoke(can: Can<Archive, ApiKey>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let key = ApiKey::find(tx, id)?;
            key.revoke(tx)?;
            Ok(key.name)
        })
        .await?;
    can.app.access.forget();
    can.done(
        &can.url(PATH),
        Toast::done(format!("{name} no longer works")),
    )
}
