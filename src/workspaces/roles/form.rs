//! What is filled in about a role.

use std::collections::BTreeMap;

use platform::error::FieldError;
use platform::records::kinds::Kinds;
use platform::web::access::{Permissions, Reach};
use platform::world;
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::matrix;
use super::role::Role;
use crate::routes::rights;

const NONE: &str = "none";

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct RoleForm {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    pub rank: i32,
    /// All rights, also those that come with later versions.
    pub everything: bool,
    /// `{"contacts": {"edit": "own"}}`; what is left out stays, or is denied in a new role.
    pub rights: BTreeMap<String, BTreeMap<String, String>>,
}

impl RoleForm {
    /// A new role as it is offered: with what everybody has who works here.
    pub fn usual() -> RoleForm {
        let everybody = Permissions(serde_json::from_value(world::everybody()).unwrap_or_default());
        RoleForm {
            rights: spelt_out(&everybody),
            ..RoleForm::default()
        }
    }

    /// The matrix that is meant, over the one that is there.
    pub fn matrix(&self, current: &Permissions) -> Permissions {
        if self.everything {
            return Permissions::everything();
        }
        matrix::spelt_out(current, |resource, action| {
            let wanted = self.rights.get(resource).and_then(|a| a.get(action));
            match wanted {
                Some(reach) => Reach::parse(reach),
                None => current.reach(resource, action),
            }
        })
    }

    /// What the list of rights does not know, or what can't reach so far.
    pub fn problems(&self, kinds: &Kinds, current: &Permissions) -> Vec<FieldError> {
        let cells = self.rights.iter().flat_map(|(resource, actions)| {
            actions
                .iter()
                .map(move |(action, reach)| (resource, action, reach.as_str()))
        });
        let problem = |(resource, action, reach): (&String, &String, &str)| {
            let known = rights().get(resource).is_some_and(|a| a.contains(action));
            let message = if !known {
                "There is no such right."
            } else if reach == NONE || reach == Reach::All.key() {
                return None;
            } else {
                let parsed = Reach::parse(reach)?;
                let kept = current.reach(resource, action) == Some(parsed);
                if kept || matrix::is_owned(kinds, resource) {
                    return None;
                }
                "This right is for all or for none."
            };
            Some(FieldError {
                field: format!("rights.{resource}.{action}"),
                message: message.into(),
            })
        };
        let unreadable = |(resource, action, reach): (&String, &String, &str)| {
            let readable = reach == NONE || Reach::parse(reach).is_some();
            (!readable).then(|| FieldError {
                field: format!("rights.{resource}.{action}"),
                message: "Please choose none, own, team or all.".into(),
            })
        };
        cells
            .filter_map(|cell| unreadable(cell).or_else(|| problem(cell)))
            .take(20)
            .collect()
    }
}

impl From<&Role> for RoleForm {
    fn from(role: &Role) -> RoleForm {
        let matrix = role.matrix();
        RoleForm {
            name: role.name.clone(),
            rank: role.rank,
            everything: matrix.is_everything(),
            rights: spelt_out(&matrix),
        }
    }
}

fn spelt_out(matrix: &Permissions) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut rights: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (resource, action) in matrix::every_right() {
        let reach = matrix.reach(resource, action).map_or(NONE, Reach::key);
        let actions = rights.entry(resource.to_owned()).or_default();
        actions.insert(action.to_owned(), reach.to_owned());
    }
    rights
}
