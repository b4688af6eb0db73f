//! Cookies, access tokens and API keys: the three ways in which a request says whose it is.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_session::config::{BrowserSession, TtlExtensionPolicy};
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Key, SameSite, time};
use actix_web::web;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::app::App;
use super::can::Holder;
use crate::clock;
use crate::config::Config;
use crate::db::{Origin, Pool, pool};
use crate::error::{Error, Result};
use crate::schema::{api_keys, sessions};

/// The keys of the session's state.
pub const PERSON: &str = "person";
pub const IP: &str = "ip";
pub const AGENT: &str = "agent";
/// The id of the session's row: what a list of devices may show, unlike the key.
pub const DEVICE: &str = "device";

const LIFETIME: TimeDelta = TimeDelta::hours(24);
const LAST_QUARTER: TimeDelta = TimeDelta::hours(6);
/// `last_seen_at` is for people, so it need not be exact.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);
/// How long another process may still accept a session that was just revoked.
const REMEMBERED: Duration = Duration::from_secs(3);
const ACCESS_TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(15);
pub const API_KEY_PREFIX: &str = "nxk_";

type State = HashMap<String, String>;

tokio::task_local! {
    /// Whether this request's session could not be looked up; the middleware around the store makes a 500 of it.
    pub(super) static AWAY: Cell<bool>;
}

/// Sessions in PostgreSQL; the cookie holds the key, the table its SHA-256.
#[derive(Clone)]
pub struct Sessions {
    pool: Pool,
    known: Cache<[u8; 32], Arc<State>>,
}

