//! The pages of e-mail templates, and their API.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::editing::{self, Editing};
use platform::web::can::{Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Id, Page};
use serde::Serialize;

use super::template::{EmailTemplate, TemplateForm};
use crate::crm;
use crate::marketing::audience::MERGE_FIELDS;

#[derive(Template, Serialize)]
#[template(path = "marketing/templates/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<EmailTemplate>,
    /// For whom a preview can be had.
    #[serde(skip)]
    contacts: Vec<(String, String)>,
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
    fn preview_url(&self) -> String {
        self.editing.member.url("/email-templates/preview")
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

async fn editor<A: Action>(
    can: &Can<A, EmailTemplate>,
    editing: Editing<EmailTemplate>,
) -> Result<HttpResponse> {
    let contacts = |tx: &mut Tx, _: &TemplateForm| chooser::likely(tx, &crm::contacts::KIND, None);
    let page = |editing, contacts| Editor { editing, contacts };
    editing.show(can, contacts, page).await
}

pub async fn new(can: Can<Create, EmailTemplate>) -> Result<HttpResponse> {
    let form = TemplateForm {
        body: STARTER.to_owned(),
        ..TemplateForm::default()
    };
    editor(&can, Editing::new(&can, form)?).await
}

pub async fn edit(can: Can<Edit, EmailTemplate>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(
    can: Can<Create, EmailTemplate>,
    form: Form<TemplateForm>,
) -> Result<HttpResponse> {
    editing::create(&can, form, "is kept", editor).await
}

pub async fn update(
    can: Can<Edit, EmailTemplate>,
    id: Id,
    form: Form<TemplateForm>,
) -> Result<HttpResponse> {
    editing::update(&can, id.0, form, editor).await
}
