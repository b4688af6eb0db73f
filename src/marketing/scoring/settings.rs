//! From how many points on somebody is hot, warm, or of another stage.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::Result;
use platform::db::{Statement, Tx};
use platform::events::Changes;
use platform::jobs::Job;
use platform::schema::score_settings;
use platform::web::can::Edit;
use platform::web::{Can, Form, Toast};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::counting::Which;
use super::handlers;
use super::jobs::CountScores;
use super::rule::Rule;

#[derive(
    Clone, Debug, Deserialize, Serialize, Validate, Queryable, Selectable, AsChangeset, Insertable,
)]
#[diesel(table_name = score_settings, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
#[serde(default)]
#[validate(schema(function = "in_order", skip_on_field_errors = true))]
pub struct Levels {
    #[validate(range(min = 1, max = 100_000, message = "Please enter a number of points."))]
    pub hot_from: i32,
    #[validate(range(min = 1, max = 100_000, message = "Please enter a number of points."))]
    pub warm_from: i32,
    /// Whoever is silent for so many days is dormant, whatever the points.
    #[validate(range(
        min = 1,
        max = 3650,
        message = "Please enter a number of days from 1 to 3650."
    ))]
    pub dormant_after: i32,
    /// From so many points on a lead is marketing qualified.
    #[validate(range(min = 1, max = 100_000, message = "Please enter a number of points."))]
    pub mql_from: Option<i32>,
    /// From so many points on they are sales qualified.
    #[validate(range(min = 1, max = 100_000, message = "Please enter a number of points."))]
    pub sql_from: Option<i32>,
}

impl Default for Levels {
    fn default() -> Levels {
        Levels {
            hot_from: 60,
            warm_from: 25,
            dormant_after: 90,
            mql_from: None,
            sql_from: None,
        }
    }
}

fn in_order(levels: &Levels) -> std::result::Result<(), ValidationError> {
    let wrong = |words: &'static str| Err(ValidationError::new("order").with_message(words.into()));
    if levels.warm_from >= levels.hot_from {
        return wrong("Hot has to begin above warm.");
    }
    match (levels.mql_from, levels.sql_from) {
        (Some(mql), Some(sql)) if mql >= sql => {
            wrong("Sales qualified has to begin above marketing qualified.")
        }
        _ => Ok(()),
    }
}

impl Levels {
    /// Those of this workspace; the usual ones until somebody sets them.
    pub fn load(tx: &mut Tx) -> Result<Levels> {
        let found = score_settings::table.select(Levels::as_select());
        Ok(found.first(&mut **tx).optional()?.unwrap_or_default())
    }

    fn save(&self, tx: &mut Tx) -> Result<()> {
        let before = Levels::load(tx)?;
        let changes = Changes::between(&before, self);
        diesel::insert_into(score_settings::table)
            .values(self)
            .on_conflict((score_settings::workspace_id, score_settings::id))
            .do_update()
            .set(self)
            .execute(&mut **tx)?;
        if !changes.is_empty() {
            tx.note_event("scoring.updated", "Lead scoring", changes);
        }
        Ok(())
    }

    /// Moves those of a batch on whose points passed a threshold; nobody is moved back by points.
    pub fn promote(
        &self,
        tx: &mut Tx,
        which: Which,
        after: Option<Uuid>,
        last: Uuid,
    ) -> Result<()> {
        let steps = [
            (
                self.sql_from,
                "sales_qualified",
                "'subscriber', 'lead', 'marketing_qualified'",
            ),
            (self.mql_from, "marketing_qualified", "'subscriber', 'lead'"),
        ];
        for (from, stage, before) in steps {
            let Some(from) = from else { continue };
            let mut s = Statement::default();
            s.sql(format!(
                "with who as materialized (select contacts.id, contacts.lifecycle_stage as was from contacts \
                 where contacts.archived_at is null and contacts.score >= {from} and contacts.lifecycle_stage in ({before})"
            ));
            which.among(&mut s);
            if let Some(after) = after {
                s.sql(" and contacts.id > ").id(Some(after));
            }
            s.sql(" and contacts.id <= ").id(Some(last)).sql(format!(
                " for no key update), done as (update contacts set lifecycle_stage = '{stage}', lifecycle_changed_at = "
            ))
            .at(tx.now)
            .sql(
                " from who where contacts.id = who.id returning contacts.id, contacts.version, contacts.score, who.was, \
                 (contacts_card(contacts.*)).title) \
                 insert into events (id, kind, record_kind, record_id, title, actor_name, at, changes, data) \
                 select new_id(), 'contact.lifecycle_changed', 'contact', id, title, ",
            )
            .text(&tx.origin.name)
            .sql(", ")
            .at(tx.now)
            .sql(format!(
                ", jsonb_build_object('lifecycle_stage', jsonb_build_array(was, '{stage}')), \
                 jsonb_build_object('version', version, 'score', score) from done"
            ));
            s.execute(&mut **tx)?;
        }
        Ok(())
    }
}

/// How far counting has come.
#[derive(Clone, Copy, Debug, Default, Queryable)]
pub struct Counted {
    /// What changed until then has been counted.
    pub until: Option<DateTime<Utc>>,
    /// When everybody was.
    pub at: Option<DateTime<Utc>>,
}

impl Counted {
    pub fn load(tx: &mut Tx) -> Result<Counted> {
        let found = score_settings::table
            .select((score_settings::scored_until, score_settings::scored_at))
            .first(&mut **tx)
            .optional()?;
        Ok(found.unwrap_or_default())
    }
}

/// What changed until then has been counted; `all`: and so has everybody else.
pub fn count_until(tx: &mut Tx, until: DateTime<Utc>, all: bool) -> Result<()> {
    let at = all.then_some(score_settings::scored_at.eq(until));
    diesel::insert_into(score_settings::table)
        .values((
            score_settings::id.eq(1),
            score_settings::scored_until.eq(until),
            at,
        ))
        .on_conflict((score_settings::workspace_id, score_settings::id))
        .do_update()
        .set((score_settings::scored_until.eq(until), at))
        .execute(&mut **tx)?;
    Ok(())
}

pub async fn update(can: Can<Edit, Rule>, form: Form<Levels>) -> Result<HttpResponse> {
    let current = can.tx(Levels::load).await?;
    let form = form.over(&current);
    let saved = form.write(&can, |tx, levels| {
        levels.save(tx)?;
        tx.enqueue(CountScores { all: true }.new_job());
        Ok(levels)
    });
    let levels = match saved.await? {
        Ok(levels) => levels,
        Err(form) => return handlers::show(&can, form).await,
    };
    if can.asked.json() {
        return Ok(HttpResponse::Ok().json(levels));
    }
    let toast = Toast::done("Saved; everybody is counted anew");
    can.redirect(&can.url("/scoring"), Some(toast))
}
