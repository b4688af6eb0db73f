//! The pages on which playbooks are kept, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::filter::FieldType;
use platform::records::facts::{capital, is_asked_for};
use platform::web::can::{Manage, Member, View as See};
use platform::web::{Can, Crumb, Form, Id, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;

use super::playbook::{MOST_STEPS, Playbook, PlaybookForm};
use crate::crm::companies::Company;
use crate::crm::contacts::Contact;
use crate::crm::deals::Deal;
use crate::workspaces::settings;

const PATH: &str = "/settings/playbooks";
const KINDS: [&str; 3] = ["contact", "company", "deal"];

#[derive(Template, Serialize)]
#[template(path = "crm/playbooks/index.html")]
struct Index {
    items: Vec<Playbook>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    may_manage: bool,
}

impl Page for Index {
    fn title(&self) -> String {
        "Playbooks".into()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![settings::crumb(&self.base, PATH), Crumb::here("Playbooks")]
    }
}

impl Index {
    fn url(&self, playbook: &Playbook) -> String {
        format!("{}/{}", self.base, playbook.id)
    }
    fn kinds(&self) -> [(&'static str, String); 3] {
        KINDS.map(|kind| (kind, format!("{}/new?kind={kind}", self.base)))
    }
    fn questions(&self, playbook: &Playbook) -> usize {
        playbook.steps.iter().filter(|step| step.asks()).count()
    }
    fn about(&self, playbook: &Playbook) -> String {
        capital(&playbook.record_kind)
    }
}

pub async fn index(can: Can<See, Playbook>) -> Result<HttpResponse> {
    let items = can.tx(Playbook::all).await?;
    can.page(Index {
        items,
        base: can.url(PATH),
        may_manage: can.may("playbooks", "manage"),
    })
}

#[derive(Template, Serialize)]
#[template(path = "crm/playbooks/form.html")]
struct Editor {
    form: Form<PlaybookForm>,
    #[serde(skip)]
    playbook: Option<Playbook>,
    /// The fields that answers can be written to, with their names.
    #[serde(skip)]
    fields: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        match &self.playbook {
            Some(playbook) => playbook.name.clone(),
            None => format!("New playbook about a {}", self.form.data.record_kind),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            settings::crumb(&self.base, PATH),
            Crumb::to("Playbooks", &self.base),
            Crumb::here(self.title()),
        ]
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.playbook {
            Some(playbook) => format!("{}/{}?_method=PATCH", self.base, playbook.id),
            None => self.base.clone(),
        }
    }
    /// Those there are, and a blank one to add.
    fn rows(&self) -> Vec<usize> {
        let rows = self.form.len_of("steps") + 1;
        (0..rows.min(MOST_STEPS as usize)).collect()
    }
    fn name(&self, i: &usize, part: &str) -> String {
        format!("steps.{i}.{part}")
    }
    fn value(&self, i: &usize, part: &str) -> String {
        self.form.value(&self.name(i, part))
    }
    fn is(&self, i: &usize, part: &str, value: &str) -> bool {
        self.form.checked(&self.name(i, part), value)
    }
    fn errors(&self, i: &usize) -> Vec<&str> {
        let parts = ["text", "question", "field"];
        let found = parts.map(|part| self.form.error(&self.name(i, part)));
        found.into_iter().flatten().collect()
    }
}

/// The fields of a kind of record that one person can fill in, with what they are called.
fn fields(member: &Member, kind: &str) -> Result<Vec<(String, String)>> {
    let asked: fn(&str) -> bool = match kind {
        "contact" => is_asked_for::<Contact>,
        "company" => is_asked_for::<Company>,
        "deal" => is_asked_for::<Deal>,
        _ => {
            return Err(Error::invalid(
                "record_kind",
                "Please choose one of the three.",
            ));
        }
    };
    let kind = member.app.kinds.get(kind).ok_or(Error::NotFound)?;
    let catalogue = member.setup.catalogue(kind);
    let fields = catalogue.fields().iter();
    let fields = fields.filter(|field| field.kind != FieldType::Behaviour && asked(&field.key));
    Ok(fields
        .map(|field| (field.key.clone(), field.label.clone()))
        .collect())
}

fn editor(
    can: &Can<Manage, Playbook>,
    form: Form<PlaybookForm>,
    playbook: Option<Playbook>,
) -> Result<HttpResponse> {
    form.for_people(&can.asked)?;
    let page = Editor {
        fields: fields(can, &form.data.record_kind)?,
        base: can.url(PATH),
        playbook,
        form,
    };
    can.page_with(page.form.status(), page)
}

pub async fn new(can: Can<Manage, Playbook>) -> Result<HttpResponse> {
    let kind = can.asked.param("kind").unwrap_or_default();
    let known = KINDS.into_iter().find(|known| *known == kind);
    let form = PlaybookForm {
        record_kind: known.unwrap_or(KINDS[0]).to_owned(),
        ..PlaybookForm::default()
    };
    editor(&can, Form::of(form), None)
}

pub async fn edit(can: Can<Manage, Playbook>, Id(id): Id) -> Result<HttpResponse> {
    let playbook = can.tx(move |tx| Playbook::find(tx, id)).await?;
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(playbook));
    }
    let form = Form::of(PlaybookForm::from(&playbook));
    editor(&can, form, Some(playbook))
}

pub async fn create(can: Can<Manage, Playbook>, form: Form<PlaybookForm>) -> Result<HttpResponse> {
    let fields = fields(&can, &form.data.record_kind)?;
    let made = form.write(&can, move |tx, mut data| {
        data.settle(&fields)?;
        Playbook::create(tx, data)
    });
    match made.await? {
        Ok(playbook) => {
            let toast = Toast::done(format!("{} is made", playbook.name));
            let url = can.url(&format!("{PATH}/{}", playbook.id));
            match can.asked.json() {
                true => can.created(&url, 1, &playbook, toast),
                false => can.redirect(&can.url(PATH), Some(toast)),
            }
        }
        Err(form) => editor(&can, form, None),
    }
}

pub async fn update(
    can: Can<Manage, Playbook>,
    Id(id): Id,
    form: Form<PlaybookForm>,
) -> Result<HttpResponse> {
    let playbook = can.tx(move |tx| Playbook::find(tx, id)).await?;
    let form = form.over(&PlaybookForm::from(&playbook));
    let (known, fields) = (playbook.clone(), fields(&can, &playbook.record_kind)?);
    let saved = form.write(&can, move |tx, mut data| {
        data.record_kind.clone_from(&known.record_kind);
        data.settle(&fields)?;
        known.save(tx, data)
    });
    match saved.await? {
        Ok(saved) => can.updated(&can.url(PATH), 1, &saved, Toast::done("Saved")),
        Err(mut form) => {
            form.data.record_kind.clone_from(&playbook.record_kind);
            editor(&can, form, Some(playbook))
        }
    }
}

pub async fn remove(can: Can<Manage, Playbook>, Id(id): Id) -> Result<HttpResponse> {
    let gone = can.tx(move |tx| {
        let playbook = Playbook::find(tx, id)?;
        playbook.remove(tx)?;
        Ok(playbook.name)
    });
    let name = gone.await?;
    can.done(&can.url(PATH), Toast::done(format!("{name} is removed")))
}
