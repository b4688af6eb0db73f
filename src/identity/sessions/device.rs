//! A device: a browser in which somebody is signed in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::schema::{refresh_tokens, sessions};
use platform::{Result, clock};
use serde::Serialize;
use uuid::Uuid;

/// More than anybody looks through; the oldest fall off.
const MOST: i64 = 100;

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub struct Device {
    pub id: Uuid,
    pub ip: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Device {
    pub fn of(conn: &mut PgConnection, person: Uuid) -> Result<Vec<Device>> {
        Ok(sessions::table
            .filter(sessions::person_id.eq(person))
            .filter(sessions::expires_at.gt(clock::now()))
            .order(sessions::last_seen_at.desc())
            .limit(MOST)
            .select(Device::as_select())
            .load(conn)?)
    }

    /// Signs this device out; gives whether it was there.
    pub fn end(conn: &mut PgConnection, person: Uuid, id: Uuid) -> Result<bool> {
        let mine = sessions::table
            .filter(sessions::person_id.eq(person))
            .filter(sessions::id.eq(id));
        Ok(diesel::delete(mine).execute(conn)? == 1)
    }

    /// `Firefox on Linux`, as far as the browser says what it is.
    pub fn name(&self) -> String {
        let agent = &self.user_agent;
        let known = |names: &[(&str, &'static str)]| {
            let found = names.iter().find(|(mark, _)| agent.contains(mark));
            found.map(|(_, name)| *name)
        };
        // Browsers claim to be each other, so the most particular mark comes first.
        let browser = known(&[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ]);
        let system = known(&[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "Unknown device".to_owned(),
        }
    }

    pub fn is_phone(&self) -> bool {
        ["iPhone", "Android", "iPad"]
            .iter()
            .any(|mark| self.user_agent.contains(mark))
    }
}

/// Ends every session of the person but `kept`, and what their programs hold to get new access tokens.
pub fn end_all(conn: &mut PgConnection, person: Uuid, kept: Option<Uuid>) -> Result<usize> {
    let kept = kept.unwrap_or(Uuid::nil());
    let others = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::id.ne(kept));
    let ended = diesel::delete(others).execute(conn)?;
    let tokens = refresh_tokens::table
        .filter(refresh_tokens::person_id.eq(person))
        .filter(refresh_tokens::revoked_at.is_null());
    diesel::update(tokens)
        .set(refresh_tokens::revoked_at.eq(clock::now()))
        .execute(conn)?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_what_people_call_it() {
        let name = |agent: &str| {
            let at = clock::now();
            let device = Device {
                id: Uuid::nil(),
                ip: String::new(),
                user_agent: agent.into(),
                created_at: at,
                last_seen_at: at,
                expires_at: at,
            };
            device.name()
        };
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0";
        assert_eq!(name(edge), "Edge on Windows");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
        assert_eq!(name(safari), "Safari on iPhone");
        assert_eq!(name(""), "Unknown device");
    }
}
