//! A team: its row, the people in it, and its verbs.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use platform::db::Tx;
use platform::events::Changes;
use platform::name_is_free;
use platform::schema::{assignment_rules, members, team_members, teams};
use platform::web::Resource;
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::form::TeamForm;

/// More than anybody keeps apart.
const MOST: i64 = 200;
/// All memberships of all teams that a page shows.
const MOST_MATES: i64 = 20_000;

#[derive(Clone, Debug, Serialize)]
pub struct Team {
    pub id: Uuid,
    pub name: String,
    pub manager_id: Option<Uuid>,
    /// By name; those who were deactivated are not among them.
    pub people: Vec<Mate>,
    pub created_at: DateTime<Utc>,
}

/// Somebody in a team.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct Mate {
    #[serde(skip)]
    team: Uuid,
    pub id: Uuid,
    pub name: String,
    /// Rules pass over them.
    pub away: bool,
}

impl Resource for Team {
    const NAME: &'static str = "teams";
}

impl Team {
    /// By name.
    pub fn all(tx: &mut Tx) -> Result<Vec<Team>> {
        Team::load(tx, None)
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Team> {
        let found = Team::load(tx, Some(id))?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    fn load(tx: &mut Tx, only: Option<Uuid>) -> Result<Vec<Team>> {
        let mut query = teams::table
            .order((sql::<Text>("lower(name)"), teams::id))
            .into_boxed();
        let mut mates = team_members::table
            .inner_join(
                members::table.on(members::workspace_id
                    .eq(team_members::workspace_id)
                    .and(members::person_id.eq(team_members::person_id))),
            )
            .filter(members::active)
            .order((members::name, members::person_id))
            .into_boxed();
        if let Some(id) = only {
            query = query.filter(teams::id.eq(id));
            mates = mates.filter(team_members::team_id.eq(id));
        }
        let rows: Vec<(Uuid, String, Option<Uuid>, DateTime<Utc>)> = query
            .limit(MOST)
            .select((teams::id, teams::name, teams::manager_id, teams::created_at))
            .load(&mut **tx)?;
        let mates: Vec<Mate> = mates
            .limit(MOST_MATES)
            .select((
                team_members::team_id,
                team_members::person_id,
                members::name,
                team_members::away,
            ))
            .load(&mut **tx)?;
        let team = |(id, name, manager_id, created_at)| Team {
            people: mates.iter().filter(|m| m.team == id).cloned().collect(),
            id,
            name,
            manager_id,
            created_at,
        };
        Ok(rows.into_iter().map(team).collect())
    }

    /// As choices of a select.
    pub fn choices(tx: &mut Tx) -> Result<Vec<(String, String)>> {
        let rows: Vec<(Uuid, String)> = teams::table
            .order((sql::<Text>("lower(name)"), teams::id))
            .limit(MOST)
            .select((teams::id, teams::name))
            .load(&mut **tx)?;
        let choices = rows.into_iter().map(|(id, name)| (id.to_string(), name));
        Ok(choices.collect())
    }

    pub fn create(tx: &mut Tx, mut form: TeamForm) -> Result<Team> {
        form.settle();
        free(tx, &form.name, None)?;
        let count: i64 = teams::table.count().get_result(&mut **tx)?;
        if count >= MOST {
            let words = format!("There are {MOST} teams already, which is all there can be.");
            return Err(Error::invalid("name", words));
        }
        let id = Uuid::now_v7();
        are_members(tx, &form)?;
        diesel::insert_into(teams::table)
            .values((
                teams::id.eq(id),
                teams::name.eq(&form.name),
                teams::manager_id.eq(form.manager_id),
            ))
            .execute(&mut **tx)?;
        gather(tx, id, &form)?;
        tx.note_event("team.created", &form.name, Changes::of_new(&form));
        Team::find(tx, id)
    }

    pub fn save(&self, tx: &mut Tx, mut form: TeamForm) -> Result<Team> {
        form.settle();
        let mut before = TeamForm::from(self);
        before.settle();
        let changes = Changes::between(&before, &form);
        if changes.is_empty() {
            return Ok(self.clone());
        }
        free(tx, &form.name, Some(self.id))?;
        are_members(tx, &form)?;
        diesel::update(teams::table.filter(teams::id.eq(self.id)))
            .set((
                teams::name.eq(&form.name),
                teams::manager_id.eq(form.manager_id),
            ))
            .execute(&mut **tx)?;
        gather(tx, self.id, &form)?;
        tx.note_event("team.updated", &form.name, changes);
        Team::find(tx, self.id)
    }

    /// Takes the team away; its people stay, and what they own stays theirs.
    pub fn remove(&self, tx: &mut Tx) -> Result<()> {
        let rules: Vec<String> = assignment_rules::table
            .filter(assignment_rules::team_id.eq(self.id))
            .order(assignment_rules::name)
            .limit(3)
            .select(assignment_rules::name)
            .load(&mut **tx)?;
        if !rules.is_empty() {
            return Err(Error::Conflict(format!(
                "Rules of assignment give to {}: {}. Change them first.",
                self.name,
                rules.join(", ")
            )));
        }
        diesel::delete(teams::table.filter(teams::id.eq(self.id))).execute(&mut **tx)?;
        let form = TeamForm::from(self);
        let changes = Changes::between(&form, &TeamForm::default());
        tx.note_event("team.removed", &self.name, changes);
        Ok(())
    }

    /// Puts somebody into these teams and takes them out of all others.
    pub fn of_person(tx: &mut Tx, person: Uuid, ids: &[Uuid]) -> Result<()> {
        let known: i64 = teams::table
            .filter(teams::id.eq_any(ids))
            .count()
            .get_result(&mut **tx)?;
        if known != ids.len() as i64 {
            return Err(Error::invalid(
                "teams",
                "Please choose teams from the list.",
            ));
        }
        let theirs = team_members::table.filter(team_members::person_id.eq(person));
        diesel::delete(theirs.filter(team_members::team_id.ne_all(ids))).execute(&mut **tx)?;
        let left = teams::table.filter(teams::manager_id.eq(person));
        diesel::update(left.filter(teams::id.ne_all(ids)))
            .set(teams::manager_id.eq(None::<Uuid>))
            .execute(&mut **tx)?;
        let rows: Vec<_> = ids
            .iter()
            .map(|id| {
                (
                    team_members::team_id.eq(*id),
                    team_members::person_id.eq(person),
                )
            })
            .collect();
        diesel::insert_into(team_members::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
        Ok(())
    }
}

/// Makes the people of a team those of the form.
fn gather(tx: &mut Tx, team: Uuid, form: &TeamForm) -> Result<()> {
    let mates = team_members::table.filter(team_members::team_id.eq(team));
    diesel::delete(mates.filter(team_members::person_id.ne_all(&form.people)))
        .execute(&mut **tx)?;
    let rows: Vec<_> = form
        .people
        .iter()
        .map(|id| {
            (
                team_members::team_id.eq(team),
                team_members::person_id.eq(*id),
                team_members::away.eq(form.away.contains(id)),
            )
        })
        .collect();
    diesel::insert_into(team_members::table)
        .values(rows)
        .on_conflict((
            team_members::workspace_id,
            team_members::team_id,
            team_members::person_id,
        ))
        .do_update()
        .set(team_members::away.eq(diesel::upsert::excluded(team_members::away)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Everybody who is named works here.
fn are_members(tx: &mut Tx, form: &TeamForm) -> Result<()> {
    let known: Vec<Uuid> = members::table
        .filter(members::person_id.eq_any(&form.people))
        .select(members::person_id)
        .load(&mut **tx)?;
    if form.manager_id.is_some_and(|id| !known.contains(&id)) {
        let words = "Please choose somebody from the list.";
        return Err(Error::invalid("manager_id", words));
    }
    match known.len() == form.people.len() {
        true => Ok(()),
        false => Err(Error::invalid(
            "people",
            "Please choose people from the list.",
        )),
    }
}

fn free(tx: &mut Tx, name: &str, but: Option<Uuid>) -> Result<()> {
    name_is_free!(
        tx,
        teams,
        name,
        but,
        "There is a team of this name already."
    )
}
