//! What is filled in about a team.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::team::Team;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct TeamForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    pub manager_id: Option<Uuid>,
    #[validate(length(max = 500, message = "A team has at most 500 people."))]
    pub people: Vec<Uuid>,
    /// Those of them whom rules pass over for now.
    #[validate(length(max = 500))]
    pub away: Vec<Uuid>,
}

impl TeamForm {
    /// Whoever leads a team is in it, and only who is in it can be away.
    pub fn settle(&mut self) {
        self.name = self.name.trim().to_owned();
        self.people.extend(self.manager_id);
        for ids in [&mut self.people, &mut self.away] {
            ids.sort_unstable();
            ids.dedup();
        }
        let people = &self.people;
        self.away.retain(|id| people.contains(id));
    }
}

impl From<&Team> for TeamForm {
    fn from(team: &Team) -> TeamForm {
        let away = team.people.iter().filter(|mate| mate.away);
        TeamForm {
            name: team.name.clone(),
            manager_id: team.manager_id,
            people: team.people.iter().map(|mate| mate.id).collect(),
            away: away.map(|mate| mate.id).collect(),
        }
    }
}
