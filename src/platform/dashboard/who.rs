//! Whose records: mine, everybody's that one may see, those of a team, or somebody's.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::Tx;
use crate::schema::teams;
use crate::web::can::Member;

/// More to choose from than this is no help.
const MOST_TEAMS: i64 = 200;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Everybody,
    Me,
    Person(Uuid),
    /// A team, and who is in it.
    Team(Uuid, Vec<Uuid>),
}

impl Who {
    /// What an address says: `all`, `me`, somebody's id, `team:` and its id. Teams without anybody are as good as none.
    pub fn read(text: &str, member: &Member) -> Result<Who, &'static str> {
        const UNKNOWN: &str = "Choose whose figures these are.";
        let id = |text: &str| text.parse::<Uuid>().map_err(|_| UNKNOWN);
        match text {
            "" | "all" => Ok(Who::Everybody),
            "me" => Ok(Who::Me),
            text => match text.strip_prefix("team:") {
                Some(team) => {
                    let team = id(team)?;
                    let people = member.setup.people.iter();
                    let people = people.filter(|person| person.teams.contains(&team));
                    let people: Vec<Uuid> = people.map(|person| person.id).collect();
                    match people.is_empty() {
                        true => Err(UNKNOWN),
                        false => Ok(Who::Team(team, people)),
                    }
                }
                None => {
                    let known = member.setup.person(id(text)?);
                    known.map(|person| Who::Person(person.id)).ok_or(UNKNOWN)
                }
            },
        }
    }

    pub fn key(&self) -> String {
        match self {
            Who::Everybody => "all".into(),
            Who::Me => "me".into(),
            Who::Person(id) => id.to_string(),
            Who::Team(id, _) => format!("team:{id}"),
        }
    }

    /// Whom to choose from. `only`: the people whose records the member may see, where those are not all.
    pub fn choices(
        tx: &mut Tx,
        member: &Member,
        only: Option<&[Uuid]>,
    ) -> crate::Result<Vec<(String, String)>> {
        let people = &member.setup.people;
        let seen = |id: &Uuid| only.is_none_or(|only| only.contains(id));
        let named: Vec<(Uuid, String)> = teams::table
            .order((teams::name, teams::id))
            .limit(MOST_TEAMS)
            .select((teams::id, teams::name))
            .load(&mut **tx)?;
        let manned = |team: &Uuid| {
            let mut all = people.iter();
            all.any(|person| person.teams.contains(team) && seen(&person.id))
        };
        let named = named.into_iter().filter(|(id, _)| manned(id));
        let me = member.person().id;
        let others = people.iter();
        let others = others.filter(|person| person.active && person.id != me && seen(&person.id));
        let fixed = [
            ("all".into(), "Everybody".into()),
            ("me".into(), "Me".into()),
        ];
        Ok(fixed
            .into_iter()
            .chain(named.map(|(id, name)| (format!("team:{id}"), format!("Team {name}"))))
            .chain(others.map(|person| (person.id.to_string(), person.name.clone())))
            .collect())
    }

    /// That the person in this field is one of them; nothing where it may be anybody.
    pub fn rule(&self, field: &str) -> Option<Value> {
        match self {
            Who::Everybody => None,
            Who::Me => Some(json!({"field": field, "op": "is_me"})),
            Who::Person(id) => Some(json!({"field": field, "op": "is", "value": id})),
            Who::Team(_, people) => {
                Some(json!({"field": field, "op": "is_any_of", "value": people}))
            }
        }
    }

    /// The people, where not everybody is meant.
    pub fn people(&self, me: Uuid) -> Option<Vec<Uuid>> {
        match self {
            Who::Everybody => None,
            Who::Me => Some(vec![me]),
            Who::Person(id) => Some(vec![*id]),
            Who::Team(_, people) => Some(people.clone()),
        }
    }
}
