//! An e-mail template: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::mail::template::{Footer, Part, Source, Tracking};
use platform::mail::{CompiledTemplate, TemplateError};
use platform::records::{Editable, Record, RecordForm};
use platform::schema::email_templates;
use platform::web::Resource;
use platform::{Error, Result, record_queries};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::marketing::brand::Brand;

/// As many as a select can bear.
const OFFERED: i64 = 1_000;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = email_templates, check_for_backend(Pg))]
pub struct EmailTemplate {
    pub id: Uuid,
    pub name: String,
    pub subject: String,
    pub body: String,
    pub body_text: String,
    pub owner_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, Insertable, AsChangeset)]
#[diesel(table_name = email_templates)]
#[serde(default)]
pub struct TemplateForm {
    #[validate(length(min = 1, max = 150, message = "Please give the template a name."))]
    pub name: String,
    #[validate(length(max = 500))]
    pub subject: String,
    #[validate(length(max = 524288))]
    pub body: String,
    #[validate(length(max = 524288))]
    pub body_text: String,
}

impl Resource for EmailTemplate {
    const NAME: &'static str = "email_templates";
    const COLLECTION: &'static str = "email-templates";
}

impl RecordForm for TemplateForm {
    /// What can't be compiled isn't kept: the place of the mistake is told at once.
    fn settle(&mut self, _: &mut Tx) -> Result<()> {
        let content = Content {
            subject: self.subject.clone(),
            body: self.body.clone(),
            text: self.body_text.clone(),
            ..Content::default()
        };
        content.compile().map_err(|problem| mistake(&problem))?;
        Ok(())
    }
}

impl Record for EmailTemplate {
    const KIND: &'static str = "email_template";
    fn id(&self) -> Uuid {
        self.id
    }
    fn title(&self) -> String {
        self.name.clone()
    }
    fn version(&self) -> i32 {
        self.version
    }
}

impl Editable for EmailTemplate {
    type Form = TemplateForm;

    record_queries!(email_templates);

    fn create(tx: &mut Tx, form: TemplateForm) -> Result<EmailTemplate> {
        let template: EmailTemplate = diesel::insert_into(email_templates::table)
            .values((
                email_templates::id.eq(Uuid::now_v7()),
                email_templates::owner_id.eq(tx.person),
                &form,
            ))
            .returning(EmailTemplate::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&template, "email_template.created", Changes::of_new(&form));
        Ok(template)
    }

    fn save(&self, tx: &mut Tx, form: TemplateForm) -> Result<EmailTemplate> {
        let changes = Changes::between(&self.form(), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = email_templates::table.filter(email_templates::id.eq(self.id));
        let template: EmailTemplate = diesel::update(row)
            .set(&form)
            .returning(EmailTemplate::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&template, "email_template.updated", changes);
        Ok(template)
    }

    fn form(&self) -> TemplateForm {
        TemplateForm::from(self)
    }
}

impl EmailTemplate {
    pub fn content(&self, brand: &Brand) -> Content {
        Content::new(&self.subject, &self.body, &self.body_text, brand)
    }
}

impl From<&EmailTemplate> for TemplateForm {
    fn from(t: &EmailTemplate) -> TemplateForm {
        TemplateForm {
            name: t.name.clone(),
            subject: t.subject.clone(),
            body: t.body.clone(),
            body_text: t.body_text.clone(),
        }
    }
}

/// Templates that can be chosen, as (id, name).
pub fn choices(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let all: Vec<(Uuid, String)> = email_templates::table
        .filter(email_templates::archived_at.is_null())
        .order(email_templates::name)
        .limit(OFFERED)
        .select((email_templates::id, email_templates::name))
        .load(&mut **tx)?;
    let named = all.into_iter().map(|(id, name)| (id.to_string(), name));
    Ok(named.collect())
}

/// All that a mail is made of, as it is kept with what was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    pub subject: String,
    pub body: String,
    pub text: String,
    pub footer_html: String,
    pub footer_text: String,
}

impl Content {
    /// With the workspace's footer where the template does not say itself who writes and how to get out.
    pub fn new(subject: &str, body: &str, text: &str, brand: &Brand) -> Content {
        let mut content = Content {
            subject: subject.to_owned(),
            body: body.to_owned(),
            text: text.to_owned(),
            ..Content::default()
        };
        let address = brand.postal_address.lines().next().unwrap_or_default();
        let complete = !address.is_empty()
            && body.contains(address)
            && content.compile().is_ok_and(|t| t.has_unsubscribe());
        if !complete {
            (content.footer_html, content.footer_text) = brand.footer();
        }
        content
    }

    pub fn compile(&self) -> Result<CompiledTemplate, TemplateError> {
        CompiledTemplate::compile(&Source {
            subject: &self.subject,
            body: &self.body,
            text: Some(self.text.as_str()).filter(|t| !t.trim().is_empty()),
            footer: Some(Footer {
                html: &self.footer_html,
                text: &self.footer_text,
            })
            .filter(|f| !f.html.is_empty()),
            tracking: Tracking {
                opens: true,
                clicks: true,
            },
        })
    }
}

/// What can't be compiled, as a mistake in a field of the form.
pub fn mistake(error: &TemplateError) -> Error {
    let field = match error.part {
        Part::Subject => "subject",
        Part::Text => "body_text",
        Part::Body | Part::Footer => "body",
    };
    Error::invalid(field, error.to_string())
}
