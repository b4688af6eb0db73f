//! The profile, and the quick switches of the frame's menu.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use diesel::prelude::*;
use platform::db::text_enum::Choice;
use platform::schema::people;
use platform::web::{Crumb, Form, Page, SignedIn, Toast, View, page};
use platform::{Result, clock};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::form::{Density, Language, ProfileForm, Theme};

#[derive(Template, Serialize)]
#[template(path = "identity/profile/edit.html")]
struct Edit {
    form: Form<ProfileForm>,
    email: String,
}

impl Page for Edit {
    fn title(&self) -> String {
        "Profile".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Profile")]
    }
}

impl Edit {
    fn themes(&self) -> Vec<(&'static str, &'static str)> {
        pairs(Theme::CHOICES)
    }
    fn densities(&self) -> Vec<(&'static str, &'static str)> {
        pairs(Density::CHOICES)
    }
    fn languages(&self) -> Vec<(&'static str, &'static str)> {
        pairs(Language::CHOICES)
    }
    fn zones(&self) -> impl Iterator<Item = &'static str> {
        clock::zones()
    }
}

fn pairs(choices: &[Choice]) -> Vec<(&'static str, &'static str)> {
    choices.iter().map(|c| (c.key, c.label)).collect()
}

pub async fn edit(who: SignedIn) -> Result<HttpResponse> {
    who.page(Edit {
        form: Form::of(ProfileForm::from(&who.identity.person)),
        email: who.identity.person.email.clone(),
    })
}

pub async fn update(who: SignedIn, form: Form<ProfileForm>) -> Result<HttpResponse> {
    let form = form.over(&ProfileForm::from(&who.identity.person));
    form.for_people(&who.asked)?;
    if !form.is_valid() {
        let email = who.identity.person.email.clone();
        return who.page_with(StatusCode::UNPROCESSABLE_ENTITY, Edit { form, email });
    }
    let saved = form.data;
    write(&who, saved.clone()).await?;
    if who.asked.json() {
        return Ok(HttpResponse::Ok().json(saved));
    }
    page::redirect(&who.app, "/profile", Some(Toast::done("Saved")))
}

async fn write(who: &SignedIn, form: ProfileForm) -> Result<()> {
    let me = who.identity.person.id;
    who.app
        .directory(move |conn| {
            diesel::update(people::table.find(me))
                .set(&form)
                .execute(conn)?;
            Ok(())
        })
        .await?;
    who.app.access.forget();
    Ok(())
}

/// The switches that work at once; what is not sent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Switches {
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<Theme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    density: Option<Density>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortcuts: Option<bool>,
}

pub async fn theme(who: SignedIn, req: HttpRequest, form: Form<Switches>) -> Result<HttpResponse> {
    let switches = form.valid()?;
    let mut mine = ProfileForm::from(&who.identity.person);
    mine.theme = switches.theme.unwrap_or(mine.theme);
    mine.density = switches.density.unwrap_or(mine.density);
    mine.shortcuts = switches.shortcuts.unwrap_or(mine.shortcuts);
    write(&who, mine).await?;
    if who.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    page::redirect(&who.app, &came_from(&req), None)
}

/// The page on which the switch stands, where the browser tells.
fn came_from(req: &HttpRequest) -> String {
    let referer = req
        .headers()
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok());
    let url = referer.and_then(|text| url::Url::parse(text).ok());
    match url {
        Some(url) => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        None => "/profile".to_owned(),
    }
}
