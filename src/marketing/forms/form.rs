//! A public form: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::db::Tx;
use platform::events::Changes;
use platform::records::Record;
use platform::schema::{forms, public_links};
use platform::text_enum;
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::definition::{Columns, Definition, Question};

text_enum! {
    pub enum Status {
        Draft => "draft", "Draft";
        Published => "published", "Published";
        Closed => "closed", "Closed";
    }
}

impl Status {
    pub fn tone(self) -> &'static str {
        match self {
            Status::Published => "success",
            Status::Draft | Status::Closed => "",
        }
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = forms, check_for_backend(diesel::pg::Pg))]
pub struct WebForm {
    pub id: Uuid,
    pub name: String,
    pub status: Status,
    pub intro: String,
    pub fields: serde_json::Value,
    pub button: String,
    pub thanks: String,
    pub redirect_url: Option<String>,
    pub add_tags: Vec<String>,
    pub sequence_id: Option<Uuid>,
    pub closes_at: Option<DateTime<Utc>>,
    pub submissions: i64,
    pub owner_id: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for WebForm {
    const NAME: &'static str = "forms";
}

impl Record for WebForm {
    const KIND: &'static str = "form";
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

impl WebForm {
    pub fn find(tx: &mut Tx, id: Uuid) -> Result<WebForm> {
        let mut query = forms::table.filter(forms::id.eq(id)).into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(forms::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(WebForm::as_select()).first(&mut **tx)?)
    }

    pub fn questions(&self) -> Vec<Question> {
        // What an older version wrote and this one can't read is asked no more.
        Vec::<Question>::deserialize(&self.fields).unwrap_or_default()
    }

    pub fn definition(&self) -> Definition {
        Definition {
            name: self.name.clone(),
            intro: self.intro.clone(),
            button: self.button.clone(),
            thanks: self.thanks.clone(),
            redirect_url: self.redirect_url.clone(),
            add_tags: self.add_tags.clone(),
            sequence_id: self.sequence_id,
            fields: self.questions(),
        }
    }

    pub fn takes_answers(&self, now: DateTime<Utc>) -> bool {
        self.status == Status::Published
            && self.archived_at.is_none()
            && self.closes_at.is_none_or(|at| at > now)
    }

    pub fn create(tx: &mut Tx, definition: Definition) -> Result<WebForm> {
        let definition = definition.tidy();
        let form: WebForm = diesel::insert_into(forms::table)
            .values((
                forms::id.eq(Uuid::now_v7()),
                forms::owner_id.eq(tx.person),
                Columns::try_from(&definition)?,
            ))
            .returning(WebForm::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&form, "form.created", Changes::of_new(&definition));
        Ok(form)
    }

    pub fn update(&self, tx: &mut Tx, version: i32, definition: Definition) -> Result<WebForm> {
        let definition = definition.tidy();
        let changes = Changes::between(&self.definition(), &definition);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let row = forms::table
            .filter(forms::id.eq(self.id))
            .filter(forms::version.eq(version));
        let updated: Option<WebForm> = diesel::update(row)
            .set(Columns::try_from(&definition)?)
            .returning(WebForm::as_returning())
            .get_result(&mut **tx)
            .optional()?;
        let form = updated.ok_or(Error::Stale {
            current: self.version,
        })?;
        tx.track(&form, "form.updated", changes);
        Ok(form)
    }

    /// Opens the form's public address.
    pub fn publish(&self, tx: &mut Tx) -> Result<WebForm> {
        diesel::insert_into(public_links::table)
            .values((
                public_links::path.eq(format!("forms/{}", self.id)),
                public_links::workspace_id.eq(tx.workspace),
                public_links::kind.eq(Self::KIND),
                public_links::record_id.eq(self.id),
            ))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        self.set_status(tx, Status::Published, "form.published")
    }

    /// Takes no more answers; the public address says so.
    pub fn close(&self, tx: &mut Tx) -> Result<WebForm> {
        self.set_status(tx, Status::Closed, "form.closed")
    }

    fn set_status(&self, tx: &mut Tx, status: Status, kind: &'static str) -> Result<WebForm> {
        let form: WebForm = diesel::update(forms::table.filter(forms::id.eq(self.id)))
            .set(forms::status.eq(status))
            .returning(WebForm::as_returning())
            .get_result(&mut **tx)?;
        tx.track(
            &form,
            kind,
            Changes::none().set("status", self.status, status),
        );
        Ok(form)
    }

    pub fn archive(&self, tx: &mut Tx) -> Result<WebForm> {
        let form: WebForm = diesel::update(forms::table.filter(forms::id.eq(self.id)))
            .set(forms::archived_at.eq(Some(tx.now)))
            .returning(WebForm::as_returning())
            .get_result(&mut **tx)?;
        tx.track(
            &form,
            "form.archived",
            Changes::none().set("archived_at", self.archived_at, form.archived_at),
        );
        Ok(form)
    }
}
