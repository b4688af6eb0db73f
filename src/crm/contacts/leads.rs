//! The lead pipeline: contacts by how warm they are, those with most points first.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::{Statement, Tx};
use platform::records::Editable;
use platform::records::list::{COUNTED, Keyset, ListParams, Matching, Total};
use platform::records::listing::Listing;
use platform::records::undo;
use platform::web::can::{Edit, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View, filters, link};
use platform::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::choices::{LifecycleStage, Temperature};
use super::contact::Contact;
use super::fields::SORTS;
use super::form::ContactForm;

/// How many of a column are shown; the list has all of them.
const SHOWN: usize = 30;

const COLUMNS: [Temperature; 4] = [
    Temperature::Hot,
    Temperature::Warm,
    Temperature::Cold,
    Temperature::Dormant,
];

#[derive(Clone, Debug, QueryableByName, Serialize)]
struct Card {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    company: Option<String>,
    #[diesel(sql_type = Text)]
    temperature: Temperature,
    #[diesel(sql_type = Text)]
    lifecycle_stage: LifecycleStage,
    #[diesel(sql_type = Integer)]
    score: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_activity_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Column {
    temperature: Temperature,
    total: Total,
    cards: Vec<Card>,
}

#[derive(Template, Serialize)]
#[template(path = "crm/contacts/leads.html", blocks = ["results"])]
struct Leads {
    columns: Vec<Column>,
    #[serde(skip)]
    listing: Listing,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_add_tasks: bool,
}

impl Page for Leads {
    fn title(&self) -> String {
        "Leads".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let list = format!("{}/contacts", self.listing.root);
        vec![Crumb::to("Contacts", list), Crumb::here("Leads")]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            "filter" => Some(self.listing.filter_bar().render()),
            _ => None,
        }
    }
}

impl Leads {
    fn kept(&self) -> Vec<(String, String)> {
        self.listing.but("search")
    }
    fn url(&self, card: &Card, path: &str) -> String {
        format!("{}/contacts/{}{path}", self.listing.root, card.id)
    }
    fn task_url(&self, card: &Card) -> String {
        format!("{}/tasks/new?record={}", self.listing.root, card.id)
    }
    fn here(&self) -> String {
        format!("{}{}", self.listing.base, self.listing.params.url(&[]))
    }
    fn owner(&self, card: &Card) -> String {
        let name = card.owner_id.map(|id| self.listing.person(id));
        name.unwrap_or_default()
    }
    fn may_edit(&self, card: &Card) -> bool {
        self.listing.may_with("edit", card.owner_id)
    }
    fn stages(&self) -> Vec<(&'static str, &'static str)> {
        LifecycleStage::options()
    }
    fn stands(&self, card: &Card, stage: &str) -> bool {
        card.lifecycle_stage.key() == stage
    }
    /// The colour of the column.
    fn tone(&self, column: &Column) -> &'static str {
        match column.temperature {
            Temperature::Hot => "red",
            Temperature::Warm => "amber",
            Temperature::Cold => "blue",
            Temperature::Dormant => "slate",
        }
    }
    fn has_more(&self, column: &Column) -> bool {
        column.cards.len() as i64 != column.total.count || !column.total.exact
    }
    /// A column as a list, narrowed as the page is.
    fn list_url(&self, column: &Column) -> String {
        let warm = json!({"field": "temperature", "op": "is", "value": column.temperature});
        let filter: Option<Value> = serde_json::from_str(&self.listing.params.filter).ok();
        let rules: Vec<Value> = filter.into_iter().chain([warm]).collect();
        let filter = json!({ "and": rules }).to_string();
        let search = self.listing.params.search.as_str();
        let list = format!("{}/contacts", self.listing.root);
        link::filled(
            &list,
            [
                ("filter", filter.as_str()),
                ("search", search),
                ("sort", "-score"),
            ],
        )
    }
}

fn columns(tx: &mut Tx, params: &ListParams) -> Result<Vec<Column>> {
    let by_score = ListParams {
        sort: "-score".into(),
        cursor: None,
        ..params.clone()
    };
    let keyset = Keyset::of(tx, &by_score, &SORTS, "contacts")?;
    let matching = params.matching(&tx.scope, "contacts").beyond(&keyset);
    let cards = cards(tx, &keyset, &matching)?;
    // Common words are not counted; a card that is fetched alone tells nothing of its column.
    let uncounted = keyset.walks() && params.ids.is_empty();
    let counts = match uncounted {
        true => Vec::new(),
        false => counts(tx, &keyset, params)?,
    };
    let all: i64 = counts.iter().map(|c| c.count).sum();
    let column = |temperature: &Temperature| {
        let cards = cards.iter().filter(|c| c.temperature == *temperature);
        let cards: Vec<Card> = cards.cloned().collect();
        let counted = counts.iter().find(|c| c.temperature == *temperature);
        let count = counted.map_or(0, |c| c.count).max(cards.len() as i64);
        let exact = match uncounted {
            // A full column may go on.
            true => cards.len() < SHOWN,
            false if keyset.searches() => all <= COUNTED,
            false => count <= COUNTED,
        };
        Column {
            temperature: *temperature,
            total: Total {
                count: count.min(COUNTED),
                exact,
            },
            cards,
        }
    };
    Ok(COLUMNS.iter().map(column).collect())
}

