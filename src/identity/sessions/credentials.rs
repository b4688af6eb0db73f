//! Checks a password: same answer and same time whether the account exists or not.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHash, PasswordVerifier};
use chrono::TimeDelta;
use diesel::prelude::*;
use platform::db::Origin;
use platform::schema::{people, refresh_tokens, sign_ins};
use platform::web::App;
use platform::web::limits::{SIGN_IN, SIGN_IN_ADDRESS};
use platform::web::session::{hashed, random_key};
use platform::{Error, Result, clock, world};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use validator::Validate;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
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
    /// The person, or `None` where address and password don't belong together. Limits fire before the hashing.
    pub async fn check(&self, app: &Arc<App>, origin: &Origin) -> Result<Option<Uuid>> {
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
        log(app, person, &email, right, origin).await?;
        if right {
            app.limits.clear(SIGN_IN, &email).await;
        }
        Ok(person.filter(|_| right))
    }
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        argon2::Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

async fn log(
    app: &Arc<App>,
    person: Option<Uuid>,
    email: &str,
    right: bool,
    origin: &Origin,
) -> Result<()> {
    let (ip, agent) = (
        origin.ip.clone().unwrap_or_default(),
        origin.user_agent.clone().unwrap_or_default(),
    );
    let email_hash = Sha256::digest(email.as_bytes()).to_vec();
    app.directory(move |conn| {
        diesel::insert_into(sign_ins::table)
            .values((
                sign_ins::id.eq(Uuid::now_v7()),
                sign_ins::person_id.eq(person),
                sign_ins::email_hash.eq(email_hash),
                sign_ins::outcome.eq(if right { "signed_in" } else { "refused" }),
                sign_ins::ip.eq(ip),
                sign_ins::user_agent.eq(agent),
                sign_ins::at.eq(clock::now()),
            ))
            .execute(conn)?;
        Ok(())
    })
    .await
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
