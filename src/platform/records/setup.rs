//! What a workspace has set up for its records: its people, tags, custom fields and saved views.
//!
//! Every page needs some of it and it changes rarely, so it is remembered for a few seconds; what changes it forgets it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use moka::sync::Cache;
use parking_lot::Mutex;
use serde::Serialize;
use uuid::Uuid;

use super::custom::CustomField;
use super::kinds::{Kind, Lists};
use super::views::Views;
use crate::db::tx::Subject;
use crate::db::{Fixed, Tx, fixed};
use crate::error::Result;
use crate::filter::{Catalogue, Choice, FieldType};
use crate::schema::{members, tags};
use crate::web::App;

/// How long another process may go on with what was just changed.
const REMEMBERED: Duration = Duration::from_secs(3);
const MOST_PEOPLE: i64 = 5_000;
const MOST_TAGS: i64 = 1_000;
/// More to pick from than this is no help in a filter.
const MOST_CHOICES: usize = 300;

/// Somebody of the workspace.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = members, check_for_backend(diesel::pg::Pg))]
pub struct Colleague {
    #[diesel(column_name = person_id)]
    pub id: Uuid,
    pub name: String,
    pub active: bool,
    /// The teams that they are in.
    #[diesel(select_expression = fixed(TEAMS), select_expression_type = Fixed<Array<SqlUuid>>)]
    pub teams: Vec<Uuid>,
}

const TEAMS: &str = "array(select t.team_id from team_members t where t.workspace_id = members.workspace_id and t.person_id = members.person_id)";

/// A tag with the colour it was given.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg))]
pub struct KnownTag {
    pub name: String,
    pub colour: String,
}

#[derive(Debug, Default)]
pub struct Setup {
    /// By name.
    pub people: Vec<Colleague>,
    pub tags: Vec<KnownTag>,
    pub fields: Vec<CustomField>,
    /// What else is chosen from, by the kind of record and the field.
    lists: HashMap<(&'static str, &'static str), Vec<Choice>>,
    catalogues: Mutex<HashMap<&'static str, Arc<Catalogue>>>,
    views: Mutex<HashMap<Uuid, Arc<Views>>>,
}

