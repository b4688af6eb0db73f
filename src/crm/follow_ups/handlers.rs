//! The pages of the rules, and their API.

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use platform::Result;
use platform::db::Tx;
use platform::filter::FilterEditor;
use platform::web::can::{Manage, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View, filters};
use serde::Serialize;

use super::rule::{Rule, RuleForm, catalogue, draft};
use crate::crm::tasks::{Priority, TaskKind};

const PATH: &str = "/settings/follow-ups";

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    rule: Rule,
    /// Whom it looks at, in words.
    who: String,
}

#[derive(Template, Serialize)]
#[template(path = "crm/follow_ups/index.html")]
struct Index {
    items: Vec<Row>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    settings: String,
    #[serde(skip)]
    zone: Tz,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Follow-ups".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Settings", self.settings.clone()),
            Crumb::here("Follow-ups"),
        ]
    }
}

impl Index {
    fn new_url(&self) -> String {
        format!("{}/new", self.base)
    }
    fn url(&self, row: &Row) -> String {
        format!("{}/{}", self.base, row.rule.id)
    }
}

pub async fn index(can: Can<See, Rule>) -> Result<HttpResponse> {
    let read = can.tx(|tx| Ok((Rule::all(tx)?, catalogue(tx)?)));
    let (rules, catalogue) = read.await?;
    let row = |rule: Rule| Row {
        who: match rule.filter(&catalogue) {
            Ok(filter) if filter.is_empty() => "All contacts".into(),
            Ok(filter) => filter.describe(),
            Err(problem) => format!("It does nothing: {problem}"),
        },
        rule,
    };
    can.page(Index {
        items: rules.into_iter().map(row).collect(),
        base: can.url(PATH),
        settings: can.url("/settings"),
        zone: can.zone,
        may_manage: can.may("follow_up_rules", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "crm/follow_ups/form.html")]
struct Editor {
    form: Form<RuleForm>,
    #[serde(skip)]
    rule: Option<Rule>,
    #[serde(skip)]
    filter: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    settings: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        let name = self.rule.as_ref().map(|rule| &rule.name);
        name.map_or("New follow-up".into(), |name| format!("Edit {name}"))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Settings", self.settings.clone()),
            Crumb::to("Follow-ups", self.base.clone()),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.rule {
            Some(rule) => format!("{}/{}?_method=PATCH", self.base, rule.id),
            None => self.base.clone(),
        }
    }
}

async fn editor(
    can: &Can<Manage, Rule>,
    form: Form<RuleForm>,
    rule: Option<Rule>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let draft = draft(&form.data.filter);
    let conditions = can.tx(move |tx: &mut Tx| {
        let catalogue = catalogue(tx)?;
        Ok(FilterEditor::new(&catalogue, "filter", &draft).render()?)
    });
    let page = Editor {
        filter: conditions.await?,
        base: can.url(PATH),
        settings: can.url("/settings"),
        rule,
        form,
    };
    can.page_with(page.form.status(), page)
}

pub async fn new(can: Can<Manage, Rule>) -> Result<HttpResponse> {
    editor(&can, Form::of(RuleForm::default()), None).await
}

pub async fn edit(can: Can<Manage, Rule>, Id(id): Id) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(rule));
    }
    editor(&can, Form::of(RuleForm::from(&rule)), Some(rule)).await
}

/// Whether it comes from a button of the filter's editor, which asks for the form with another line.
fn asks_for_a_line(form: &Form<RuleForm>) -> bool {
    draft(&form.data.filter).editing
}

pub async fn create(can: Can<Manage, Rule>, form: Form<RuleForm>) -> Result<HttpResponse> {
    if asks_for_a_line(&form) {
        return editor(&can, form.unfinished(), None).await;
    }
    match form.write(&can, Rule::create).await? {
        Ok(rule) => {
            let url = can.url(&format!("{PATH}/{}", rule.id));
            let toast = Toast::done(format!("{} looks once a day from now on", rule.name));
            match can.asked.json() {
                true => can.created(&url, 1, &rule, toast),
                false => can.redirect(&can.url(PATH), Some(toast)),
            }
        }
        Err(form) => editor(&can, form, None).await,
    }
}

pub async fn update(
    can: Can<Manage, Rule>,
    Id(id): Id,
    form: Form<RuleForm>,
) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    let form = form.over(&RuleForm::from(&rule));
    if asks_for_a_line(&form) {
        return editor(&can, form.unfinished(), Some(rule)).await;
    }
    let known = rule.clone();
    match form
        .write(&can, move |tx, data| known.update(tx, data))
        .await?
    {
        Ok(rule) => can.updated(&can.url(PATH), 1, &rule, Toast::done("Saved")),
        Err(form) => editor(&can, form, Some(rule)).await,
    }
}

pub async fn remove(can: Can<Manage, Rule>, Id(id): Id) -> Result<HttpResponse> {
    let gone = can.tx(move |tx| {
        let rule = Rule::find(tx, id)?;
        rule.remove(tx)?;
        Ok(rule.name)
    });
    let name = gone.await?;
    can.done(&can.url(PATH), Toast::done(format!("{name} is removed")))
}
