//! The journal of sign-ins, refused ones too: append-only, and it keeps no address but its hash.

use diesel::prelude::*;
use platform::db::Origin;
use platform::schema::{people, sign_ins};
use platform::{Result, clock, text_enum};
use sha2::{Digest, Sha256};
use uuid::Uuid;

text_enum! {
    pub enum Outcome {
        SignedIn => "signed_in", "Signed in";
        Refused => "refused", "Refused";
        SignedOut => "signed_out", "Signed out";
        PasswordReset => "password_reset", "Reset the password";
        PasswordChanged => "password_changed", "Changed the password";
        Joined => "joined", "Set the first password";
        DevicesRevoked => "devices_revoked", "Ended other sessions";
    }
}

pub fn log(
    conn: &mut PgConnection,
    person: Option<Uuid>,
    email: &str,
    outcome: Outcome,
    origin: &Origin,
) -> Result<()> {
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::id.eq(Uuid::now_v7()),
            sign_ins::person_id.eq(person),
            sign_ins::email_hash.eq(Sha256::digest(email.as_bytes()).to_vec()),
            sign_ins::outcome.eq(outcome),
            sign_ins::ip.eq(origin.ip.as_deref().unwrap_or_default()),
            sign_ins::user_agent.eq(origin.user_agent.as_deref().unwrap_or_default()),
            sign_ins::at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The same for somebody who is known.
pub fn log_of(
    conn: &mut PgConnection,
    person: Uuid,
    outcome: Outcome,
    origin: &Origin,
) -> Result<()> {
    let email: Option<String> = people::table
        .find(person)
        .select(people::email)
        .first(conn)
        .optional()?;
    log(
        conn,
        Some(person),
        email.as_deref().unwrap_or_default(),
        outcome,
        origin,
    )
}
