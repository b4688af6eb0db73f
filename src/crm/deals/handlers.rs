//! The pages of deals, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::editing::{self, Editing};
use platform::records::open::{Opened, open};
use platform::records::shown::{decimal, money};
use platform::web::can::{Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, View, filters};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::choices::{DealKind, Role};
use super::deal::Deal;
use super::form::DealForm;
use super::list::{Row, tone};
use super::people::Person;
use super::steps::{Way, spell};
use crate::crm::companies;
use crate::crm::contacts::{self, LeadSource};
use crate::crm::pipelines::{Pipeline, Reason, Stage, StageKind};
use crate::workspaces::settings::CURRENCIES;

#[derive(Template, Serialize)]
#[template(path = "crm/deals/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Deal>,
    #[serde(flatten)]
    way: Way,
    people: Vec<Person>,
    #[serde(skip)]
    likely: Vec<(String, String)>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn amount(&self) -> String {
        let deal = &self.opened.row.deal;
        money(deal.amount, &deal.currency)
    }
    /// What it is worth by how likely it is, where that says more than the amount does.
    fn weighted(&self) -> String {
        let row = &self.opened.row;
        match row.deal.status == StageKind::Open && row.deal.amount > 0 {
            true => money(row.weighted(), &row.deal.currency),
            false => String::new(),
        }
    }
    fn tone(&self) -> &'static str {
        tone(self.opened.row.deal.status)
    }
    /// The role that is offered first.
    fn is_usual(&self, role: &str) -> bool {
        role == Role::DecisionMaker.key()
    }
    fn is_open(&self) -> bool {
        self.opened.row.deal.status == StageKind::Open
    }
    /// Whether it can be moved by whoever looks.
    fn may_move(&self) -> bool {
        self.opened.sheet.may_edit && self.opened.row.deal.archived_at.is_none()
    }
    fn ends(&self, kind: StageKind) -> bool {
        self.way.steps.iter().any(|step| step.stage.kind == kind)
    }
    fn who(&self, id: Option<Uuid>) -> String {
        id.map_or_else(String::new, |id| {
            self.opened.sheet.names.person(id).into_owned()
        })
    }
    fn stood(&self, seconds: &i64) -> String {
        spell(*seconds)
    }
    fn choices_url(&self) -> String {
        format!("{}/records/contact/choices", self.opened.sheet.root)
    }
    fn person_url(&self, person: &Person) -> String {
        self.opened.url(&format!("/contacts/{}", person.id))
    }
}

pub async fn show(can: Can<See, Deal>, Id(id): Id) -> Result<HttpResponse> {
    let more = |tx: &mut Tx, row: &Row| {
        let people = Person::of(tx, &row.deal)?;
        Ok((Way::of(tx, &row.deal)?, people, Person::likely(tx)?))
    };
    let (opened, (way, people, likely)) = open(&can, id, more).await?;
    let page = Show {
        opened,
        way,
        people,
        likely,
    };
    can.versioned(page.opened.row.deal.version, page)
}

/// What the form of a deal has to choose from.
#[derive(Default)]
struct Choices {
    companies: Vec<(String, String)>,
    contacts: Vec<(String, String)>,
    /// The stages of each pipeline.
    pipelines: Vec<(String, Vec<Stage>)>,
    won: Vec<(String, String)>,
    lost: Vec<(String, String)>,
}

impl Choices {
    fn read(tx: &mut Tx, form: &DealForm) -> Result<Choices> {
        let all = Stage::all(tx)?;
        let shown = |p: &Pipeline, stages: &[Stage]| {
            p.archived_at.is_none() || stages.iter().any(|s| Some(s.id) == form.stage_id)
        };
        let pipelines = Pipeline::all(tx)?.into_iter().map(|p| {
            let own: Vec<Stage> = all
                .iter()
                .filter(|s| s.pipeline_id == p.id)
                .cloned()
                .collect();
            (p, own)
        });
        let pipelines = pipelines.filter(|(p, stages)| shown(p, stages));
        Ok(Choices {
            pipelines: pipelines.map(|(p, stages)| (p.name, stages)).collect(),
            companies: chooser::likely(tx, &companies::KIND, form.company_id)?,
            contacts: chooser::likely(tx, &contacts::KIND, form.contact_id)?,
            won: Reason::choices(tx, StageKind::Won)?,
            lost: Reason::choices(tx, StageKind::Lost)?,
        })
    }
}

/// The form, for a new deal or one that is there.
#[derive(Template, Serialize)]
#[template(path = "crm/deals/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Deal>,
    #[serde(skip)]
    choices: Choices,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

impl Editor {
    /// The amount as people write it: what is kept is a whole number, what was typed is text.
    fn amount(&self) -> String {
        match self.editing.form.raw("amount").and_then(Value::as_i64) {
            Some(0) => String::new(),
            Some(minor) => decimal(minor),
            None => self.editing.form.value("amount"),
        }
    }
    fn currencies(&self) -> &'static [&'static str] {
        CURRENCIES
    }
    /// A reason is asked for where the deal ended, or is about to.
    fn asks_for_reason(&self) -> bool {
        let form = &self.editing.form;
        let ended = self.editing.record.as_ref();
        ended.is_some_and(|deal| deal.status != StageKind::Open)
            || form.error("reason_id").is_some()
            || form.data.reason_id.is_some()
    }
}

pub(super) async fn editor<A: Action>(
    can: &Can<A, Deal>,
    editing: Editing<Deal>,
) -> Result<HttpResponse> {
    let page = |editing, choices| Editor { editing, choices };
    editing.show(can, Choices::read, page).await
}

pub async fn new(can: Can<Create, Deal>) -> Result<HttpResponse> {
    let asked = |name: &str| can.asked.param(name).and_then(|id| id.parse::<Uuid>().ok());
    let (pipeline, stage, contact) = (asked("pipeline"), asked("stage"), asked("contact"));
    let given = asked("company");
    let begins = can.tx(move |tx| {
        let stage = match stage {
            Some(id) => Stage::find(tx, id)?,
            None => Stage::first(tx, pipeline)?,
        };
        let company = match (given, contact) {
            (None, Some(contact)) => Deal::employer_of(tx, contact)?,
            (given, _) => given,
        };
        let currency = Pipeline::find(tx, stage.pipeline_id)?.currency;
        Ok((stage.id, currency, company))
    });
    let (stage, currency, company_id) = begins.await?;
    let form = DealForm {
        stage_id: Some(stage),
        currency,
        company_id,
        contact_id: contact,
        closes_on: can
            .asked
            .param("closes_on")
            .and_then(|day| day.parse().ok()),
        owner_id: Some(can.me()),
        ..DealForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, Deal>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Deal>, form: Form<DealForm>) -> Result<HttpResponse> {
    editing::create(&can, form, "is added", editor).await
}

pub async fn update(can: Can<Edit, Deal>, id: Id, form: Form<DealForm>) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
