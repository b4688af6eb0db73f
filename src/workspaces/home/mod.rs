//! The start page of a workspace: what is under way, what changed, where one was, and what is still to be set up.

mod overview;
mod page;
#[cfg(test)]
mod tests;
mod trend;

use actix_web::HttpResponse;
use platform::Result;
use platform::clock;
use platform::web::shell::NavItem;
use platform::web::{Can, Resource, Routes, View, can};

use crate::workspaces::notifications::Notification;
use overview::{Asked, Overview, Recent};
use page::Home;
use trend::Days;

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

const NEWS: i64 = 6;

async fn show(can: Can<can::View, Dashboard>) -> Result<HttpResponse> {
    let days = Days::until(clock::now(), can.zone);
    let me = can.me();
    let asked = Asked {
        days: days.clone(),
        contacts: can.scope("contacts", "view").await?,
        imports: can.may("imports", "view"),
        campaigns: can.may("campaigns", "view"),
        me,
    };
    let (news, recent, overview) = can
        .tx(move |tx| {
            Ok((
                Notification::of(tx, me, NEWS)?,
                Recent::of(tx, me)?,
                Overview::load(tx, &asked)?,
            ))
        })
        .await?;
    can.page(Home::of(&can, days, news, recent, overview)?)
}