impl Sessions {
    pub fn new(pool: Pool) -> Sessions {
        Sessions {
            pool,
            known: Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    /// After a revocation in this process, at once.
    pub fn forget(&self) {
        self.known.invalidate_all();
    }

    pub fn middleware(&self, config: &Config) -> SessionMiddleware<Sessions> {
        let key = Key::derive_from(&config.key("cookie"));
        let secure = config.public_url.starts_with("https://");
        SessionMiddleware::builder(self.clone(), key)
            .cookie_name(if secure { "__Host-nexus" } else { "nexus" }.to_owned())
            .cookie_secure(secure)
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .session_lifecycle(
                BrowserSession::default()
                    .state_ttl(time::Duration::hours(24))
                    .state_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges),
            )
            .build()
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, anyhow::Error> {
        let pool = self.pool.clone();
        let done = web::block(move || work(&mut *pool::get(&pool)?)).await;
        Ok(done??)
    }
}

impl SessionStore for Sessions {
    async fn load(&self, key: &SessionKey) -> std::result::Result<Option<State>, LoadError> {
        let hash = hashed(key.as_ref());
        if let Some(state) = self.known.get(&hash) {
            return Ok(Some(State::clone(&state)));
        }
        let state = self
            .blocking(move |conn| load(conn, &hash))
            .await
            .map_err(|error| {
                // Outside of a request there is nobody to tell.
                let _ = AWAY.try_with(|away| away.set(true));
                LoadError::Other(error)
            })?;
        if let Some(state) = &state {
            self.known.insert(hash, Arc::new(state.clone()));
        }
        Ok(state)
    }

    async fn save(
        &self,
        state: State,
        _: &time::Duration,
    ) -> std::result::Result<SessionKey, SaveError> {
        let key = random_key();
        let hash = hashed(&key);
        self.blocking(move |conn| save(conn, &hash, &state))
            .await
            .map_err(SaveError::Other)?;
        key.try_into()
            .map_err(|e| SaveError::Other(anyhow::Error::new(e)))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> std::result::Result<SessionKey, UpdateError> {
        let hash = hashed(key.as_ref());
        self.known.invalidate(&hash);
        let kept = state.clone();
        let updated = self
            .blocking(move |conn| {
                Ok(diesel::update(sessions::table.find(&hash[..]))
                    .set((
                        sessions::state.eq(as_json(&state)),
                        sessions::person_id.eq(id_in(PERSON, &state)),
                    ))
                    .execute(conn)?)
            })
            .await
            .map_err(UpdateError::Other)?;
        if updated == 1 {
            return Ok(key);
        }
        // Revoked while this request ran: what it wanted kept goes to nobody's session, lest it come back to life.
        let nobody = kept.into_iter().filter(|(key, _)| key != PERSON).collect();
        self.save(nobody, ttl)
            .await
            .map_err(|e| UpdateError::Other(anyhow::Error::new(e)))
    }

    async fn update_ttl(
        &self,
        key: &SessionKey,
        _: &time::Duration,
    ) -> std::result::Result<(), anyhow::Error> {
        let hash = hashed(key.as_ref());
        self.blocking(move |conn| {
            diesel::update(sessions::table.find(&hash[..]))
                .set(sessions::expires_at.eq(clock::now() + LIFETIME))
                .execute(conn)?;
            Ok(())
        })
        .await
    }

    async fn delete(&self, key: &SessionKey) -> std::result::Result<(), anyhow::Error> {
        let hash = hashed(key.as_ref());
        self.known.invalidate(&hash);
        self.blocking(move |conn| {
            diesel::delete(sessions::table.find(&hash[..])).execute(conn)?;
            Ok(())
        })
        .await
    }
}

fn load(conn: &mut PgConnection, hash: &[u8]) -> Result<Option<State>> {
    let now = clock::now();
    let found: Option<(serde_json::Value, DateTime<Utc>, DateTime<Utc>)> = sessions::table
        .find(hash)
        .filter(sessions::expires_at.gt(now))
        .select((
            sessions::state,
            sessions::expires_at,
            sessions::last_seen_at,
        ))
        .first(conn)
        .optional()?;
    let Some((state, expires_at, last_seen_at)) = found else {
        return Ok(None);
    };
    if now - last_seen_at > SEEN_EVERY || expires_at - now < LAST_QUARTER {
        let expires_at = if expires_at - now < LAST_QUARTER {
            now + LIFETIME
        } else {
            expires_at
        };
        diesel::update(sessions::table.find(hash))
            .set((
                sessions::last_seen_at.eq(now),
                sessions::expires_at.eq(expires_at),
            ))
            .execute(conn)?;
    }
    Ok(State::deserialize(state).ok())
}

fn save(conn: &mut PgConnection, hash: &[u8], state: &State) -> Result<()> {
    let text = |key: &str| -> String {
        let raw = state.get(key).and_then(|v| serde_json::from_str(v).ok());
        raw.unwrap_or_default()
    };
    diesel::insert_into(sessions::table)
        .values((
            sessions::key_hash.eq(hash),
            sessions::id.eq(id_in(DEVICE, state).unwrap_or_else(Uuid::now_v7)),
            sessions::person_id.eq(id_in(PERSON, state)),
            sessions::state.eq(as_json(state)),
            sessions::ip.eq(text(IP)),
            sessions::user_agent.eq(text(AGENT)),
            sessions::expires_at.eq(clock::now() + LIFETIME),
        ))
        .execute(conn)?;
    Ok(())
}

fn as_json(state: &State) -> serde_json::Value {
    serde_json::to_value(state).unwrap_or_default()
}

fn id_in(key: &str, state: &State) -> Option<Uuid> {
    serde_json::from_str(state.get(key)?).ok()
}

/// Makes this browser's session that person's, under a new key: one planted before is worth nothing.
pub fn sign_in(session: &Session, person: Uuid, origin: &Origin) -> Result<()> {
    session.renew();
    let ids = [(PERSON, person), (DEVICE, Uuid::now_v7())];
    for (key, id) in ids {
        session.insert(key, id).map_err(Error::internal)?;
    }
    for (key, text) in [(IP, &origin.ip), (AGENT, &origin.user_agent)] {
        let text = text.as_deref().unwrap_or_default();
        session.insert(key, text).map_err(Error::internal)?;
    }
    Ok(())
}

/// 256 random bits, as text that fits a cookie or a URL.
pub fn random_key() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

pub fn hashed(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    exp: i64,
    /// With a fraction, as RFC 7519 allows: a password may change in the second in which a token is made.
    iat: f64,
}

/// A JWT (RFC 7519, HS256) that is good for fifteen minutes; gives it with its lifetime in seconds.
pub fn access_token(config: &Config, person: Uuid) -> Result<(String, i64)> {
    let now = clock::now();
    let claims = Claims {
        sub: person,
        iat: now.timestamp_micros() as f64 / 1e6,
        exp: (now + ACCESS_TOKEN_LIFETIME).timestamp(),
    };
    let key = EncodingKey::from_secret(&config.key("jwt"));
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(Error::internal)?;
    Ok((token, ACCESS_TOKEN_LIFETIME.num_seconds()))
}

/// Whose bearer token this is: an API key's or an access token's. What is neither is nobody's.
pub async fn bearer(app: &Arc<App>, token: &str) -> Result<Option<Holder>> {
    if token.starts_with(API_KEY_PREFIX) {
        return api_key(app, token).await;
    }
    let key = DecodingKey::from_secret(&app.config.key("jwt"));
    let mut rules = Validation::new(Algorithm::HS256);
    // Both clocks are this machine's.
    rules.leeway = 0;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules);
    Ok(claims.ok().map(|data| Holder {
        person: data.claims.sub,
        workspace: None,
        scopes: None,
        since: DateTime::from_timestamp_micros((data.claims.iat * 1e6).round() as i64),
        // Not the token: whoever trades it for the next would start counting anew.
        counted: Some(format!("person:{}", data.claims.sub)),
    }))
}

/// What an API key is good for.
#[derive(Clone, Debug, QueryableByName)]
pub struct KeyHolder {
    #[diesel(sql_type = sql_types::Uuid)]
    key_id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    workspace_id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    person_id: Uuid,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    scopes: Vec<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
}

async fn api_key(app: &Arc<App>, token: &str) -> Result<Option<Holder>> {
    let hash = hashed(token);
    let known = match app.access.known_key(&hash) {
        Some(known) => Some(known),
        None => find_key(app, hash).await?,
    };
    let good = known.filter(|key| key.expires_at.is_none_or(|at| at > clock::now()));
    Ok(good.map(|key| Holder {
        person: key.person_id,
        workspace: Some(key.workspace_id),
        scopes: Some(key.scopes.clone()),
        since: None,
        counted: Some(format!("key:{}", key.key_id)),
    }))
}

async fn find_key(app: &Arc<App>, hash: [u8; 32]) -> Result<Option<Arc<KeyHolder>>> {
    let found: Option<KeyHolder> = app
        .directory(move |conn| {
            Ok(diesel::sql_query("select * from api_key_holder($1)")
                .bind::<sql_types::Binary, _>(hash.to_vec())
                .get_result(conn)
                .optional()?)
        })
        .await?;
    let Some(key) = found.map(Arc::new) else {
        return Ok(None);
    };
    let id = key.key_id;
    let subject = crate::db::tx::Subject::machine(key.workspace_id, "");
    app.tx(subject, move |tx| {
        let stale = api_keys::last_used_at
            .is_null()
            .or(api_keys::last_used_at.lt(tx.now - SEEN_EVERY));
        diesel::update(api_keys::table.filter(api_keys::id.eq(id)).filter(stale))
            .set(api_keys::last_used_at.eq(tx.now))
            .execute(&mut **tx)?;
        Ok(())
    })
    .await?;
    app.access.remember_key(hash, key.clone());
    Ok(Some(key))
}
