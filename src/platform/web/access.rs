//! Who is this, and what may they do where? Answered from the database, remembered for a few seconds.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Pool, pool};
use crate::error::Result;
use crate::schema::people;

use super::session::KeyHolder;

/// How long another process may go on with rights that were just taken away.
const REMEMBERED: Duration = Duration::from_secs(3);

/// `{"contacts": {"view": "all", "edit": "own"}}`; `*` stands for every resource or every action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub HashMap<String, HashMap<String, Reach>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    Own,
    Team,
    All,
}

impl Reach {
    pub fn key(self) -> &'static str {
        match self {
            Reach::Own => "own",
            Reach::Team => "team",
            Reach::All => "all",
        }
    }

    pub fn parse(key: &str) -> Option<Reach> {
        [Reach::Own, Reach::Team, Reach::All]
            .into_iter()
            .find(|reach| reach.key() == key)
    }
}

impl Permissions {
    /// How far this right goes, or `None` where there is none. What is not known is denied.
    pub fn reach(&self, resource: &str, action: &str) -> Option<Reach> {
        [resource, "*"]
            .iter()
            .filter_map(|r| self.0.get(*r))
            .find_map(|actions| actions.get(action).or_else(|| actions.get("*")))
            .copied()
    }

    /// Every right to everything, also to what is yet to come.
    pub fn everything() -> Permissions {
        let every = |inner| HashMap::from([("*".to_owned(), inner)]);
        Permissions(every(HashMap::from([("*".to_owned(), Reach::All)])))
    }

    pub fn is_everything(&self) -> bool {
        let every = self.0.get("*").and_then(|actions| actions.get("*"));
        every == Some(&Reach::All)
    }

    pub fn grant(&mut self, resource: &str, action: &str, reach: Reach) {
        let actions = self.0.entry(resource.to_owned()).or_default();
        actions.insert(action.to_owned(), reach);
    }
}

#[derive(Clone, Debug, Hash, Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(diesel::pg::Pg))]
pub struct Person {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub theme: String,
    pub density: String,
    pub zone: Option<String>,
    pub language: String,
    pub shortcuts: bool,
    pub super_admin: bool,
    pub disabled_at: Option<chrono::DateTime<chrono::Utc>>,
    pub password_changed_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// A workspace that a person may enter, and as what.
#[derive(Clone, Debug, Hash, QueryableByName)]
pub struct Membership {
    #[diesel(sql_type = sql_types::Uuid)]
    pub workspace_id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    pub slug: String,
    #[diesel(sql_type = sql_types::Text)]
    pub workspace_name: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub accent: Option<String>,
    #[diesel(sql_type = sql_types::Text)]
    pub zone: String,
    #[diesel(sql_type = sql_types::Text)]
    pub currency: String,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    pub packs: Vec<String>,
    #[diesel(sql_type = sql_types::Text)]
    pub role_key: String,
    #[diesel(sql_type = sql_types::Text)]
    pub role_name: String,
    #[diesel(sql_type = sql_types::Integer)]
    pub rank: i32,
    #[diesel(sql_type = sql_types::Jsonb)]
    permissions: serde_json::Value,
}

impl Membership {
    fn permissions(&self) -> Permissions {
        // A matrix that can't be read grants nothing.
        Permissions::deserialize(&self.permissions).unwrap_or_default()
    }
}

/// A person with all the workspaces they may enter.
#[derive(Debug)]
pub struct Identity {
    pub person: Person,
    pub memberships: Vec<(Membership, Permissions)>,
}

impl Identity {
    pub fn in_workspace(&self, slug: &str) -> Option<&(Membership, Permissions)> {
        self.memberships.iter().find(|(m, _)| m.slug == slug)
    }

    fn load(conn: &mut PgConnection, id: Uuid) -> Result<Option<Identity>> {
        let person: Option<Person> = people::table
            .find(id)
            .filter(people::disabled_at.is_null())
            .select(Person::as_select())
            .first(conn)
            .optional()?;
        let Some(person) = person else {
            return Ok(None);
        };
        let memberships: Vec<Membership> = diesel::sql_query("select * from memberships($1)")
            .bind::<sql_types::Uuid, _>(id)
            .load(conn)?;
        Ok(Some(Identity {
            person,
            memberships: memberships
                .into_iter()
                .map(|m| (m.clone(), m.permissions()))
                .collect(),
        }))
    }
}

/// Remembers identities and keys; everything that changes rights calls `forget`.
pub struct Access {
    identities: Cache<Uuid, Arc<Identity>>,
    keys: Cache<[u8; 32], Arc<KeyHolder>>,
}

impl Access {
    pub fn new() -> Access {
        Access {
            identities: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
            keys: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    /// Whose API key has this hash, if it was asked for a moment ago.
    pub fn known_key(&self, hash: &[u8; 32]) -> Option<Arc<KeyHolder>> {
        self.keys.get(hash)
    }

    pub fn remember_key(&self, hash: [u8; 32], holder: Arc<KeyHolder>) {
        self.keys.insert(hash, holder);
    }

    /// What is remembered, without asking the database.
    pub fn known(&self, person: Uuid) -> Option<Arc<Identity>> {
        self.identities.get(&person)
    }

    /// Blocking.
    pub fn load(&self, pool: &Pool, person: Uuid) -> Result<Option<Arc<Identity>>> {
        let found = Identity::load(&mut *pool::get(pool)?, person)?.map(Arc::new);
        if let Some(identity) = &found {
            self.identities.insert(person, identity.clone());
        }
        Ok(found)
    }

    pub fn forget(&self) {
        self.identities.invalidate_all();
        self.keys.invalidate_all();
    }
}

impl Default for Access {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(json: serde_json::Value) -> Permissions {
        Permissions::deserialize(&json).unwrap()
    }

    #[test]
    fn the_named_right_wins_over_the_wildcard() {
        let matrix = matrix(
            serde_json::json!({"contacts": {"edit": "own"}, "*": {"view": "all", "edit": "all"}}),
        );
        assert_eq!(matrix.reach("contacts", "edit"), Some(Reach::Own));
        assert_eq!(matrix.reach("contacts", "view"), Some(Reach::All));
        assert_eq!(matrix.reach("deals", "edit"), Some(Reach::All));
    }

    #[test]
    fn what_is_not_granted_is_denied() {
        assert_eq!(
            matrix(serde_json::json!({})).reach("contacts", "view"),
            None
        );
    }
}
