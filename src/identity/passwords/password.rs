//! Setting a password, and what ends with the old one.

use diesel::prelude::*;
use platform::db::Origin;
use platform::schema::{password_tokens, people};
use platform::web::App;
use platform::{Result, clock, world};
use uuid::Uuid;

use super::{breached, rules};

use crate::identity::sessions::{self, Outcome};

/// What is wrong with a new password for this person, in a sentence, or `None`.
pub async fn problem(app: &App, password: &str, email: &str, name: &str) -> Option<String> {
    match rules::problem(password, email, name) {
        None => breached::problem(app, password).await,
        problem => problem,
    }
}

/// Hashes on a blocking thread: it is slow on purpose.
pub async fn hash(password: String) -> Result<String> {
    actix_web::web::block(move || world::hash_password(&password)).await?
}

/// Gives the person this password. Every session but `kept`, every refresh token and every open link ends.
pub fn set(
    conn: &mut PgConnection,
    person: Uuid,
    hash: &str,
    kept: Option<Uuid>,
    outcome: Outcome,
    origin: &Origin,
) -> Result<()> {
    let email: String = diesel::update(people::table.find(person))
        .set((
            people::password_hash.eq(hash),
            people::password_changed_at.eq(clock::now()),
        ))
        .returning(people::email)
        .get_result(conn)?;
    let open = password_tokens::table
        .filter(password_tokens::person_id.eq(person))
        .filter(password_tokens::used_at.is_null());
    diesel::update(open)
        .set(password_tokens::used_at.eq(clock::now()))
        .execute(conn)?;
    sessions::end_all(conn, person, kept)?;
    sessions::log(conn, Some(person), &email, outcome, origin)
}
