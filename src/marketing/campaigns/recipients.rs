//! The recipients of a campaign, one row each.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use platform::db::Tx;
use platform::events::Event;
use platform::records::Editable;
use platform::records::timeline::{Found, Part, Sought};
use platform::schema::{campaign_recipients as r, campaigns, records};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, filters, link};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PATH;
use super::campaign::Campaign;
use super::results::Counts;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg))]
pub struct Recipient {
    pub id: Uuid,
    pub contact_id: Option<Uuid>,
    pub email: String,
    pub status: String,
    pub error: String,
    pub sent_at: Option<DateTime<Utc>>,
    pub opened_at: Option<DateTime<Utc>>,
    pub clicked_at: Option<DateTime<Utc>>,
    pub unsubscribed_at: Option<DateTime<Utc>>,
}

/// A recipient with the contact's name, while there is one.
#[derive(Clone, Debug, Queryable, Serialize)]
struct Named {
    #[serde(flatten)]
    recipient: Recipient,
    name: Option<String>,
}

/// Which of them are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A state, or what they did: `opened`, `clicked`, `unsubscribed`.
    status: String,
    /// A part of the address.
    search: String,
    cursor: Option<Uuid>,
    limit: Option<i64>,
}

impl Asked {
    fn limit(&self) -> i64 {
        self.limit.unwrap_or(50).clamp(1, 1_000)
    }
}

impl Named {
    /// One more than are asked for, to tell whether there are more.
    fn of(tx: &mut Tx, campaign: Uuid, asked: &Asked) -> Result<Vec<Named>> {
        let mut query = r::table
            .left_join(records::table.on(records::id.nullable().eq(r::contact_id)))
            .filter(r::campaign_id.eq(campaign))
            .into_boxed();
        query = match asked.status.as_str() {
            "" => query,
            "opened" => query.filter(r::opened_at.is_not_null()),
            "clicked" => query.filter(r::clicked_at.is_not_null()),
            "unsubscribed" => query.filter(r::unsubscribed_at.is_not_null()),
            status => query.filter(r::status.eq(status.to_owned())),
        };
        let words = asked.search.trim().to_lowercase();
        if !words.is_empty() {
            let found =
                diesel::dsl::sql::<diesel::sql_types::Bool>("strpos(campaign_recipients.email, ");
            query = query.filter(found.bind::<diesel::sql_types::Text, _>(words).sql(") > 0"));
        }
        if let Some(after) = asked.cursor {
            query = query.filter(r::id.gt(after));
        }
        Ok(query
            .order(r::id)
            .limit(asked.limit() + 1)
            .select((Recipient::as_select(), records::title.nullable()))
            .load(&mut **tx)?)
    }
}

impl Recipient {
    /// Those of whom something is to be said: failed and held, the first of them.
    pub fn amiss(tx: &mut Tx, campaign: Uuid, limit: i64) -> Result<Vec<Recipient>> {
        Ok(r::table
            .filter(r::campaign_id.eq(campaign))
            .filter(r::status.eq_any(["held", "failed"]))
            .order((r::status.desc(), r::id))
            .limit(limit)
            .select(Recipient::as_select())
            .load(&mut **tx)?)
    }

    /// In people's words.
    pub fn state(&self) -> &'static str {
        match self.status.as_str() {
            "sent" => "Sent",
            "failed" => "Failed",
            "skipped" => "Skipped",
            "held" => "Held",
            "claimed" => "Being sent",
            _ => "Waiting",
        }
    }

    pub fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "sent" => "success",
            "failed" => "danger",
            "held" => "warning",
            "pending" | "claimed" => "info",
            _ => "",
        }
    }
}

