//! The first steps of a workspace: done or not by what is there, each for those who have the right to take it.

use actix_web::HttpResponse;
use diesel::prelude::*;
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::hidden_steps;
use platform::web::can::{Member, View as See};
use platform::web::{Can, Toast};
use serde::Serialize;

use super::Dashboard;
use super::overview::Overview;

pub const HIDING: &str = "/steps/hiding";

/// Something to set up once.
#[derive(Serialize)]
pub struct Step {
    pub label: &'static str,
    pub text: &'static str,
    pub url: String,
    pub done: bool,
}

/// The steps as they stand on the start page.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    /// What this member can do of it.
    pub fn of(member: &Member, overview: &Overview) -> Steps {
        let all = [
            (
                ("imports", "create"),
                "Bring your contacts",
                "From a file, or from the system you used before.",
                "/contacts/imports/new",
                overview.contacts,
            ),
            (
                ("settings", "edit"),
                "Set the postal address",
                "The law wants it at the foot of every mail.",
                "/settings/workspace",
                overview.address,
            ),
            (
                ("settings", "edit"),
                "Choose your brand colour",
                "It stands here, and on what the public sees.",
                "/settings/workspace",
                overview.brand,
            ),
            (
                ("members", "create"),
                "Invite a colleague",
                "They see only what their role allows.",
                "/settings/members/new",
                overview.colleagues,
            ),
            (
                ("deals", "create"),
                "Add your first deal",
                "It goes through stages, which you can name as you like.",
                "/deals/new",
                overview.deals,
            ),
            (
                ("forms", "create"),
                "Create a form",
                "For your site: whoever fills it in becomes a contact.",
                "/forms/new",
                overview.forms,
            ),
            (
                ("campaigns", "send"),
                "Send a first campaign",
                "One mail to everybody who should hear of something.",
                "/campaigns/new",
                overview.campaigns,
            ),
        ];
        let mine = all
            .into_iter()
            .filter(|((resource, action), ..)| member.may(resource, action));
        let steps = mine.map(|(_, label, text, path, done)| Step {
            label,
            text,
            url: member.url(path),
            done,
        });
        Steps(steps.collect())
    }

    pub fn all(&self) -> &[Step] {
        let Steps(all) = self;
        all
    }

    pub fn done(&self) -> usize {
        self.all().iter().filter(|step| step.done).count()
    }

    /// They are shown until all of them are done.
    pub fn are_left(&self) -> bool {
        self.done() < self.all().len()
    }
}

/// Whether I have had enough of them.
pub fn are_hidden(tx: &mut Tx) -> Result<bool> {
    let me = tx.me()?;
    let mine = hidden_steps::table.filter(hidden_steps::person_id.eq(me));
    Ok(diesel::select(diesel::dsl::exists(mine)).get_result(&mut **tx)?)
}

/// `PUT /w/{workspace}/steps/hiding`.
pub async fn hide(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    can.tx(|tx| {
        let hidden = diesel::insert_into(hidden_steps::table)
            .values((
                hidden_steps::person_id.eq(tx.me()?),
                hidden_steps::hidden_at.eq(tx.now),
            ))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        if hidden > 0 {
            tx.note_event("steps.hidden", "First steps", Changes::none());
        }
        Ok(())
    })
    .await?;
    let toast = Toast::done("The first steps are hidden; the help brings them back");
    can.done(&can.url(""), toast)
}

/// `DELETE /w/{workspace}/steps/hiding`.
pub async fn bring_back(can: Can<See, Dashboard>) -> Result<HttpResponse> {
    can.tx(|tx| {
        let mine = hidden_steps::table.filter(hidden_steps::person_id.eq(tx.me()?));
        if diesel::delete(mine).execute(&mut **tx)? > 0 {
            tx.note_event("steps.shown", "First steps", Changes::none());
        }
        Ok(())
    })
    .await?;
    can.done(&can.url(""), Toast::done("The first steps are back"))
}
