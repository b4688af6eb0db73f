//! The page of lead scoring: its rules and levels, and their API.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};
use platform::Result;
use platform::filter::FilterEditor;
use platform::jobs::Job;
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Id, Page, Toast, View, filters, link};
use serde::Serialize;
use uuid::Uuid;

use super::form::RuleForm;
use super::jobs::CountScores;
use super::rule::{Happening, Rule, RuleKind};
use super::settings::{Counted, Levels};
use crate::crm::contacts::Temperature;
use crate::marketing::audience;

/// A rule as it stands in the list.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    rule: Rule,
    /// What it counts, in words.
    words: String,
    #[serde(skip)]
    broken: bool,
}

#[derive(Template, Serialize)]
#[template(path = "marketing/scoring/index.html")]
struct Index {
    items: Vec<Line>,
    levels: Form<Levels>,
    /// When everybody was counted last.
    scored_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    zone: chrono_tz::Tz,
    #[serde(skip)]
    may_create: bool,
    #[serde(skip)]
    may_edit: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Lead scoring".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here("Lead scoring")]
    }
}

impl Index {
    fn base(&self) -> String {
        format!("{}/scoring", self.root)
    }
    fn url(&self, line: &Line) -> String {
        format!("{}/scoring/{}", self.root, line.rule.id)
    }
    fn new_url(&self, kind: &RuleKind) -> String {
        link::with(
            &format!("{}/scoring/new", self.root),
            [("kind", kind.key())],
        )
    }
    fn kinds(&self) -> [(RuleKind, &'static str); 3] {
        [
            (RuleKind::Field, "Points for what contacts are"),
            (RuleKind::Behaviour, "Points for what they do"),
            (RuleKind::Decay, "Points lost by silence"),
        ]
    }
    fn of(&self, kind: &RuleKind) -> Vec<&Line> {
        let of_kind = |line: &&Line| line.rule.kind == *kind;
        self.items.iter().filter(of_kind).collect()
    }
    /// The contacts that are so warm.
    fn list_url(&self, temperature: &str) -> String {
        let filter = serde_json::json!({"field": "temperature", "op": "is", "value": temperature});
        link::filtered(&format!("{}/contacts", self.root), &filter)
    }
    /// The warmest first.
    fn temperatures(&self) -> [Temperature; 4] {
        use Temperature::{Cold, Dormant, Hot, Warm};
        [Hot, Warm, Cold, Dormant]
    }
}

/// What a rule counts, in words; `None` where its condition names something that is gone.
pub fn words(rule: &Rule, catalogue: &platform::filter::Catalogue) -> Option<String> {
    let days = |n: i32| match n {
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    };
    let times = |n: i32| match n {
        1 => "once".to_owned(),
        n => format!("at most {n} times"),
    };
    Some(match rule.kind {
        RuleKind::Field => rule.condition(catalogue)?.describe(),
        RuleKind::Behaviour => {
            let within = rule
                .within_days
                .map(|n| format!(", in the last {}", days(n)));
            format!(
                "{}, {}{}",
                rule.happening.label(),
                times(rule.most),
                within.unwrap_or_default()
            )
        }
        RuleKind::Decay => format!(
            "For every {} of silence, {}",
            days(rule.every_days),
            times(rule.most)
        ),
    })
}

pub async fn index(can: Can<See, Rule>) -> Result<HttpResponse> {
    let levels = can.tx(Levels::load).await?;
    show(&can, Form::of(levels)).await
}

pub async fn show<A: Action>(can: &Can<A, Rule>, levels: Form<Levels>) -> Result<HttpResponse> {
    levels.for_people(&can.asked)?;
    let read = can.tx(|tx| {
        let catalogue = audience::catalogue(tx)?;
        let lines = Rule::all(tx)?.into_iter().map(|rule| {
            let words = words(&rule, &catalogue);
            Line {
                broken: words.is_none(),
                words: words.unwrap_or_else(|| "Its condition names something that is gone".into()),
                rule,
            }
        });
        let lines: Vec<Line> = lines.collect();
        Ok((lines, Counted::load(tx)?.at))
    });
    let (items, scored_at) = read.await?;
    let status = levels.status();
    let page = Index {
        items,
        levels,
        scored_at,
        root: can.url(""),
        zone: can.zone,
        may_create: can.may("scoring", "create"),
        may_edit: can.may("scoring", "edit"),
    };
    can.page_with(status, page)
}

#[derive(Template, Serialize)]
#[template(path = "marketing/scoring/form.html")]
struct Editor {
    form: Form<RuleForm>,
    #[serde(flatten)]
    rule: Option<Rule>,
    #[serde(skip)]
    filter: String,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Editor {
    fn title(&self) -> String {
        match (&self.rule, self.form.data.kind) {
            (Some(rule), _) => rule.name.clone(),
            (None, RuleKind::Field) => "New rule for what contacts are".into(),
            (None, RuleKind::Behaviour) => "New rule for what contacts do".into(),
            (None, RuleKind::Decay) => "New rule for silence".into(),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Lead scoring", &self.base),
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
    fn removal(&self, id: &Uuid) -> String {
        format!("{}/{id}", self.base)
    }
}

pub async fn new(can: Can<Create, Rule>) -> Result<HttpResponse> {
    let kind = can.asked.param("kind").unwrap_or_default();
    let kind = RuleKind::parse(&kind).unwrap_or_default();
    editor(&can, Form::of(RuleForm::of(kind)), None).await
}

pub async fn edit(can: Can<Edit, Rule>, Id(id): Id) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    editor(&can, Form::of(RuleForm::from(&rule)), Some(rule)).await
}

async fn editor<A: Action>(
    can: &Can<A, Rule>,
    form: Form<RuleForm>,
    rule: Option<Rule>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let catalogue = can.tx(audience::catalogue).await?;
    let page = Editor {
        filter: FilterEditor::new(&catalogue, "filter", &form.data.draft()).render()?,
        base: can.url("/scoring"),
        may_archive: can.may("scoring", "archive"),
        form,
        rule,
    };
    can.page_with(page.form.status(), page)
}

pub async fn create(can: Can<Create, Rule>, mut form: Form<RuleForm>) -> Result<HttpResponse> {
    // A button of the filter's editor asks for the form with another line.
    if form.data.draft().editing {
        return editor(&can, form.unfinished(), None).await;
    }
    let catalogue = can.tx(audience::catalogue).await?;
    RuleForm::settle(&mut form, &catalogue);
    let made = form.write(&can, |tx, data| {
        let rule = Rule::create(tx, &data)?;
        tx.enqueue(CountScores { all: true }.new_job());
        Ok(rule)
    });
    let rule = match made.await? {
        Ok(rule) => rule,
        Err(form) => return editor(&can, form, None).await,
    };
    let toast = Toast::done(format!("{} counts from now on", rule.name));
    if can.asked.json() {
        let url = can.url(&format!("/scoring/{}", rule.id));
        return can.created(&url, 1, &rule, toast);
    }
    can.redirect(&can.url("/scoring"), Some(toast))
}

pub async fn update(
    can: Can<Edit, Rule>,
    Id(id): Id,
    form: Form<RuleForm>,
) -> Result<HttpResponse> {
    let rule = can.tx(move |tx| Rule::find(tx, id)).await?;
    let mut form = form.over(&RuleForm::from(&rule));
    form.data.kind = rule.kind;
    if form.data.draft().editing {
        return editor(&can, form.unfinished(), Some(rule)).await;
    }
    let catalogue = can.tx(audience::catalogue).await?;
    RuleForm::settle(&mut form, &catalogue);
    let before = rule.clone();
    let saved = form.write(&can, move |tx, data| {
        let rule = before.save(tx, &data)?;
        tx.enqueue(CountScores { all: true }.new_job());
        Ok(rule)
    });
    let rule = match saved.await? {
        Ok(saved) => saved,
        Err(form) => return editor(&can, form, Some(rule)).await,
    };
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(rule));
    }
    can.redirect(&can.url("/scoring"), Some(Toast::done("Saved")))
}

pub async fn remove(can: Can<Archive, Rule>, Id(id): Id) -> Result<HttpResponse> {
    let name = can
        .tx(move |tx| {
            let rule = Rule::find(tx, id)?;
            rule.remove(tx)?;
            tx.enqueue(CountScores { all: true }.new_job());
            Ok(rule.name)
        })
        .await?;
    if can.asked.json() {
        return Ok(HttpResponse::NoContent().finish());
    }
    can.redirect(
        &can.url("/scoring"),
        Some(Toast::done(format!("{name} is gone"))),
    )
}
