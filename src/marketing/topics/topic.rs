//! A topic: its row and its verbs.

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use platform::db::Tx;
use platform::events::Changes;
use platform::schema::{topic_opt_outs, topics};
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

/// A reader chooses among a handful; nobody needs more than these.
pub const MOST: i64 = 500;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = topics, check_for_backend(Pg))]
pub struct Topic {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Resource for Topic {
    const NAME: &'static str = "topics";
}

#[derive(
    Clone, Debug, Default, PartialEq, Deserialize, Serialize, Validate, Insertable, AsChangeset,
)]
#[diesel(table_name = topics)]
#[serde(default)]
pub struct TopicForm {
    #[validate(length(min = 1, max = 100, message = "Please give the topic a name."))]
    pub name: String,
    #[validate(length(max = 500))]
    pub description: String,
}

impl From<&Topic> for TopicForm {
    fn from(topic: &Topic) -> TopicForm {
        TopicForm {
            name: topic.name.clone(),
            description: topic.description.clone(),
        }
    }
}

/// Topics that can be chosen, as (id, name); the one chosen stays among them when it is put away.
pub fn choices(tx: &mut Tx, chosen: Option<Uuid>) -> Result<Vec<(String, String)>> {
    let all: Vec<(Uuid, String)> = topics::table
        .filter(
            topics::archived_at
                .is_null()
                .or(topics::id.eq(chosen.unwrap_or_default())),
        )
        .order((topics::position, topics::name))
        .limit(MOST)
        .select((topics::id, topics::name))
        .load(&mut **tx)?;
    let named = all.into_iter().map(|(id, name)| (id.to_string(), name));
    Ok(named.collect())
}

impl Topic {
    /// All of them with how many addresses refuse each.
    pub fn all(tx: &mut Tx, archived: bool) -> Result<Vec<(Topic, i64)>> {
        let shown = topics::archived_at.is_not_null().eq(archived);
        let all: Vec<Topic> = topics::table
            .filter(shown)
            .order((topics::position, topics::name))
            .limit(MOST)
            .select(Topic::as_select())
            .load(&mut **tx)?;
        let refused: Vec<(Uuid, i64)> = topic_opt_outs::table
            .group_by(topic_opt_outs::topic_id)
            .select((topic_opt_outs::topic_id, count_star()))
            .load(&mut **tx)?;
        let refused = |id| {
            refused
                .iter()
                .find(|(t, _)| *t == id)
                .map_or(0, |(_, n)| *n)
        };
        Ok(all
            .into_iter()
            .map(|t| (t.clone(), refused(t.id)))
            .collect())
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Topic> {
        let row = topics::table.filter(topics::id.eq(id));
        Ok(row.select(Topic::as_select()).first(&mut **tx)?)
    }

    pub fn create(tx: &mut Tx, form: TopicForm) -> Result<Topic> {
        let made = diesel::insert_into(topics::table)
            .values((topics::id.eq(Uuid::now_v7()), &form))
            .returning(Topic::as_returning())
            .get_result(&mut **tx);
        let topic: Topic = made.map_err(taken)?;
        tx.note_event("topic.created", &topic.name, Changes::of_new(&form));
        Ok(topic)
    }

    pub fn update(&self, tx: &mut Tx, form: TopicForm) -> Result<Topic> {
        let changes = Changes::between(&TopicForm::from(self), &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let saved = diesel::update(topics::table.filter(topics::id.eq(self.id)))
            .set(&form)
            .returning(Topic::as_returning())
            .get_result(&mut **tx);
        let topic: Topic = saved.map_err(taken)?;
        tx.note_event("topic.updated", &topic.name, changes);
        Ok(topic)
    }

    /// Offered no more, neither here nor to readers. Who refused it is remembered.
    pub fn archive(&self, tx: &mut Tx) -> Result<Topic> {
        self.set_archived(tx, Some(tx.now), "topic.archived")
    }

    pub fn restore(&self, tx: &mut Tx) -> Result<Topic> {
        self.set_archived(tx, None, "topic.restored")
    }

    fn set_archived(
        &self,
        tx: &mut Tx,
        at: Option<DateTime<Utc>>,
        kind: &'static str,
    ) -> Result<Topic> {
        if self.archived_at.is_some() == at.is_some() {
            return Ok(self.clone());
        }
        let topic: Topic = diesel::update(topics::table.filter(topics::id.eq(self.id)))
            .set(topics::archived_at.eq(at))
            .returning(Topic::as_returning())
            .get_result(&mut **tx)?;
        let changes = Changes::none().set("archived_at", self.archived_at, at);
        tx.note_event(kind, &topic.name, changes);
        Ok(topic)
    }
}

fn taken(error: Diesel) -> Error {
    match error {
        Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::invalid("name", "There is a topic of this name already.")
        }
        error => error.into(),
    }
}