/// The mails of campaigns that a contact got, for its timeline: a million of them are no million events more.
pub fn mails_to(
    tx: &mut Tx,
    contact: Uuid,
    until: Option<DateTime<Utc>>,
    most: i64,
    sought: &Sought,
) -> Result<Found> {
    if !sought.wants(Part::Mails) {
        return Ok(Found::default());
    }
    let holds = sql::<Bool>("(")
        .bind::<Text, _>(sought.words.clone())
        .sql(" = '' or strpos(fold(campaigns.name), fold(")
        .bind::<Text, _>(sought.words.clone())
        .sql(")) > 0)");
    let mails: Vec<(Uuid, Option<DateTime<Utc>>, String)> = r::table
        .inner_join(campaigns::table.on(campaigns::id.eq(r::campaign_id)))
        .filter(r::contact_id.eq(contact))
        .filter(r::status.eq("sent"))
        .filter(holds)
        .filter(r::sent_at.lt(until.unwrap_or(tx.now)))
        .order(r::sent_at.desc())
        .limit(most)
        .select((r::id, r::sent_at, campaigns::name))
        .load(&mut **tx)?;
    let told = mails.into_iter().filter_map(|(id, at, name)| {
        let mut event = Event::new("campaign.mail_sent", None, &tx.origin, at?);
        event.id = id;
        event.actor_name = "Nexus".to_owned();
        event.with("campaign", name);
        Some(event)
    });
    Ok(told.collect::<Vec<_>>().into())
}

#[derive(Template, Serialize)]
#[template(path = "marketing/campaigns/recipients.html", blocks = ["results"])]
struct Recipients {
    items: Vec<Named>,
    next_cursor: Option<Uuid>,
    #[serde(skip)]
    campaign: Campaign,
    #[serde(skip)]
    counts: Counts,
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    contacts: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Recipients {
    fn title(&self) -> String {
        format!("Recipients of {}", self.campaign.name)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Campaigns", &self.base),
            Crumb::to(&self.campaign.name, self.campaign_url()),
            Crumb::here("Recipients"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Recipients {
    fn campaign_url(&self) -> String {
        format!("{}/{}", self.base, self.campaign.id)
    }
    fn url(&self) -> String {
        format!("{}/recipients", self.campaign_url())
    }
    fn with(&self, status: &str, cursor: Option<Uuid>) -> String {
        let cursor = cursor.map(|id| id.to_string()).unwrap_or_default();
        let search = self.asked.search.as_str();
        let pairs = [("status", status), ("search", search), ("cursor", &cursor)];
        link::filled(&self.url(), pairs)
    }
    /// Each way to look at them: name, address, whether it is this one, how many.
    fn tabs(&self) -> Vec<(&'static str, String, bool, String)> {
        let c = &self.counts;
        let all = [
            ("All", "", c.recipients),
            ("Sent", "sent", c.sent),
            ("Opened", "opened", c.opened),
            ("Clicked", "clicked", c.clicked),
            ("Unsubscribed", "unsubscribed", c.unsubscribed),
            ("Skipped", "skipped", c.skipped),
            ("Failed", "failed", c.failed),
            ("Held", "held", c.held),
        ];
        let shown = |(_, status, n): &(&str, &str, i64)| {
            *n > 0 || status.is_empty() || self.asked.status == *status
        };
        let tab = |(label, status, n): (&'static str, &str, i64)| {
            let count = filters::thousands(&n.to_string());
            (
                label,
                self.with(status, None),
                self.asked.status == status,
                count,
            )
        };
        all.into_iter().filter(shown).map(tab).collect()
    }
    fn next_url(&self) -> String {
        let next = self
            .next_cursor
            .map(|c| self.with(&self.asked.status, Some(c)));
        next.unwrap_or_default()
    }
    fn first_url(&self) -> String {
        let first = self
            .asked
            .cursor
            .map(|_| self.with(&self.asked.status, None));
        first.unwrap_or_default()
    }
    fn shown(&self) -> String {
        format!("{} shown", self.items.len())
    }
}

pub async fn index(can: Can<See, Campaign>, Id(id): Id) -> Result<HttpResponse> {
    let asked = actix_web::web::Query::<Asked>::from_query(&can.asked.query)
        .map_err(|_| Error::bad_request("The cursor is not one of ours."))?
        .into_inner();
    let (base, contacts, zone) = (can.url(PATH), can.url("/contacts"), can.zone);
    let page = can.tx(move |tx| {
        let campaign = Campaign::find(tx, id)?;
        let mut items = Named::of(tx, id, &asked)?;
        let more = items.len() as i64 > asked.limit();
        items.truncate(asked.limit() as usize);
        Ok(Recipients {
            next_cursor: items.last().filter(|_| more).map(|r| r.recipient.id),
            counts: Counts::of(tx, id)?,
            items,
            campaign,
            asked,
            base,
            contacts,
            zone,
        })
    });
    can.page(page.await?)
}
