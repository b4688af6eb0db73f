//! A public form: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, QueryFragment};
use platform::Result;
use platform::db::Tx;
use platform::events::Changes;
use platform::record_queries;
use platform::records::{Custom, Editable, Record, RecordForm};
use platform::schema::{forms, public_links};
use platform::text_enum;
use platform::web::Resource;
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
#[diesel(table_name = forms, check_for_backend(Pg))]
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
    pub tags: Vec<String>,
    pub custom: Custom,
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

impl Editable for WebForm {
    type Form = Definition;

    record_queries!(forms);

    fn create(tx: &mut Tx, mut definition: Definition) -> Result<WebForm> {
        definition.settle(tx)?;
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

    fn save(&self, tx: &mut Tx, mut definition: Definition) -> Result<WebForm> {
        definition.settle(tx)?;
        let changes = Changes::between(&self.form(), &definition);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let columns = Columns::try_from(&definition)?;
        self.written(tx, columns, "form.updated", changes)
    }

    fn form(&self) -> Definition {
        Definition {
            name: self.name.clone(),
            intro: self.intro.clone(),
            button: self.button.clone(),
            thanks: self.thanks.clone(),
            redirect_url: self.redirect_url.clone(),
            add_tags: self.add_tags.clone(),
            sequence_id: self.sequence_id,
            fields: self.questions(),
            tags: self.tags.clone(),
            custom: self.custom.clone(),
        }
    }
}

impl WebForm {
    pub fn questions(&self) -> Vec<Question> {
        // What an older version wrote and this one can't read is asked no more.
        Vec::<Question>::deserialize(&self.fields).unwrap_or_default()
    }

    pub fn takes_answers(&self, now: DateTime<Utc>) -> bool {
        self.status == Status::Published
            && self.archived_at.is_none()
            && self.closes_at.is_none_or(|at| at > now)
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
        let changes = Changes::none().set("status", self.status, status);
        self.written(tx, forms::status.eq(status), kind, changes)
    }

    /// Writes some columns and leaves the event of it.
    fn written<C>(
        &self,
        tx: &mut Tx,
        columns: C,
        kind: &'static str,
        changes: Changes,
    ) -> Result<WebForm>
    where
        C: AsChangeset<Target = forms::table>,
        C::Changeset: QueryFragment<Pg>,
    {
        let form: WebForm = diesel::update(forms::table.filter(forms::id.eq(self.id)))
            .set(columns)
            .returning(WebForm::as_returning())
            .get_result(&mut **tx)?;
        tx.track(&form, kind, changes);
        Ok(form)
    }
}
