//! The start page of a workspace.

use actix_web::HttpResponse;
use platform::Result;
use platform::web::shell::NavItem;
use platform::web::{Can, Resource, Routes, can};

pub struct Dashboard;

impl Resource for Dashboard {
    const NAME: &'static str = "dashboard";
}

pub const NAV: NavItem = NavItem {
    keys: "g h",
    ..crate::routes::nav("", "Home", "", "house", "dashboard")
};

pub fn routes(r: &mut Routes) {
    r.get("", show);
}

async fn show(can: Can<can::View, Dashboard>) -> Result<HttpResponse> {
    can.redirect(&can.url("/contacts"), None)
}
