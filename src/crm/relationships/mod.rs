//! What contacts are to each other: spouse, broker, assistant …, each with a word from either side.

mod form;
mod handlers;
mod kind;
mod settings;
#[cfg(test)]
mod tests;
mod tie;

use platform::filter::{Choice, Field, FieldType};
use platform::web::Routes;
use platform::web::help::Topic;
use platform::{Result, db::Tx};

use crate::workspaces::settings::SettingsPage;

use form::TieForm;
use kind::RelationshipKind;
pub use tie::{Tie, Ties};

pub const SETTINGS: SettingsPage = SettingsPage {
    label: "Relationships",
    text: "What contacts can be to each other, in the words of either side",
    path: "/settings/relationships",
    icon: "users-round",
    resource: "relationships",
};

/// The rows between two contacts; a merge of both leaves nothing of them.
pub const PAIR: (&str, &str, &str) = ("relationships", "contact_id", "other_id");

pub const HELP: &[Topic] = &[crate::routes::topic(
    "relationships",
    "Settings",
    "users-round",
    &["/settings/relationships"],
    "relationships",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/contacts/{id}/relationships", handlers::index)
        .post("/contacts/{id}/relationships", handlers::create)
        .takes::<TieForm>()
        .makes::<Tie>()
        .get("/contacts/{id}/relationships/new", handlers::new)
        .get(
            "/contacts/{id}/relationships/{relationship}",
            handlers::edit,
        )
        .patch(
            "/contacts/{id}/relationships/{relationship}",
            handlers::update,
        )
        .takes::<TieForm>()
        .versions::<Tie>()
        .delete(
            "/contacts/{id}/relationships/{relationship}",
            handlers::remove,
        )
        .does()
        .get("/settings/relationships", settings::index)
        .post("/settings/relationships", settings::create)
        .get("/settings/relationships/new", settings::new)
        .get("/settings/relationships/{id}", settings::edit)
        .patch("/settings/relationships/{id}", settings::update)
        .delete("/settings/relationships/{id}", settings::remove)
        .does()
        .post("/settings/relationships/{id}/position", settings::shift);
}

const RELATED: &str = "(select workspace_id, contact_id as person_id, kind_id from relationships \
     union all select workspace_id, other_id, kind_id from relationships) related";
const OF_CONTACT: &str =
    "related.workspace_id = contacts.workspace_id and related.person_id = contacts.id";

/// Who has such a relationship, on whichever side.
pub fn field() -> Field {
    Field::related(
        "relationship",
        "Relationship",
        FieldType::Choice,
        RELATED,
        OF_CONTACT,
        "related.kind_id",
    )
    .of_ids()
}

/// The kinds that this workspace has.
pub fn lists(tx: &mut Tx) -> Result<Vec<(&'static str, Vec<Choice>)>> {
    let kinds = RelationshipKind::all(tx)?.into_iter();
    let choice = |kind: RelationshipKind| Choice {
        value: kind.id.to_string(),
        label: kind.both(),
        tone: "",
    };
    Ok(vec![("relationship", kinds.map(choice).collect())])
}
