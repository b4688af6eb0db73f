//! The requests that bring a campaign from one state to the next.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use platform::db::Tx;
use platform::records::Editable;
use platform::web::can::SendMail;
use platform::web::{Can, Form, Id, Toast};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::campaign::Campaign;
use super::show;
use super::states::Installation;

type Sends = Can<SendMail, Campaign>;

/// Makes the change and shows the campaign.
async fn change(
    can: &Sends,
    id: Uuid,
    said: &'static str,
    work: impl FnOnce(&Campaign, &mut Tx, &Installation) -> Result<Campaign> + Send + 'static,
) -> Result<HttpResponse> {
    let installation = Installation::of(&can.app.config);
    let campaign = can
        .tx(move |tx| {
            let campaign = Campaign::find(tx, id)?;
            work(&campaign, tx, &installation)
        })
        .await?;
    let url = can.url(&format!("/campaigns/{id}"));
    can.updated(&url, campaign.version, &campaign, Toast::done(said))
}

pub async fn send(can: Sends, Id(id): Id) -> Result<HttpResponse> {
    change(&can, id, "Sending has begun", |c, tx, i| c.start(tx, i)).await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ScheduleForm {
    pub scheduled_at: String,
}

pub async fn schedule(
    can: Sends,
    Id(id): Id,
    mut form: Form<ScheduleForm>,
) -> Result<HttpResponse> {
    let at = moment(&form.data.scheduled_at, can.zone);
    let Some(at) = at.filter(|at| *at > platform::clock::now()) else {
        form.refuse("scheduled_at", "Choose a time that is still to come.");
        if can.asked.json() {
            form.clone().valid()?;
        }
        return show::show_again(&can, id, form).await;
    };
    change(&can, id, "The campaign is scheduled", move |c, tx, i| {
        c.schedule(tx, at, i)
    })
    .await
}

/// A time as a program writes it, or as the field of a page does: without a zone, in that of the person.
fn moment(text: &str, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())?;
    local
        .and_local_timezone(zone)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
}

pub async fn unschedule(can: Sends, Id(id): Id) -> Result<HttpResponse> {
    change(&can, id, "It is a draft again", |c, tx, _| c.unschedule(tx)).await
}

pub async fn pause(can: Sends, Id(id): Id) -> Result<HttpResponse> {
    change(&can, id, "Sending is paused", |c, tx, _| c.pause(tx)).await
}

pub async fn resume(can: Sends, Id(id): Id) -> Result<HttpResponse> {
    change(&can, id, "Sending goes on", |c, tx, _| c.resume(tx)).await
}

pub async fn cancel(can: Sends, Id(id): Id) -> Result<HttpResponse> {
    change(&can, id, "The campaign is cancelled", |c, tx, _| {
        c.cancel(tx)
    })
    .await
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct HeldForm {
    /// `again` or `sent`.
    pub decision: String,
}

pub async fn settle(can: Sends, Id(id): Id, form: Form<HeldForm>) -> Result<HttpResponse> {
    let again = match form.data.decision.as_str() {
        "again" => true,
        "sent" => false,
        _ => return Err(Error::invalid("decision", "Decide for “again” or “sent”.")),
    };
    let said = if again {
        "They are sent again"
    } else {
        "They count as sent"
    };
    change(&can, id, said, move |c, tx, _| c.settle_held(tx, again)).await
}
