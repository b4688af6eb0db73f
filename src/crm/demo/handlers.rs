//! The page of the demo data: what it is or what would go, and the button for it.

use actix_web::HttpResponse;
use askama::Template;
use platform::db::Scope;
use platform::db::tx::Subject;
use platform::web::can::Create;
use platform::web::{Can, Crumb, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;

use super::set::Set;
use super::{Counts, PATH, adding, is_here, may_try, removing};
use crate::crm::imports::Import;

#[derive(Template, Serialize)]
#[template(path = "crm/demo/show.html")]
struct Show {
    /// Whether it is here.
    here: bool,
    /// What it brings, or what would go with it.
    counts: Counts,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    home: String,
}

impl Page for Show {
    fn title(&self) -> String {
        "Demo data".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::to("Home", &self.home), Crumb::here("Demo data")]
    }
}

impl Show {
    fn lines(&self) -> [(&'static str, &'static str, usize); 5] {
        let Counts {
            contacts,
            companies,
            deals,
            tasks,
            activities,
        } = self.counts;
        [
            ("users", "Contacts", contacts),
            ("building-2", "Companies", companies),
            ("briefcase", "Deals", deals),
            ("list-todo", "Tasks", tasks),
            ("phone", "Calls, meetings and e-mails", activities),
        ]
    }
}

fn allowed(can: &Can<Create, Import>) -> Result<()> {
    match may_try(can) {
        true => Ok(()),
        false => Err(Error::Forbidden(format!(
            "Demo data takes the rights to import and to archive contacts, companies, deals and tasks. Your role ({}) does not include them all.",
            can.membership.role_name
        ))),
    }
}

/// All of it is meant, whoever owns it by now.
fn everybodys(can: &Can<Create, Import>) -> Subject {
    Subject {
        scope: Scope::All,
        ..can.subject()
    }
}

pub async fn show(can: Can<Create, Import>) -> Result<HttpResponse> {
    allowed(&can)?;
    let (here, counts) = can
        .tx(|tx| match is_here(tx)? {
            true => Ok((true, removing::what_goes(tx)?)),
            false => Ok((false, Set::read()?.counts())),
        })
        .await?;
    can.page(Show {
        here,
        counts,
        base: can.url(PATH),
        home: can.url(""),
    })
}

pub async fn add(can: Can<Create, Import>) -> Result<HttpResponse> {
    allowed(&can)?;
    let zone = can.zone;
    let work = can
        .app
        .tx(everybodys(&can), move |tx| adding::add(tx, zone));
    work.await?;
    can.app.forget_setup(can.membership.workspace_id);
    let toast = Toast::done("The demo data is here. Look around, and change what you like");
    can.done(&can.url("/contacts"), toast)
}

pub async fn remove(can: Can<Create, Import>) -> Result<HttpResponse> {
    allowed(&can)?;
    let app = can.app.clone();
    let work = move |tx: &mut platform::db::Tx| removing::remove(tx, &app.kinds);
    can.app.tx(everybodys(&can), work).await?;
    can.app.forget_setup(can.membership.workspace_id);
    can.done(&can.url(""), Toast::done("The demo data is gone"))
}
