//! A role: its row and its verbs. Nobody changes a role of their own rank or above, nor grants what they lack.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use platform::db::Tx;
use platform::error::FieldError;
use platform::events::Changes;
use platform::records::kinds::Kinds;
use platform::schema::{members, roles};
use platform::web::Resource;
use platform::web::access::Permissions;
use platform::{Error, Result, world};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::RoleForm;
use super::matrix;

/// More than anybody can keep apart.
const MOST: i64 = 200;

#[derive(Clone, Debug, Queryable, Serialize)]
pub struct Role {
    pub id: Uuid,
    pub key: String,
    pub name: String,
    pub rank: i32,
    pub system: bool,
    pub permissions: serde_json::Value,
    pub members: i64,
}

impl Resource for Role {
    const NAME: &'static str = "roles";
}

/// Who changes a role, as far as it matters to the role.
pub struct Granter {
    pub rank: i32,
    pub permissions: Permissions,
    pub kinds: Kinds,
}

impl Role {
    fn load(tx: &mut Tx, query: roles::BoxedQuery<'_, Pg>) -> Result<Vec<Role>> {
        Ok(query
            .order((roles::rank.desc(), roles::name))
            .limit(MOST)
            .select((
                roles::id,
                roles::key,
                roles::name,
                roles::rank,
                roles::system,
                roles::permissions,
                sql::<BigInt>(
                    "(select count(*) from members m where m.workspace_id = roles.workspace_id and m.role_id = roles.id and m.active)",
                ),
            ))
            .load(&mut **tx)?)
    }

