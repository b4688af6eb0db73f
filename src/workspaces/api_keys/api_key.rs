//! An API key: its row and its verbs. Only its hash is kept.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Text;
use platform::db::Tx;
use platform::error::FieldError;
use platform::events::Changes;
use platform::schema::api_keys;
use platform::web::Resource;
use platform::web::session::{API_KEY_PREFIX, hashed, random_key};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::routes::rights;

const MOST: i64 = 500;
const LONGEST_DAYS: i64 = 3650;

#[derive(Clone, Debug, Queryable, Serialize)]
pub struct ApiKey {
    pub id: Uuid,
    pub name: String,
    /// The key's last characters, to tell it from others.
    pub hint: String,
    pub person_id: Uuid,
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub person: String,
}

impl Resource for ApiKey {
    const NAME: &'static str = "api_keys";
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct ApiKeyForm {
    #[validate(length(min = 1, max = 100))]
    pub name: String,
    /// `contacts:view`; `*` is whatever the person may do.
    #[validate(length(min = 1, max = 500, message = "Please choose what the key may do."))]
    pub scopes: Vec<String>,
    /// In so many days; without, never.
    #[validate(range(
        min = 1,
        max = "LONGEST_DAYS",
        message = "A key lives from 1 to 3650 days."
    ))]
    pub days: Option<i64>,
}

impl ApiKeyForm {
    /// The scopes that name no right there is.
    pub fn problems(&self) -> Vec<FieldError> {
        let known = |scope: &str| {
            let right = scope.split_once(':');
            scope == "*"
                || right.is_some_and(|(resource, action)| {
                    rights()
                        .get(resource)
                        .is_some_and(|actions| action == "*" || actions.contains(action))
                })
        };
        let unknown = self.scopes.iter().filter(|scope| !known(scope));
        unknown
            .take(1)
            .map(|scope| FieldError {
                field: "scopes".into(),
                message: format!("There is no scope {scope:?}. One is written like contacts:view."),
            })
            .collect()
    }
}

impl ApiKey {
    fn load(tx: &mut Tx, mut query: api_keys::BoxedQuery<'_, Pg>) -> Result<Vec<ApiKey>> {
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(api_keys::person_id.eq_any(owners.to_vec()));
        }
        const PERSON: &str = "(select m.name from members m where m.workspace_id = api_keys.workspace_id and m.person_id = api_keys.person_id)";
        Ok(query
            .order((api_keys::created_at.desc(), api_keys::id.desc()))
            .limit(MOST)
            .select((
                api_keys::id,
                api_keys::name,
                api_keys::hint,
                api_keys::person_id,
                api_keys::scopes,
                api_keys::created_at,
                api_keys::expires_at,
                api_keys::last_used_at,
                api_keys::revoked_at,
                sql::<Text>(PERSON),
            ))
            .load(&mut **tx)?)
    }

    /// Those that can be used; the log remembers the others.
    pub fn all(tx: &mut Tx) -> Result<Vec<ApiKey>> {
        let query = api_keys::table.filter(api_keys::revoked_at.is_null());
        ApiKey::load(tx, query.into_boxed())
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<ApiKey> {
        let query = api_keys::table
            .filter(api_keys::id.eq(id))
            .filter(api_keys::revoked_at.is_null());
        let found = ApiKey::load(tx, query.into_boxed())?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    /// A new key, and the one time that it is seen whole.
    pub fn create(tx: &mut Tx, form: ApiKeyForm) -> Result<(ApiKey, String)> {
        let me = tx.me()?;
        let secret = format!("{API_KEY_PREFIX}{}", random_key());
        let expires_at = form.days.map(|days| tx.now + TimeDelta::days(days));
        let hint = secret[secret.len() - 4..].to_owned();
        let id = Uuid::now_v7();
        diesel::insert_into(api_keys::table)
            .values((
                api_keys::id.eq(id),
                api_keys::name.eq(&form.name),
                api_keys::hash.eq(&hashed(&secret)[..]),
                api_keys::hint.eq(hint),
                api_keys::person_id.eq(me),
                api_keys::scopes.eq(&form.scopes),
                api_keys::created_at.eq(tx.now),
                api_keys::expires_at.eq(expires_at),
            ))
            .execute(&mut **tx)?;
        let changes =
            Changes::none()
                .set("scopes", (), &form.scopes)
                .set("expires_at", (), expires_at);
        tx.note_event("api_key.created", &form.name, changes)
            .with("api_key_id", id);
        Ok((ApiKey::find(tx, id)?, secret))
    }

    pub fn revoke(&self, tx: &mut Tx) -> Result<()> {
        diesel::update(api_keys::table.filter(api_keys::id.eq(self.id)))
            .set(api_keys::revoked_at.eq(tx.now))
            .execute(&mut **tx)?;
        let changes = Changes::none().set("revoked_at", (), tx.now);
        tx.note_event("api_key.revoked", &self.name, changes)
            .with("api_key_id", self.id);
        Ok(())
    }

    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}
