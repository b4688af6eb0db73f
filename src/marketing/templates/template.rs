//! An e-mail template: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::mail::template::{Footer, Source, Tracking};
use platform::mail::{CompiledTemplate, TemplateError};
use platform::records::Record;
use platform::schema::email_templates;
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::marketing::brand::Brand;

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

impl EmailTemplate {
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<EmailTemplate> {
        let mut query = email_templates::table
            .filter(email_templates::id.eq(id))
            .into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(email_templates::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(EmailTemplate::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: TemplateForm) -> Result<EmailTemplate> {
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

    pub fn update(&self, tx: &mut Tx, version: i32, form: TemplateForm) -> Result<EmailTemplate> {
        let changes = Changes::between(&TemplateForm::from(self), &form);
        if version != self.version {
            return Err(Error::Stale {
                current: self.version,
            });
        }
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = email_templates::table
            .filter(email_templates::id.eq(self.id))
            .filter(email_templates::version.eq(version));
        let updated: Option<EmailTemplate> = diesel::update(row)
            .set(&form)
            .returning(EmailTemplate::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let template = updated.ok_or(Error::Stale {
            current: version + 1,
        })?;
        tx.track(&template, "email_template.updated", changes);
        Ok(template)
    }

    pub fn archive(&self, tx: &mut Tx) -> Result<EmailTemplate> {
        self.set_archived(tx, Some(tx.now), "email_template.archived")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<EmailTemplate> {
        self.set_archived(tx, None, "email_template.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        kind: &'static str,
    ) -> Result<EmailTemplate> {
        if self.archived_at.is_some() == at.is_some() {
            return Ok(self.clone());
        }
        let template: EmailTemplate =
            diesel::update(email_templates::table.filter(email_templates::id.eq(self.id)))
                .set(email_templates::archived_at.eq(at))
                .returning(EmailTemplate::as_returning())
                .get_result(&mut **tx)?;
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        tx.track(&template, kind, changes);
        Ok(template)
    }

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

/// The field of the form that an error is about.
pub fn field_of(error: &TemplateError) -> &'static str {
    use platform::mail::template::Part;
    match error.part {
        Part::Subject => "subject",
        Part::Text => "body_text",
        Part::Body | Part::Footer => "body",
    }
}
