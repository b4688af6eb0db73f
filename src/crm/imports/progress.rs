//! How far an import is, in words.

use std::sync::Arc;

use platform::live::{Bar, Progress};
use platform::web::App;
use uuid::Uuid;

use super::import::{Import, State};

const ELEMENT: &str = "import-progress";

pub fn bar(import: &Import) -> Bar {
    let (rows, done, total) = match import.state {
        State::Undoing => {
            let done = i64::from(import.undone + import.kept);
            (done, done, i64::from(import.created + import.updated))
        }
        _ => (i64::from(import.rows), import.position, import.size),
    };
    Bar::new(ELEMENT, label(import), done, total).told(rows, noun(import))
}

fn label(import: &Import) -> String {
    match import.state {
        State::Checking => "Checking every row".into(),
        State::Undoing => "Taking the import back".into(),
        _ => format!("Importing {}", import.noun(0)),
    }
}

fn noun(import: &Import) -> &'static str {
    match import.state {
        State::Undoing => import.noun(0),
        _ => "rows",
    }
}

/// What tells the room of an import, whose page is at `url`.
pub fn progress(app: &Arc<App>, workspace: Uuid, url: String, import: &Import) -> Progress {
    let room = format!("import:{}", import.id);
    Progress::new(app, workspace, room, url, noun(import), bar(import))
}
