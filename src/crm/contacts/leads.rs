//! The lead pipeline: contacts by how warm they are, those with most points first.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::{Statement, Tx};
use platform::records::Editable;
use platform::records::list::{COUNTED, ListParams, Total};
use platform::records::listing::Listing;
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

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = Array<BigInt>)]
    counts: Vec<i64>,
}

fn columns(tx: &mut Tx, params: &ListParams) -> Result<Vec<Column>> {
    let temperatures = COLUMNS.iter().enumerate();
    let temperatures = temperatures.map(|(n, t)| format!("({n}, '{}')", t.key()));
    let temperatures = temperatures.collect::<Vec<_>>().join(", ");
    let from = format!("(values {temperatures}) t (n, temperature)");
    let mut s = Statement::default();
    s.sql(
        "select c.id, coalesce(nullif(trim(c.first_name || ' ' || c.last_name), ''), c.email, c.phone, '') as name, \
         (select name from companies o where o.workspace_id = c.workspace_id and o.id = c.company_id) as company, \
         c.temperature, c.lifecycle_stage, c.score, c.owner_id, c.last_activity_at from ",
    )
    .sql(from.clone())
    .sql(" cross join lateral (select contacts.workspace_id, contacts.id from contacts where contacts.temperature = t.temperature and ")
    .matching(params.matching(&tx.scope, "contacts"))
    .sql(format!(
        " order by contacts.score desc, contacts.id desc limit {SHOWN}) found \
         join contacts c on c.workspace_id = found.workspace_id and c.id = found.id order by t.n, c.score desc, c.id desc"
    ));
    let cards: Vec<Card> = s.load(&mut **tx)?;
    let all = ListParams {
        ids: Vec::new(),
        ..params.clone()
    };
    let mut s = Statement::default();
    s.sql(
        "select array(select (select count(*) from (select 1 from contacts where contacts.temperature = t.temperature and ",
    )
    .matching(all.matching(&tx.scope, "contacts"))
    .sql(format!(
        " limit {}) counted) from {from} order by t.n) as counts",
        COUNTED + 1
    ));
    let counts: Counts = s.get_result(&mut **tx)?;
    let column = |(temperature, count): (&Temperature, &i64)| Column {
        temperature: *temperature,
        total: Total {
            count: (*count).min(COUNTED),
            exact: *count <= COUNTED,
        },
        cards: cards
            .iter()
            .filter(|c| c.temperature == *temperature)
            .cloned()
            .collect(),
    };
    Ok(COLUMNS.iter().zip(&counts.counts).map(column).collect())
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
    let contact = can
        .tx(move |tx| {
            let contact = Contact::find(tx, id)?;
            let form = ContactForm {
                lifecycle_stage: stage,
                ..contact.form()
            };
            contact.save(tx, form)
        })
        .await?;
    let url = match back.starts_with(&can.url("/")) {
        true => back,
        false => contact.url(&can),
    };
    let toast = Toast::done(format!("{} is {} now", contact.name(), stage.label()));
    can.updated(&url, contact.version, &contact, toast)
}
