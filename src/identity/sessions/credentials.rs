//! Checks a password: same answer and same time whether the account exists or not.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHash, PasswordVerifier};
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::db::Origin;
use platform::schema::{people, refresh_tokens};
use platform::web::App;
use platform::web::limits::{SIGN_IN, SIGN_IN_ADDRESS};
use platform::web::session::{hashed, random_key};
use platform::{Error, Result, clock, world};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::journal::{self, Outcome};

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(default)]
pub struct Credentials {
    #[validate(length(min = 1, max = 254, message = "Please enter your e-mail address."))]
    pub email: String,
    #[validate(length(min = 1, max = 1000, message = "Please enter your password."))]
    #[serde(skip_serializing)]
    pub password: String,
    /// Where to go afterwards.
    #[validate(length(max = 2000))]
    pub next: String,
}

/// What an unknown account's password is checked against, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| world::hash_password(&random_key()).unwrap_or_default());

impl Credentials {
    /// The person, or `None` where address and password don't belong together.
    pub async fn check(&self, app: &Arc<App>, origin: &Origin) -> Result<Option<Uuid>> {
        self.check_by(matches, app, origin).await
    }

    /// `matches` is slow on purpose, so the limits fire before it, and it runs whether there is an account or not.
    pub(super) async fn check_by(
        &self,
        matches: impl FnOnce(&str, &str) -> bool + Send + 'static,
        app: &Arc<App>,
        origin: &Origin,
    ) -> Result<Option<Uuid>> {
        let email = self.email.trim().to_lowercase();
        let ip = origin.ip.clone().unwrap_or_default();
        app.limits.check(SIGN_IN_ADDRESS, &ip).await?;
        app.limits.check(SIGN_IN, &email).await?;
        let (password, known_email) = (self.password.clone(), email.clone());
        let found: Option<(Uuid, Option<String>)> = app
            .directory(move |conn| {
                Ok(people::table
                    .filter(
                        people::email
                            .eq(known_email)
                            .and(people::disabled_at.is_null()),
                    )
                    .select((people::id, people::password_hash))
                    .first(conn)
                    .optional()?)
            })
            .await?;
        let person = found.as_ref().map(|(id, _)| *id);
        let hash = found.and_then(|(_, hash)| hash);
        let right = actix_web::web::block(move || {
            let known = hash.is_some();
            matches(&password, hash.as_deref().unwrap_or(&NOBODY)) && known
        })
        .await?;
        let outcome = if right {
            Outcome::SignedIn
        } else {
            Outcome::Refused
        };
        let (from, address) = (origin.clone(), email.clone());
        app.directory(move |conn| journal::log(conn, person, &address, outcome, &from))
            .await?;
        if right {
            app.limits.clear(SIGN_IN, &email).await;
            // An office signs in from one address every morning: only what fails counts there.
            app.limits.give_back(SIGN_IN_ADDRESS, &ip).await;
        }
        Ok(person.filter(|_| right))
    }
}

pub(super) fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        argon2::Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Whether this is the password of somebody who is signed in.
pub async fn verify(app: &Arc<App>, person: Uuid, password: String) -> Result<bool> {
    let hash: Option<String> = app
        .directory(move |conn| {
            let mine = people::table.find(person);
            Ok(mine.select(people::password_hash).first(conn)?)
        })
        .await?;
    let right = move || hash.is_some_and(|hash| matches(&password, &hash));
    Ok(actix_web::web::block(right).await?)
}

const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);

/// A new refresh token, in the family of the one it replaces.
pub fn issue_refresh(
    conn: &mut PgConnection,
    person: Uuid,
    family: Option<Uuid>,
) -> Result<String> {
    let token = random_key();
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(&hashed(&token)[..]),
            refresh_tokens::family.eq(family.unwrap_or_else(Uuid::now_v7)),
            refresh_tokens::person_id.eq(person),
            refresh_tokens::expires_at.eq(clock::now() + REFRESH_LIFETIME),
        ))
        .execute(conn)?;
    Ok(token)
}

/// Trades a refresh token for a new one. A token that comes twice was stolen: its whole family is revoked.
pub fn rotate_refresh(conn: &mut PgConnection, token: &str) -> Result<Option<(Uuid, String)>> {
    let hash = hashed(token);
    let row: Option<(Uuid, Uuid, bool)> = refresh_tokens::table
        .find(&hash[..])
        .filter(refresh_tokens::expires_at.gt(clock::now()))
        .filter(refresh_tokens::revoked_at.is_null())
        .select((
            refresh_tokens::person_id,
            refresh_tokens::family,
            refresh_tokens::used_at.is_not_null(),
        ))
        .for_update()
        .first(conn)
        .optional()?;
    let Some((person, family, used)) = row else {
        return Ok(None);
    };
    if used {
        diesel::update(refresh_tokens::table.filter(refresh_tokens::family.eq(family)))
            .set(refresh_tokens::revoked_at.eq(clock::now()))
            .execute(conn)?;
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(&hash[..]))
        .set(refresh_tokens::used_at.eq(clock::now()))
        .execute(conn)?;
    let enabled: i64 = people::table
        .find(person)
        .filter(people::disabled_at.is_null())
        .count()
        .get_result(conn)?;
    if enabled == 0 {
        return Err(Error::SignIn);
    }
    Ok(Some((person, issue_refresh(conn, person, Some(family))?)))
}
