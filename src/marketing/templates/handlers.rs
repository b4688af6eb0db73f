//! The pages of e-mail templates, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use platform::records::chooser;
use platform::web::can::{Archive, Create, Edit};
use platform::web::{Can, Crumb, Form, Page, Toast, View};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::template::{EmailTemplate, TemplateForm, field_of};
use crate::marketing::audience::MERGE_FIELDS;

type Id = web::Path<(String, Uuid)>;

const PATH: &str = "/email-templates";

#[derive(Template, Serialize)]
#[template(path = "marketing/templates/form.html")]
struct Editor {
    form: Form<TemplateForm>,
    #[serde(skip)]
    template: Option<EmailTemplate>,
    /// For whom a preview can be had.
    #[serde(skip)]
    contacts: Vec<(String, String)>,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    root: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.template
            .as_ref()
            .map_or("New e-mail template".into(), |t| format!("Edit {}", t.name))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("E-mail templates", &self.base)];
        if let Some(t) = &self.template {
            crumbs.push(Crumb::to(&t.name, format!("{}/{}", self.base, t.id)));
        }
        crumbs.push(Crumb::here(if self.template.is_some() {
            "Edit"
        } else {
            "New"
        }));
        crumbs
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.template {
            Some(t) => format!("{}/{}?_method=PATCH", self.base, t.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.template
            .as_ref()
            .map_or(self.base.clone(), |t| format!("{}/{}", self.base, t.id))
    }
    fn preview_url(&self) -> String {
        format!("{}/preview", self.base)
    }
    fn contacts_url(&self) -> String {
        format!("{}/records/contact/choices", self.root)
    }
    fn merge_fields(&self) -> String {
        let fields: Vec<_> = MERGE_FIELDS
            .iter()
            .map(|f| format!("{{{{ {f} }}}}"))
            .collect();
        format!(
            "MJML or HTML. Merge fields: {}. With a fallback: {{{{ contact.first_name | default(\"there\") }}}}. \
             The unsubscribe link and your postal address are added where they are missing.",
            fields.join(", ")
        )
    }
}

/// What a new template starts with: something that can be sent as it is.
const STARTER: &str = r##"<mjml>
  <mj-body background-color="#F1EDE3">
    <mj-section background-color="#FFFFFF" padding="32px 24px">
      <mj-column>
        <mj-text font-size="20px" color="#141B2D">Hello {{ contact.first_name | default("there") }},</mj-text>
        <mj-text font-size="15px" line-height="24px" color="#454E66">Write what you have to say here.</mj-text>
        <mj-button href="https://example.com" background-color="#C9A84C" color="#0B1120">Read more</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"##;

pub async fn new(can: Can<Create, EmailTemplate>) -> Result<HttpResponse> {
    let form = Form::of(TemplateForm {
        body: STARTER.to_owned(),
        ..TemplateForm::default()
    });
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, EmailTemplate>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let template = can.tx(move |tx| EmailTemplate::find(tx, id)).await?;
    let form = Form::of(TemplateForm::from(&template));
    editor(&can, StatusCode::OK, form, Some(template)).await
}

async fn editor<A: platform::web::Action>(
    can: &Can<A, EmailTemplate>,
    status: StatusCode,
    form: Form<TemplateForm>,
    template: Option<EmailTemplate>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let contacts = can.tx(|tx| chooser::likely(tx, &crate::crm::contacts::KIND, None));
    let page = Editor {
        form,
        template,
        contacts: contacts.await?,
        base: can.url(PATH),
        root: can.url(""),
    };
    can.page_with(status, page)
}

/// What can't be compiled isn't kept: the place of the mistake is told at once.
async fn checked(mut form: Form<TemplateForm>) -> Result<Form<TemplateForm>> {
    let data = form.data.clone();
    let compiled = web::block(move || {
        let content = super::template::Content {
            subject: data.subject,
            body: data.body,
            text: data.body_text,
            ..Default::default()
        };
        content.compile().map(|_| ())
    });
    if let Err(problem) = compiled.await? {
        form.refuse(field_of(&problem), problem.to_string());
    }
    Ok(form)
}

pub async fn create(
    can: Can<Create, EmailTemplate>,
    form: Form<TemplateForm>,
) -> Result<HttpResponse> {
    let form = checked(form).await?;
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let template = can
        .tx(move |tx| EmailTemplate::create(tx, form.data))
        .await?;
    let url = can.url(&format!("{PATH}/{}", template.id));
    can.created(
        &url,
        template.version,
        &template,
        Toast::done(format!("{} is kept", template.name)),
    )
}

pub async fn update(
    can: Can<Edit, EmailTemplate>,
    id: Id,
    form: Form<TemplateForm>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let template = can.tx(move |tx| EmailTemplate::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok())
        .unwrap_or(template.version);
    let form = checked(form.over(&TemplateForm::from(&template))).await?;
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(template)).await;
    }
    let template = can
        .tx(move |tx| template.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("{PATH}/{}", template.id));
    can.updated(&url, template.version, &template, Toast::done("Saved"))
}

pub async fn archive(can: Can<Archive, EmailTemplate>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let template = can
        .tx(move |tx| EmailTemplate::find(tx, id)?.archive(tx))
        .await?;
    let undo = can.url(&format!("{PATH}/{}/restoration", template.id));
    can.done(
        &can.url(PATH),
        Toast::done(format!("{} is archived", template.name)).undo(undo),
    )
}

pub async fn restore(can: Can<Archive, EmailTemplate>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let template = can
        .tx(move |tx| EmailTemplate::find(tx, id)?.restore(tx))
        .await?;
    let url = can.url(&format!("{PATH}/{}", template.id));
    can.updated(
        &url,
        template.version,
        &template,
        Toast::done(format!("{} is back", template.name)),
    )
}
