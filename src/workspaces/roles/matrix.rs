//! The matrix of a role: for each right that a route asks for, how far it reaches.

use platform::error::FieldError;
use platform::events::Changes;
use platform::records::kinds::Kinds;
use platform::web::access::{Permissions, Reach};

use crate::routes::rights;

/// Rows that belong to somebody without being records with an owner.
const PERSONAL: [&str; 2] = ["api_keys", "notifications"];

/// Whether a right to this can end at one's own or one's team's; elsewhere it is all or nothing.
pub fn is_owned(kinds: &Kinds, resource: &str) -> bool {
    kinds.of_collection(resource).is_some() || PERSONAL.contains(&resource)
}

/// `wanted` with every right named, and what no route asks for as it was.
///
/// A wildcard is spelt out, so that what is added to Nexus later is denied until somebody grants it.
pub fn spelt_out(
    current: &Permissions,
    wanted: impl Fn(&str, &str) -> Option<Reach>,
) -> Permissions {
    let mut matrix = Permissions::default();
    for (resource, actions) in &current.0 {
        for (action, reach) in actions {
            let asked_for = rights()
                .get(resource)
                .is_some_and(|known| action == "*" || known.contains(action));
            if resource != "*" && !asked_for {
                matrix.grant(resource, action, *reach);
            }
        }
    }
    for (resource, action) in every_right() {
        if let Some(reach) = wanted(resource, action) {
            matrix.grant(resource, action, reach);
        }
    }
    matrix
}

/// Every resource with each action that a route asks for.
pub fn every_right() -> impl Iterator<Item = (&'static str, &'static str)> {
    rights().iter().flat_map(|(resource, actions)| {
        let actions = actions.iter().map(String::as_str);
        actions.map(|action| (resource.as_str(), action))
    })
}

/// What of `after` goes beyond `before` and beyond what the one who grants it may do.
pub fn overreach(
    before: &Permissions,
    after: &Permissions,
    granter: &Permissions,
) -> Vec<FieldError> {
    if granter.is_everything() {
        return Vec::new();
    }
    if after.is_everything() && !before.is_everything() {
        return vec![FieldError {
            field: "everything".into(),
            message: "You can't grant everything: you don't have it.".into(),
        }];
    }
    let mut errors = Vec::new();
    for (resource, action) in every_right() {
        let reach = after.reach(resource, action);
        if reach > before.reach(resource, action) && reach > granter.reach(resource, action) {
            errors.push(FieldError {
                field: format!("rights.{resource}.{action}"),
                message: format!(
                    "You can't grant the right to {action} {}: you don't have it yourself.",
                    resource.replace('_', " ")
                ),
            });
        }
    }
    errors
}

/// Right by right, what was and what is.
pub fn changes(before: &Permissions, after: &Permissions) -> Changes {
    let mut changes = Changes::none();
    if before.is_everything() != after.is_everything() {
        changes = changes.set("everything", before.is_everything(), after.is_everything());
    }
    for (resource, action) in every_right() {
        let (old, new) = (
            before.reach(resource, action),
            after.reach(resource, action),
        );
        if old != new {
            let word = |reach: Option<Reach>| reach.map_or("none", Reach::key);
            changes = changes.set(&format!("{resource}.{action}"), word(old), word(new));
        }
    }
    changes
}
