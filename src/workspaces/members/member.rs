//! A member: a person in this workspace. Nobody reaches above their own rank, and an owner always remains.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Jsonb, Text};
use platform::db::{Json, Tx};
use platform::events::Changes;
use platform::jobs::Job;
use platform::schema::{members, people, roles};
use platform::web::Resource;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::{Invitation, MemberForm};
use crate::identity::passwords::SendInvitation;
use crate::workspaces::roles::Role;
use crate::workspaces::teams::Team;

const OWNER: &str = "owner";

#[derive(Clone, Debug, Queryable, Serialize)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub teams: Json<Vec<TeamName>>,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub role_id: Uuid,
    pub role: String,
    #[serde(skip)]
    role_key: String,
    pub rank: i32,
    /// Whether they have set a password, and so can sign in.
    pub joined: bool,
}

/// A team that somebody is in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TeamName {
    pub id: Uuid,
    pub name: String,
}

const TEAMS: &str = "coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) order by lower(t.name)) \
    from team_members tm join teams t on t.workspace_id = tm.workspace_id and t.id = tm.team_id \
    where tm.workspace_id = members.workspace_id and tm.person_id = members.person_id), '[]')";

impl Resource for Member {
    const NAME: &'static str = "members";
}

type Query<'a> = members::BoxedQuery<'a, Pg>;

