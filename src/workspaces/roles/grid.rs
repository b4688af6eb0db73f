//! The rights of a role as a form shows them: a line for each resource, a column for each action.

use platform::web::access::Reach;
use platform::web::{Can, Form};

use super::form::RoleForm;
use super::matrix;
use super::role::Role;
use crate::routes::rights;

/// The order in which people think of what can be done; others follow.
pub const ACTIONS: [&str; 8] = [
    "view", "create", "edit", "archive", "export", "import", "send", "manage",
];

/// One choice of one right.
pub struct Cell {
    pub action: &'static str,
    /// The name of the field.
    pub name: String,
    pub value: String,
    pub options: Vec<(&'static str, &'static str)>,
}

pub struct Line {
    pub resource: &'static str,
    /// In the order of the columns; `None` where no route asks for such a right.
    pub cells: Vec<Option<Cell>>,
}

pub fn columns() -> Vec<&'static str> {
    let mut columns: Vec<&str> = ACTIONS.to_vec();
    for (_, action) in matrix::every_right() {
        if !columns.contains(&action) {
            columns.push(action);
        }
    }
    columns.retain(|column| matrix::every_right().any(|(_, action)| action == *column));
    columns
}

pub fn line<A>(
    can: &Can<A, Role>,
    resource: &'static str,
    columns: &[&'static str],
    form: &Form<RoleForm>,
) -> Line {
    let known = &rights()[resource];
    let owned = matrix::is_owned(&can.app.kinds, resource);
    let cell = |action: &'static str| {
        known.contains(action).then(|| {
            let name = format!("rights.{resource}.{action}");
            let mut value = form.value(&name);
            if value.is_empty() {
                value = "none".into();
            }
            let mut options = vec![("none", "No")];
            for (reach, label) in [(Reach::Own, "Own"), (Reach::Team, "Team")] {
                if owned || value == reach.key() {
                    options.push((reach.key(), label));
                }
            }
            options.push(("all", if owned { "All" } else { "Yes" }));
            Cell {
                action,
                name,
                value,
                options,
            }
        })
    };
    Line {
        resource,
        cells: columns.iter().map(|action| cell(action)).collect(),
    }
}
