//! The API's description, for programs (`/api/openapi.json`) and for the people who write them (`/api/docs`).

mod shown;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::web::{Page, Public, Routes, openapi};
use serde::Serialize;
use serde_json::Value;

use shown::Group;

pub fn routes(r: &mut Routes) {
    r.get("/api/openapi.json", document)
        .get("/api/docs", reference);
}

/// The same for all who ask, and made at the first time.
fn described(public_url: &str) -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let tables = crate::routes::tables();
        let routes: Vec<_> = tables.into_iter().flat_map(|t| t.table).collect();
        openapi::document(&routes, env!("CARGO_PKG_VERSION"), public_url)
    })
}

async fn document(public: Public) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "public, max-age=300"))
        .json(described(&public.app.config.public_url))
}

#[derive(Template, Serialize)]
#[template(path = "ops/reference/index.html")]
struct Reference {
    address: String,
    groups: Vec<Group>,
}

impl Page for Reference {
    fn title(&self) -> String {
        "API reference".into()
    }
}

async fn reference(public: Public) -> Result<HttpResponse> {
    let address = public.app.config.public_url.clone();
    let groups = Group::all(described(&address));
    public.bare(Reference { address, groups })
}