impl Member {
    pub(super) fn load(tx: &mut Tx, query: Query<'_>) -> Result<Vec<Member>> {
        const OF_ROLE: &str =
            "from roles r where r.workspace_id = members.workspace_id and r.id = members.role_id)";
        Ok(query
            .select((
                members::person_id,
                members::name,
                members::email,
                sql::<Jsonb>(TEAMS),
                members::active,
                members::created_at,
                members::role_id,
                sql::<Text>(&format!("(select r.name {OF_ROLE}")),
                sql::<Text>(&format!("(select r.key {OF_ROLE}")),
                sql::<Integer>(&format!("(select r.rank {OF_ROLE}")),
                sql::<Bool>(
                    "exists (select from people p where p.id = members.person_id and p.password_hash is not null)",
                ),
            ))
            .load(&mut **tx)?)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Member> {
        let query = members::table
            .filter(members::person_id.eq(id))
            .into_boxed();
        let found = Member::load(tx, query)?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    /// The names of the teams that they are in.
    pub fn team_names(&self) -> String {
        let names: Vec<&str> = self.teams.iter().map(|team| team.name.as_str()).collect();
        names.join(", ")
    }

    /// Lets somebody in, known to Nexus or not; who is no longer active comes back. They get a mail.
    pub fn invite(tx: &mut Tx, rank: i32, form: Invitation) -> Result<Member> {
        let role = granted(tx, rank, form.role_id)?;
        let email = form.email.trim().to_lowercase();
        let person = person_of(tx, &email, &form.name)?;
        let taken: i64 = members::table
            .filter(members::person_id.eq(person))
            .count()
            .get_result(&mut **tx)?;
        if taken > 0 {
            return Err(Error::invalid(
                "email",
                "This address belongs to a member already, or to one who was deactivated.",
            ));
        }
        diesel::insert_into(members::table)
            .values((
                members::person_id.eq(person),
                members::role_id.eq(role.id),
                // As the inviter knows them: what others call this account is not theirs to see.
                members::name.eq(&form.name),
                members::email.eq(&email),
                members::invited_by.eq(tx.person),
            ))
            .execute(&mut **tx)?;
        Team::of_person(tx, person, &form.teams)?;
        tx.enqueue(SendInvitation { person }.new_job());
        let member = Member::find(tx, person)?;
        let changes = Changes::none()
            .set("email", (), &email)
            .set("role", (), &role.name)
            .set("teams", (), member.team_names());
        member.note(tx, "member.invited", changes);
        Ok(member)
    }

    /// Sends the invitation once more, to somebody who has not come yet.
    pub fn invite_again(&self, tx: &mut Tx) -> Result<()> {
        if self.joined || !self.active {
            return Err(Error::Conflict(format!(
                "{} has a password already, or is not active.",
                self.name
            )));
        }
        tx.enqueue(SendInvitation { person: self.id }.new_job());
        self.note(tx, "member.invited_again", Changes::none());
        Ok(())
    }

    pub fn change(&self, tx: &mut Tx, rank: i32, form: MemberForm) -> Result<Member> {
        self.within_reach(rank)?;
        let role = if form.role_id == Some(self.role_id) {
            Role::find(tx, self.role_id)?
        } else {
            granted(tx, rank, form.role_id)?
        };
        if self.role_key == OWNER && role.key != OWNER {
            self.leaves_an_owner(tx)?;
        }
        diesel::update(members::table.filter(members::person_id.eq(self.id)))
            .set(members::role_id.eq(role.id))
            .execute(&mut **tx)?;
        Team::of_person(tx, self.id, &form.teams)?;
        let after = Member::find(tx, self.id)?;
        let mut changes = Changes::none();
        if self.role != after.role {
            changes = changes.set("role", &self.role, &after.role);
        }
        if self.team_names() != after.team_names() {
            changes = changes.set("teams", self.team_names(), after.team_names());
        }
        if !changes.is_empty() {
            self.note(tx, "member.changed", changes);
        }
        Ok(after)
    }

    pub fn deactivate(&self, tx: &mut Tx, rank: i32) -> Result<Member> {
        self.within_reach(rank)?;
        if tx.person == Some(self.id) {
            return Err(Error::Conflict(
                "You can't deactivate yourself. Ask another admin to do it.".into(),
            ));
        }
        if self.role_key == OWNER {
            self.leaves_an_owner(tx)?;
        }
        self.set_active(tx, false, "member.deactivated")
    }

    pub fn restore(&self, tx: &mut Tx, rank: i32) -> Result<Member> {
        self.within_reach(rank)?;
        self.set_active(tx, true, "member.restored")
    }

    fn set_active(&self, tx: &mut Tx, active: bool, kind: &'static str) -> Result<Member> {
        if self.active == active {
            return Ok(self.clone());
        }
        diesel::update(members::table.filter(members::person_id.eq(self.id)))
            .set(members::active.eq(active))
            .execute(&mut **tx)?;
        let changes = Changes::none().set("active", self.active, active);
        self.note(tx, kind, changes);
        Member::find(tx, self.id)
    }

    fn within_reach(&self, rank: i32) -> Result<()> {
        if self.rank <= rank {
            return Ok(());
        }
        Err(Error::Forbidden(format!(
            "{} has a higher rank ({}) than you.",
            self.name, self.role
        )))
    }

    /// Refuses where no other active owner would be left. The lock keeps two owners from removing each other.
    fn leaves_an_owner(&self, tx: &mut Tx) -> Result<()> {
        let owner_role = roles::table
            .filter(roles::key.eq(OWNER))
            .select(roles::id)
            .first::<Uuid>(&mut **tx)?;
        let owners: Vec<Uuid> = members::table
            .filter(members::role_id.eq(owner_role))
            .filter(members::active)
            .order(members::person_id)
            .select(members::person_id)
            .for_update()
            .load(&mut **tx)?;
        if owners.iter().any(|id| *id != self.id) {
            return Ok(());
        }
        Err(Error::Conflict(format!(
            "{} is the last owner. Make somebody else an owner first.",
            self.name
        )))
    }

    fn note(&self, tx: &mut Tx, kind: &'static str, changes: Changes) {
        let title = self.name.clone();
        tx.note_event(kind, &title, changes)
            .with("person_id", self.id);
    }
}

/// The role that somebody of this rank wants to give away.
fn granted(tx: &mut Tx, rank: i32, role: Option<Uuid>) -> Result<Role> {
    let unknown = || Error::invalid("role_id", "Please choose a role from the list.");
    let role = Role::find(tx, role.ok_or_else(unknown)?).map_err(|error| match error {
        Error::NotFound => unknown(),
        other => other,
    })?;
    if role.rank > rank {
        return Err(Error::invalid(
            "role_id",
            "This role has a higher rank than yours.",
        ));
    }
    Ok(role)
}

/// The account of that address, made where there is none.
fn person_of(tx: &mut Tx, email: &str, name: &str) -> Result<Uuid> {
    diesel::insert_into(people::table)
        .values((
            people::id.eq(Uuid::now_v7()),
            people::email.eq(email),
            people::name.eq(name),
        ))
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    Ok(people::table
        .filter(people::email.eq(email))
        .select(people::id)
        .first(&mut **tx)?)
}
