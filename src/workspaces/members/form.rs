//! What is filled in to invite somebody, and to change what they are here.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::member::Member;

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Invitation {
    #[validate(email, length(max = 254))]
    pub email: String,
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    #[validate(required(message = "Please choose a role."))]
    pub role_id: Option<Uuid>,
    #[validate(length(max = 50, message = "Somebody is in at most 50 teams."))]
    pub teams: Vec<Uuid>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct MemberForm {
    #[validate(required(message = "Please choose a role."))]
    pub role_id: Option<Uuid>,
    #[validate(length(max = 50, message = "Somebody is in at most 50 teams."))]
    pub teams: Vec<Uuid>,
}

impl From<&Member> for MemberForm {
    fn from(member: &Member) -> MemberForm {
        MemberForm {
            role_id: Some(member.role_id),
            teams: member.teams.iter().map(|team| team.id).collect(),
        }
    }
}
