//! The pages of rules, and their API.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use platform::filter::FilterEditor;
use platform::order::Shift;
use platform::records::facts::capital;
use platform::records::kinds::Kind;
use platform::web::can::{Manage, Member, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters, link};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::RuleForm;
use super::rule::{Method, Rule};
use crate::workspaces::settings;
use crate::workspaces::teams::Team;

pub const PATH: &str = "/settings/assignment";

/// The kinds of record that rules can give away.
pub fn kinds(member: &Member) -> Vec<Kind> {
    let all = member.app.kinds.all().iter().copied();
    all.filter(|kind| !kind.workload.is_empty()).collect()
}

/// One of them, by its name.
pub fn kind(member: &Member, name: &str) -> Result<Kind> {
    let found = kinds(member).into_iter().find(|kind| kind.name == name);
    found.ok_or_else(|| Error::invalid("kind", "Please choose what the rule is for."))
}

/// A rule as it stands in the list.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    rule: Rule,
    /// What it is for, in words.
    condition: String,
    team: String,
    #[serde(skip)]
    broken: bool,
}

/// The rules for one kind of record.
#[derive(Serialize)]
struct Section {
    kind: &'static str,
    #[serde(skip)]
    plural: &'static str,
    rules: Vec<Line>,
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/assignment/index.html")]
struct Index {
    items: Vec<Section>,
    #[serde(skip)]
    teams: bool,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Assignment".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base(), PATH),
            Crumb::here("Assignment"),
        ]
    }
}

impl Index {
    fn base(&self) -> String {
        format!("{}{PATH}", self.root)
    }
    fn url(&self, line: &Line, path: &str) -> String {
        format!("{}{PATH}/{}{path}", self.root, line.rule.id)
    }
    fn with_kind(&self, section: &Section, path: &str) -> String {
        link::with(
            &format!("{}{PATH}{path}", self.root),
            [("kind", section.kind)],
        )
    }
    fn teams_url(&self) -> String {
        format!("{}/settings/teams/new", self.root)
    }
    fn title_of(&self, section: &Section) -> String {
        capital(section.plural)
    }
}

pub async fn index(can: Can<See, Team>) -> Result<HttpResponse> {
    let kinds = kinds(&can);
    let setup = can.setup.clone();
    let read = can.tx(move |tx| {
        let teams: HashMap<String, String> = Team::choices(tx)?.into_iter().collect();
        let mut items = Vec::new();
        for kind in &kinds {
            let catalogue = setup.catalogue(kind);
            let lines = Rule::of_kind(tx, kind.name)?.into_iter().map(|rule| {
                let condition = rule.condition(&catalogue);
                let team = teams.get(&rule.team_id.to_string());
                Line {
                    broken: condition.is_none(),
                    condition: match condition {
                        Some(all) if all.is_empty() => format!("All {}", kind.plural),
                        Some(filter) => filter.describe(),
                        None => "Its condition names something that is gone".into(),
                    },
                    team: team.cloned().unwrap_or_default(),
                    rule,
                }
            });
            items.push(Section {
                kind: kind.name,
                plural: kind.plural,
                rules: lines.collect(),
            });
        }
        Ok((items, !teams.is_empty()))
    });
    let (items, teams) = read.await?;
    can.page(Index {
        items,
        teams,
        root: can.url(""),
        may_manage: can.may("teams", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "workspaces/assignment/form.html")]
struct Editor {
    form: Form<RuleForm>,
    #[serde(flatten)]
    rule: Option<Rule>,
    #[serde(skip)]
    plural: &'static str,
    #[serde(skip)]
    filter: String,
    #[serde(skip)]
    teams: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.rule {
            Some(rule) => rule.name.clone(),
            None => "New rule".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Assignment", &self.base),
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
    fn lead(&self) -> String {
        format!(
            "New {} that nobody owns are given to somebody of a team; the first rule that fits counts.",
            self.plural
        )
    }
    fn removal(&self, id: &Uuid) -> String {
        format!("{}/{id}", self.base)
    }
}

pub async fn new(can: Can<Manage, Team>) -> Result<HttpResponse> {
    let kind = can.asked.param("kind").unwrap_or_else(|| "contact".into());
    let form = RuleForm {
        kind,
        ..RuleForm::default()
    };
    editor(&can, Form::of(form), None).await
}

pub async fn edit(can: Can<See, Team>, Id(id): Id) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    editor(&can, Form::of(RuleForm::from(&rule)), Some(rule)).await
}

async fn editor<A: Action>(
    can: &Can<A, Team>,
    form: Form<RuleForm>,
    rule: Option<Rule>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let kind = kind(can, &form.data.kind).map_err(|_| Error::NotFound)?;
    let catalogue = can.setup.catalogue(&kind);
    let page = Editor {
        filter: FilterEditor::new(&catalogue, "filter", &form.data.draft()).render()?,
        teams: can.tx(Team::choices).await?,
        plural: kind.plural,
        base: can.url(PATH),
        may_manage: can.may("teams", "manage"),
        form,
        rule,
    };
    can.page_with(page.form.status(), page)
}

pub async fn create(can: Can<Manage, Team>, mut form: Form<RuleForm>) -> Result<HttpResponse> {
    let kind = kind(&can, &form.data.kind)?;
    // A button of the filter's editor asks for the form with another line.
    if form.data.draft().editing {
        return editor(&can, form.unfinished(), None).await;
    }
    RuleForm::settle(&mut form, &can.setup.catalogue(&kind));
    let rule = match form.write(&can, |tx, data| Rule::create(tx, &data)).await? {
        Ok(rule) => rule,
        Err(form) => return editor(&can, form, None).await,
    };
    let toast = Toast::done(format!("{} is in force", rule.name));
    if can.asked.json() {
        let url = can.url(&format!("{PATH}/{}", rule.id));
        return can.created(&url, 1, &rule, toast);
    }
    can.redirect(&can.url(PATH), Some(toast))
}

pub async fn update(
    can: Can<Manage, Team>,
    Id(id): Id,
    form: Form<RuleForm>,
) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    let mut form = form.over(&RuleForm::from(&rule));
    form.data.kind.clone_from(&rule.kind);
    if form.data.draft().editing {
        return editor(&can, form.unfinished(), Some(rule)).await;
    }
    let kind = kind(&can, &rule.kind)?;
    RuleForm::settle(&mut form, &can.setup.catalogue(&kind));
    let before = rule.clone();
    let saved = form.write(&can, move |tx, data| before.save(tx, &data));
    let rule = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, form, Some(rule)).await,
    };
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(rule));
    }
    can.redirect(&can.url(PATH), Some(Toast::done("Saved")))
}

pub async fn remove(can: Can<Manage, Team>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let rule = Rule::find(tx, id)?;
            rule.remove(tx)?;
            Ok(rule.name)
        })
        .await?;
    can.done(&can.url(PATH), Toast::done(format!("{name} is gone")))
}

pub async fn shift(can: Can<Manage, Team>, Id(id): Id, form: Form<Shift>) -> Result<HttpResponse> {
    let by = form.valid()?.by;
    can.tx(move |tx| Rule::find(tx, id)?.shift(tx, by)).await?;
    can.done(&can.url(PATH), Toast::done("The order is changed"))
}