/// The first of each column. Each column is named, since the planner knows how many are hot but not how many are `$1`.
fn cards(tx: &mut Tx, keyset: &Keyset, matching: &Matching) -> Result<Vec<Card>> {
    let mut s = Statement::default();
    let from = if keyset.gathers() {
        s.sql("with found as materialized (select contacts.workspace_id, contacts.id, contacts.temperature, contacts.score from contacts where ")
            .matching(matching.clone())
            .sql(") ");
        "found contacts where true"
    } else {
        "contacts where "
    };
    s.sql(
        "select c.id, coalesce(nullif(trim(c.first_name || ' ' || c.last_name), ''), c.email, c.phone, '') as name, \
         (select name from companies o where o.workspace_id = c.workspace_id and o.id = c.company_id) as company, \
         c.temperature, c.lifecycle_stage, c.score, c.owner_id, c.last_activity_at from (",
    );
    for (at, temperature) in COLUMNS.iter().enumerate() {
        let either = if at > 0 { " union all " } else { "" };
        s.sql(format!(
            "{either}(select {at} as n, contacts.workspace_id, contacts.id from {from}"
        ));
        if !keyset.gathers() {
            s.matching(matching.clone());
        }
        s.sql(format!(
            " and contacts.temperature = '{}' order by contacts.score desc, contacts.id desc limit {SHOWN})",
            temperature.key()
        ));
    }
    s.sql(
        ") first join contacts c on c.workspace_id = first.workspace_id and c.id = first.id \
         order by first.n, c.score desc, c.id desc",
    );
    Ok(s.load(&mut **tx)?)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    temperature: Temperature,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many each column has, to the bound of lists: those that hold some words all together, since the index of words doesn't
/// know how warm they are.
fn counts(tx: &mut Tx, keyset: &Keyset, params: &ListParams) -> Result<Vec<Counted>> {
    let all = ListParams {
        ids: Vec::new(),
        ..params.clone()
    };
    let matching = all.matching(&tx.scope, "contacts");
    let limit = COUNTED + 1;
    let mut s = Statement::default();
    if !keyset.searches() {
        for (at, temperature) in COLUMNS.iter().map(|t| t.key()).enumerate() {
            let either = if at > 0 { " union all " } else { "" };
            s.sql(format!("{either}select '{temperature}' as temperature, count(*) from (select 1 from contacts where contacts.temperature = '{temperature}' and "))
                .matching(matching.clone())
                .sql(format!(" limit {limit}) counted"));
        }
    } else {
        s.sql(
            "select temperature, count(*) from (select contacts.temperature from contacts where ",
        )
        .matching(matching)
        .sql(format!(" limit {limit}) counted group by 1"));
    }
    Ok(s.load(&mut **tx)?)
}

pub async fn show(can: Can<See, Contact>) -> Result<HttpResponse> {
    let (columns, listing) = Listing::beside(&can, "/leads", Vec::new(), columns).await?;
    can.page(Leads {
        columns,
        listing,
        zone: can.zone,
        may_add_tasks: can.may("tasks", "create"),
    })
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Move {
    pub lifecycle_stage: Option<LifecycleStage>,
    /// The page that leads here, to go back to.
    #[serde(skip_serializing)]
    #[validate(length(max = 4000))]
    pub back: String,
}

/// Into another stage, from wherever somebody sees the contact.
pub async fn move_to(
    can: Can<Edit, Contact>,
    Id(id): Id,
    form: Form<Move>,
) -> Result<HttpResponse> {
    let Move {
        lifecycle_stage,
        back,
    } = form.valid()?;
    let stage =
        lifecycle_stage.ok_or_else(|| Error::invalid("lifecycle_stage", "Choose a stage."))?;
    let (contact, event) = can
        .tx(move |tx| {
            let before = Contact::find(tx, id)?;
            let form = ContactForm {
                lifecycle_stage: stage,
                ..before.form()
            };
            let version = before.version;
            let contact = before.save(tx, form)?;
            let event = tx.tracked().filter(|_| contact.version != version);
            Ok((contact, event))
        })
        .await?;
    let url = match back.starts_with(&can.url("/")) {
        true => back,
        false => contact.url(&can),
    };
    let words = format!("{} is in the stage {} now", contact.name(), stage.label());
    let undo = event.map(|event| undo::url::<Contact>(&can, event));
    let toast = Toast::done(words).undone_at(undo, Some(&url));
    can.updated(&url, contact.version, &contact, toast)
}