impl Setup {
    /// With the lists that `kinds` are chosen from.
    pub fn load(tx: &mut Tx, kinds: &[(&'static str, Lists)]) -> Result<Setup> {
        let mut lists = HashMap::new();
        for (kind, load) in kinds {
            let loaded = load(tx)?.into_iter();
            lists.extend(loaded.map(|(key, choices)| ((*kind, key), choices)));
        }
        Ok(Setup {
            lists,
            people: members::table
                .order((members::name, members::person_id))
                .limit(MOST_PEOPLE)
                .select(Colleague::as_select())
                .load(&mut **tx)?,
            tags: tags::table
                .order((sql::<Text>("lower(name)"), tags::name))
                .limit(MOST_TAGS)
                .select(KnownTag::as_select())
                .load(&mut **tx)?,
            fields: CustomField::in_use(tx)?,
            catalogues: Mutex::default(),
            views: Mutex::default(),
        })
    }

    /// The views of one person, where they were asked for lately.
    pub fn views_of(&self, person: Uuid) -> Option<Arc<Views>> {
        self.views.lock().get(&person).cloned()
    }

    pub fn remember(&self, person: Uuid, views: Arc<Views>) -> Arc<Views> {
        self.views.lock().insert(person, views.clone());
        views
    }

    /// What the workspace has set up to choose from.
    pub fn choices(&self, kind: &str, key: &str) -> Option<&[Choice]> {
        let found = self
            .lists
            .iter()
            .find(|((k, f), _)| *k == kind && *f == key);
        found.map(|(_, choices)| choices.as_slice())
    }

    pub fn person(&self, id: Uuid) -> Option<&Colleague> {
        self.people.iter().find(|p| p.id == id)
    }

    /// Everybody who can be given something to own, as choices of a select.
    pub fn owners(&self) -> Vec<(String, String)> {
        let active = self.people.iter().filter(|p| p.active);
        active.map(|p| (p.id.to_string(), p.name.clone())).collect()
    }

    pub fn tag_names(&self) -> Vec<&str> {
        self.tags.iter().map(|t| t.name.as_str()).collect()
    }

    /// The colour of a tag; those that nobody coloured are slate.
    pub fn colour(&self, tag: &str) -> &str {
        let known = self.tags.iter().find(|t| t.name == tag);
        known.map_or("slate", |t| &t.colour)
    }

    /// A tag as the workspace spells it.
    pub fn spelled(&self, tag: &str) -> String {
        let folded = tag.to_lowercase();
        let known = self.tags.iter().find(|t| t.name.to_lowercase() == folded);
        known.map_or_else(|| tag.to_owned(), |t| t.name.clone())
    }

    /// The custom fields of a kind of record, in their order.
    pub fn fields_of(&self, kind: &str) -> impl Iterator<Item = &CustomField> {
        self.fields.iter().filter(move |f| f.record_kind == kind)
    }

    /// All fields of a kind of record, its own and the custom ones, with the people and tags to pick from.
    pub fn catalogue(&self, kind: &Kind) -> Arc<Catalogue> {
        if let Some(made) = self.catalogues.lock().get(kind.name) {
            return made.clone();
        }
        let own = (kind.fields)();
        let custom = self.fields_of(kind.name);
        let custom = custom.filter_map(|field| field.as_field(kind.custom));
        let made: Catalogue = own.into_iter().chain(custom).collect();
        let made: Catalogue = made
            .fields()
            .iter()
            .map(|field| {
                let field = (**field).clone();
                if let Some(choices) = self.choices(kind.name, &field.key) {
                    return field.offering(choices.to_vec());
                }
                match field.kind {
                    FieldType::Person => {
                        field.choices(self.owners().into_iter().take(MOST_CHOICES))
                    }
                    FieldType::Tags => {
                        let names = self.tag_names().into_iter().take(MOST_CHOICES);
                        field.choices(names.map(|name| (name.to_owned(), name)))
                    }
                    _ => field,
                }
            })
            .collect();
        let made = Arc::new(made);
        self.catalogues.lock().insert(kind.name, made.clone());
        made
    }
}

/// What is remembered of each workspace.
#[derive(Clone, Debug)]
pub struct Setups(Cache<Uuid, Arc<Setup>>, Arc<[(&'static str, Lists)]>);

impl Default for Setups {
    fn default() -> Setups {
        Setups::new(&[])
    }
}

impl Setups {
    pub fn new(kinds: &[Kind]) -> Setups {
        let cache = Cache::builder()
            .max_capacity(1_000)
            .time_to_live(REMEMBERED);
        let lists = kinds.iter().map(|kind| (kind.name, kind.lists));
        Setups(cache.build(), lists.collect())
    }

    /// After a change of anything in it.
    pub fn forget(&self, workspace: Uuid) {
        self.0.invalidate(&workspace);
    }

    /// The same within a transaction of that workspace.
    pub fn within(&self, tx: &mut Tx) -> Result<Arc<Setup>> {
        if let Some(known) = self.0.get(&tx.workspace) {
            return Ok(known);
        }
        Ok(Arc::new(Setup::load(tx, &self.1)?))
    }

    /// What is remembered of all workspaces.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }

    pub async fn of(app: &Arc<App>, workspace: Uuid) -> Result<Arc<Setup>> {
        let setups = &app.kinds.setups;
        if let Some(known) = setups.0.get(&workspace) {
            return Ok(known);
        }
        let lists = setups.1.clone();
        let loaded = app
            .tx(Subject::reader(workspace), move |tx| {
                Setup::load(tx, &lists)
            })
            .await?;
        let loaded = Arc::new(loaded);
        setups.0.insert(workspace, loaded.clone());
        Ok(loaded)
    }
}
