//! Who of some people may see a record.

use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::Card;
use crate::db::{Statement, Tx};
use crate::error::Result;
use crate::web::access::{Permissions, Reach};

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Jsonb)]
    permissions: Value,
    #[diesel(sql_type = Array<SqlUuid>)]
    teams: Vec<Uuid>,
}

/// Those of `people` whose role lets them see this record of `resource`; whoever was deactivated sees nothing.
pub fn among(tx: &mut Tx, resource: &str, record: &Card, people: &[Uuid]) -> Result<Vec<Uuid>> {
    let asked = people.iter().copied().chain(record.owner_id).collect();
    let mut s = Statement::kept();
    s.sql(
        "select m.person_id as id, r.permissions, array(select t.team_id from team_members t \
         where t.workspace_id = m.workspace_id and t.person_id = m.person_id) as teams \
         from members m join roles r on r.workspace_id = m.workspace_id and r.id = m.role_id \
         where m.active and m.person_id = any(",
    )
    .ids(Some(asked))
    .sql(")");
    let found: Vec<Person> = s.load(&mut **tx)?;
    let owner = found.iter().find(|one| Some(one.id) == record.owner_id);
    let owners: &[Uuid] = owner.map_or(&[], |owner| &owner.teams);
    let sees = |one: &&Person| {
        let permissions: Permissions =
            serde_json::from_value(one.permissions.clone()).unwrap_or_default();
        match permissions.reach(resource, "view") {
            None => false,
            Some(Reach::All) => true,
            Some(_) if Some(one.id) == record.owner_id => true,
            Some(Reach::Team) => one.teams.iter().any(|team| owners.contains(team)),
            Some(Reach::Own) => false,
        }
    };
    let seers = found.iter().filter(|one| people.contains(&one.id));
    Ok(seers.filter(sees).map(|one| one.id).collect())
}
