//! `/styleguide`: every component in every state, while developing.

use actix_web::HttpResponse;
use askama::Template;
use platform::web::shell::Crumb;
use platform::web::{Form, Page, Routes, SignedIn, View};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use validator::Validate;

pub fn routes(r: &mut Routes) {
    r.get("/styleguide", show);
}

/// A field of each sort.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
struct Example {
    first_name: String,
    last_name: String,
    email: String,
    status: String,
    amount: String,
    currency: String,
    tags: Vec<String>,
    channels: Vec<String>,
    plan: String,
    notes: String,
}

#[derive(Template, Serialize)]
#[template(path = "platform/styleguide.html")]
struct Styleguide {
    form: Form<Example>,
}

impl Page for Styleguide {
    fn title(&self) -> String {
        "Styleguide".into()
    }

    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Styleguide")]
    }
}

async fn show(who: SignedIn) -> Result<HttpResponse> {
    if who.app.config.production {
        return Err(Error::NotFound);
    }
    let mut form = Form::of(Example {
        first_name: "Ada".into(),
        email: "ada@".into(),
        status: "customer".into(),
        amount: "1,200.00".into(),
        currency: "EUR".into(),
        tags: vec!["vip".into(), "lisbon".into()],
        channels: vec!["email".into()],
        plan: "a".into(),
        notes: "Met at the boat show.".into(),
        ..Example::default()
    });
    form.refuse("last_name", "Please enter a last name.");
    form.refuse(
        "email",
        "Please enter an e-mail address such as ann@example.com.",
    );
    who.page(Styleguide { form })
}
