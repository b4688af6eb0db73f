//! The links by which somebody without a password sets one: sent by mail, good once, kept as a hash.

use chrono::TimeDelta;
use diesel::prelude::*;
use platform::schema::{password_tokens, people};
use platform::web::session::hashed;
use platform::{Result, clock, text_enum};
use uuid::Uuid;

text_enum! {
    pub enum Purpose {
        Reset => "reset", "Reset";
        Invite => "invite", "Invitation";
    }
}

impl Purpose {
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Purpose::Reset => TimeDelta::hours(1),
            Purpose::Invite => TimeDelta::hours(72),
        }
    }
}

/// Whose link it is.
#[derive(Clone, Debug, Queryable)]
pub struct Holder {
    pub person: Uuid,
    pub email: String,
    pub name: String,
    pub purpose: Purpose,
}

/// Makes the token good; those sent before for the same purpose end. One that was made good before stays as it is.
pub fn issue(conn: &mut PgConnection, person: Uuid, purpose: Purpose, token: &str) -> Result<()> {
    let hash = hashed(token);
    let earlier = password_tokens::table
        .filter(password_tokens::person_id.eq(person))
        .filter(password_tokens::purpose.eq(purpose))
        .filter(password_tokens::used_at.is_null())
        .filter(password_tokens::hash.ne(&hash[..]));
    diesel::delete(earlier).execute(conn)?;
    diesel::insert_into(password_tokens::table)
        .values((
            password_tokens::hash.eq(&hash[..]),
            password_tokens::person_id.eq(person),
            password_tokens::purpose.eq(purpose),
            password_tokens::created_at.eq(clock::now()),
            password_tokens::expires_at.eq(clock::now() + purpose.lifetime()),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(())
}

/// Whose token this is, while it is good; it stays good.
pub fn holder(conn: &mut PgConnection, token: &str) -> Result<Option<Holder>> {
    let found = password_tokens::table
        .inner_join(people::table)
        .filter(password_tokens::hash.eq(&hashed(token)[..]))
        .filter(password_tokens::used_at.is_null())
        .filter(password_tokens::expires_at.gt(clock::now()))
        .filter(people::disabled_at.is_null())
        .select((
            people::id,
            people::email,
            people::name,
            password_tokens::purpose,
        ))
        .first(conn)
        .optional()?;
    Ok(found)
}

/// Uses the token up; gives whether it was still good, so that of two at once only one gets through.
pub fn spend(conn: &mut PgConnection, token: &str) -> Result<bool> {
    let good = password_tokens::table
        .find(hashed(token).to_vec())
        .filter(password_tokens::used_at.is_null())
        .filter(password_tokens::expires_at.gt(clock::now()));
    let spent = diesel::update(good)
        .set(password_tokens::used_at.eq(clock::now()))
        .execute(conn)?;
    Ok(spent == 1)
}