    pub fn all(tx: &mut Tx) -> Result<Vec<Role>> {
        Role::load(tx, roles::table.into_boxed())
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Role> {
        let found = Role::load(tx, roles::table.filter(roles::id.eq(id)).into_boxed())?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    /// What somebody of this rank may give away, as choices.
    pub fn choices(tx: &mut Tx, rank: i32) -> Result<Vec<(String, String)>> {
        let within = roles::table.filter(roles::rank.le(rank)).into_boxed();
        let roles = Role::load(tx, within)?;
        Ok(roles
            .into_iter()
            .map(|role| (role.id.to_string(), role.name))
            .collect())
    }

    /// A matrix that can't be read grants nothing.
    pub fn matrix(&self) -> Permissions {
        Permissions::deserialize(&self.permissions).unwrap_or_default()
    }

    /// What a system role may do as it comes with Nexus.
    pub fn standard(&self) -> Option<Permissions> {
        let known = world::system_roles();
        let (_, _, _, matrix) = known
            .into_iter()
            .find(|(key, ..)| self.system && *key == self.key)?;
        Permissions::deserialize(matrix).ok()
    }

    pub fn is_changed(&self) -> bool {
        self.standard()
            .is_some_and(|standard| standard != self.matrix())
    }

    pub fn may_be_changed_by(&self, rank: i32) -> bool {
        self.rank < rank
    }

    pub fn create(tx: &mut Tx, granter: &Granter, form: RoleForm) -> Result<Role> {
        let nothing = Permissions::default();
        let matrix = checked(tx, granter, &form, &nothing, None)?;
        let id = Uuid::now_v7();
        diesel::insert_into(roles::table)
            .values((
                roles::id.eq(id),
                roles::key.eq(format!("custom-{}", id.simple())),
                roles::name.eq(&form.name),
                roles::rank.eq(form.rank),
                roles::system.eq(false),
                roles::permissions.eq(serde_json::to_value(&matrix)?),
            ))
            .execute(&mut **tx)?;
        let changes = matrix::changes(&nothing, &matrix).set("rank", (), form.rank);
        let role = Role::find(tx, id)?;
        role.note(tx, "role.created", changes);
        Ok(role)
    }

    /// A system role keeps its name and rank; its rights are this workspace's own from then on.
    pub fn update(&self, tx: &mut Tx, granter: &Granter, mut form: RoleForm) -> Result<Role> {
        self.within_reach(granter.rank)?;
        if self.system {
            form.name.clone_from(&self.name);
            form.rank = self.rank;
        }
        let before = self.matrix();
        let matrix = checked(tx, granter, &form, &before, Some(self.id))?;
        let mut changes = matrix::changes(&before, &matrix);
        if form.name != self.name {
            changes = changes.set("name", &self.name, &form.name);
        }
        if form.rank != self.rank {
            changes = changes.set("rank", self.rank, form.rank);
        }
        if changes.is_empty() {
            return Ok(self.clone());
        }
        diesel::update(roles::table.filter(roles::id.eq(self.id)))
            .set((
                roles::name.eq(&form.name),
                roles::rank.eq(form.rank),
                roles::permissions.eq(serde_json::to_value(&matrix)?),
                roles::updated_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
        let role = Role::find(tx, self.id)?;
        role.note(tx, "role.changed", changes);
        Ok(role)
    }

    /// Back to what the role may do as it comes with Nexus.
    pub fn reset(&self, tx: &mut Tx, granter: &Granter) -> Result<Role> {
        self.within_reach(granter.rank)?;
        let standard = self.standard().ok_or_else(|| {
            Error::Conflict("This role is your own: there is nothing to go back to.".into())
        })?;
        let before = self.matrix();
        let errors = matrix::overreach(&before, &standard, &granter.permissions);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        diesel::update(roles::table.filter(roles::id.eq(self.id)))
            .set((
                roles::permissions.eq(serde_json::to_value(&standard)?),
                roles::updated_at.eq(tx.now),
            ))
            .execute(&mut **tx)?;
        self.note(tx, "role.reset", matrix::changes(&before, &standard));
        Role::find(tx, self.id)
    }

    pub fn delete(&self, tx: &mut Tx, rank: i32) -> Result<()> {
        self.within_reach(rank)?;
        if self.system {
            return Err(Error::Conflict(
                "This role comes with Nexus and stays. Take its rights away instead.".into(),
            ));
        }
        let holders: i64 = members::table
            .filter(members::role_id.eq(self.id))
            .count()
            .get_result(&mut **tx)?;
        if holders > 0 {
            return Err(Error::Conflict(format!(
                "{holders} members have this role, deactivated ones included. Give them another one first."
            )));
        }
        diesel::delete(roles::table.filter(roles::id.eq(self.id))).execute(&mut **tx)?;
        let changes = matrix::changes(&self.matrix(), &Permissions::default());
        self.note(tx, "role.deleted", changes);
        Ok(())
    }

    fn within_reach(&self, rank: i32) -> Result<()> {
        if self.may_be_changed_by(rank) {
            return Ok(());
        }
        Err(Error::Forbidden(format!(
            "{} is of your own rank or above, so you can't change it.",
            self.name
        )))
    }

    fn note(&self, tx: &mut Tx, kind: &'static str, changes: Changes) {
        let title = self.name.clone();
        tx.note_event(kind, &title, changes)
            .with("role_id", self.id);
    }
}

/// The matrix that the form means, if all of it may be.
fn checked(
    tx: &mut Tx,
    granter: &Granter,
    form: &RoleForm,
    before: &Permissions,
    own: Option<Uuid>,
) -> Result<Permissions> {
    let mut errors = form.problems(&granter.kinds, before);
    let is_new_rank = own.is_none() || form.rank >= granter.rank;
    if is_new_rank && !(0..granter.rank).contains(&form.rank) {
        errors.push(FieldError {
            field: "rank".into(),
            message: format!("Please choose a rank from 0 to {}.", granter.rank - 1),
        });
    }
    let namesakes: i64 = roles::table
        .filter(
            sql::<diesel::sql_types::Bool>("lower(name) = ")
                .bind::<diesel::sql_types::Text, _>(form.name.to_lowercase()),
        )
        .filter(roles::id.ne(own.unwrap_or(Uuid::nil())))
        .count()
        .get_result(&mut **tx)?;
    if namesakes > 0 {
        errors.push(FieldError {
            field: "name".into(),
            message: "There is a role of that name already.".into(),
        });
    }
    let matrix = form.matrix(before);
    errors.extend(matrix::overreach(before, &matrix, &granter.permissions));
    if errors.is_empty() {
        Ok(matrix)
    } else {
        Err(Error::Invalid(errors))
    }
}
