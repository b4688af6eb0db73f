//! What a printed list says of itself at its head.

use serde::{Deserialize, Serialize};

use crate::records::facts::capital;
use crate::records::kinds::Kind;
use crate::records::listing::Asked;
use crate::records::titles::Titles;
use crate::web::can::Member;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Heading {
    /// `Contacts · Hot leads`
    pub title: String,
    pub workspace: String,
    /// What the list is narrowed to, in words.
    pub narrowed: String,
}

impl Heading {
    /// Of a list whose filter names records of these titles.
    pub fn of(member: &Member, kind: &Kind, asked: &Asked, titles: &Titles) -> Heading {
        let (params, name) = (&asked.params, capital(kind.plural));
        let view = asked.view.as_ref().map(|view| view.name.clone());
        let archived = params.archived.then(|| "Archived".to_owned());
        let title = [Some(name), view, archived].into_iter().flatten();
        let search = (!params.search.is_empty()).then(|| format!("Search: “{}”", params.search));
        // The filter says nothing of rows that were ticked one by one.
        let narrowed = match params.ids.len() {
            0 => {
                let filter = asked.filter.clone().naming(&titles.choices()).describe();
                let filter = (!filter.is_empty()).then_some(filter);
                [search, filter].into_iter().flatten().collect()
            }
            1 => vec!["1 chosen".to_owned()],
            chosen => vec![format!("{chosen} chosen")],
        };
        Heading {
            title: title.collect::<Vec<_>>().join(" · "),
            workspace: member.membership.workspace_name.clone(),
            narrowed: narrowed.join(" · "),
        }
    }
}
