//! A list as a page: what stands around its rows, the same for every kind of record.

mod asked;
mod parts;
mod trail;

use std::sync::Arc;

use askama::Template;
use chrono_tz::Tz;
use uuid::Uuid;

pub use asked::{Asked, FILTER, kept};
use parts::{Bar, Columns, Foot, Head, Nothing, Sum};
pub use trail::Trail;

use super::chooser::Titles;
use super::facts;
use super::kinds::Kind;
use super::list::{List, ListParams, Sort, Total};
use super::shown::{Cell, Names};
use super::{Cells, Listed};
use crate::error::{Error, Result};
use crate::filter::{Catalogue, Draft, FieldType, Filter, FilterBar};
use crate::web::can::{Can, Member, View};

/// A column that is shown or could be.
#[derive(Clone, Debug)]
pub struct Column {
    pub key: String,
    pub label: String,
    pub chosen: bool,
    /// Figures stand on the right.
    pub number: bool,
}

impl Column {
    pub fn class(&self) -> &'static str {
        match self.number {
            true => "table__number",
            false => "",
        }
    }
}

/// What the member may do with records of this kind, for showing or hiding the buttons.
#[derive(Clone, Copy, Debug)]
pub struct May {
    pub create: bool,
    pub edit: bool,
    pub archive: bool,
    pub export: bool,
    pub save_views: bool,
}

pub struct Listing {
    pub kind: Kind,
    pub params: ListParams,
    /// The list's address, and the workspace's.
    pub base: String,
    pub root: String,
    pub zone: Tz,
    pub may: May,
    pub columns: Vec<Column>,
    sorts: &'static [Sort],
    catalogue: Arc<Catalogue>,
    names: Names,
    filter: Filter,
    draft: Draft,
    editing: bool,
    /// What a record's URL carries to know this list.
    mark: String,
}

impl Listing {
    /// The list that the request asks for, with all that stands around it.
    pub async fn open<T: Listed>(can: &Can<View, T>) -> Result<(List<T::Row>, Listing)> {
        let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
        let mut asked = Asked::read(can, &kind, &can.asked.query)?;
        asked.params.counted |= can.asked.json();
        let params = asked.params.clone();
        let (app, setup, wanted) = (can.app.clone(), can.setup.clone(), wanted(&asked));
        let (list, titles) = can
            .tx(move |tx| {
                let list = T::list(tx, &params)?;
                let customs = list.items.iter().map(Cells::custom);
                let mut titles = Titles::of_custom(tx, &app.kinds, &setup, T::KIND, customs)?;
                titles.0.extend(Titles::of(tx, &app.kinds, &wanted)?.0);
                Ok((list, titles))
            })
            .await?;
        Ok((list, Listing::new::<T>(can, kind, asked, titles)))
    }

    fn new<T: Listed>(member: &Member, kind: Kind, asked: Asked, titles: Titles) -> Listing {
        let may = |action| member.may(T::NAME, action);
        let columns = columns(&asked, T::COLUMNS);
        Listing {
            base: member.url(&format!("/{}", kind.collection)),
            root: member.url(""),
            zone: member.zone,
            may: May {
                create: may("create"),
                edit: may("edit"),
                archive: may("archive"),
                export: T::EXPORTED && may("export"),
                save_views: member.may("views", "create"),
            },
            columns,
            sorts: T::SORTS,
            catalogue: pickable(&asked.catalogue, &titles),
            names: Names {
                setup: member.setup.clone(),
                records: titles.0,
            },
            editing: asked.draft.editing || !asked.problems.is_empty(),
            mark: Trail::mark(&asked.params),
            filter: asked.filter,
            draft: asked.draft,
            params: asked.params,
            kind,
        }
    }

    /// `Contacts`.
    pub fn title(&self) -> String {
        facts::capital(self.kind.plural)
    }

    /// Everything above the rows.
    pub fn head(&self, total: &Total) -> Head<'_> {
        Head {
            listing: self,
            total: *total,
        }
    }

    /// The head cells of the chosen columns.
    pub fn columns(&self) -> Columns<'_> {
        Columns { listing: self }
    }

    /// What stands below the rows.
    pub fn foot<'a, R>(&'a self, list: &'a List<R>) -> Foot<'a> {
        Foot {
            listing: self,
            shown: list.shown(),
            previous: list.previous_cursor.as_deref(),
            next: list.next_cursor.as_deref(),
        }
    }

    /// What stands in place of rows where there are none: `sentence` says what this is about.
    pub fn nothing<'a>(&'a self, sentence: &'a str) -> Nothing<'a> {
        Nothing {
            listing: self,
            sentence,
        }
    }

    pub fn total(&self, total: &Total) -> Sum<'_> {
        Sum {
            listing: self,
            total: *total,
        }
    }

    /// The part that fills the element `id`.
    pub fn block<R>(&self, id: &str, list: &List<R>) -> Option<askama::Result<String>> {
        match id {
            "total" => Some(self.total(&list.total).render()),
            "filter" => Some(self.filter_bar().render()),
            _ => None,
        }
    }

    /// The columns that are shown.
    pub fn chosen(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.chosen)
    }

    pub fn cell<'a>(&'a self, row: &'a impl Cells, column: &'a Column) -> Cell<'a> {
        Cell {
            shown: facts::shown(row, &column.key, &self.catalogue, &self.names),
            root: &self.root,
            zone: self.zone,
            setup: &self.names.setup,
            dense: true,
        }
    }

    /// A record's page, which knows the list that one came from.
    pub fn record(&self, id: &Uuid) -> String {
        format!("{}/{id}{}", self.base, self.mark)
    }

    pub fn edit(&self, id: &Uuid) -> String {
        format!("{}/{id}/edit{}", self.base, self.mark)
    }

    pub fn filter_bar(&self) -> Bar<'_> {
        let kept = self.params.url(&[(FILTER, "")]);
        let kept: Vec<(String, String)> = pairs(&kept);
        let editor = self.editing.then(|| {
            FilterBar::new(&self.catalogue, FILTER, &self.draft, &self.base, &kept).render()
        });
        Bar {
            listing: self,
            editor: editor.and_then(Result::ok),
        }
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// All columns there are, the chosen ones marked, in the order of the catalogue.
fn columns(asked: &Asked, usual: &[&str]) -> Vec<Column> {
    let chosen = |key: &str| match asked.params.columns.is_empty() {
        true => usual.contains(&key),
        false => asked.params.columns.iter().any(|c| c == key),
    };
    let fields = asked.catalogue.fields().iter();
    fields
        .filter(|f| f.group != "Related" && f.key != "name" && f.kind != FieldType::Behaviour)
        .map(|field| Column {
            chosen: chosen(&field.key),
            key: field.key.clone(),
            label: field.label.clone(),
            number: matches!(field.kind, FieldType::Number | FieldType::Money),
        })
        .collect()
}

/// The records that a filter names.
fn wanted(asked: &Asked) -> Vec<Uuid> {
    let words = asked.params.filter.split('"');
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The catalogue with the records that the filter names to pick from; a field that points at records and has none to pick
/// from is no use in an editor.
fn pickable(catalogue: &Arc<Catalogue>, titles: &Titles) -> Arc<Catalogue> {
    let points = |kind: FieldType| matches!(kind, FieldType::Record(_));
    let fields = catalogue.fields().iter();
    let fields = fields.filter_map(|field| {
        let field = (**field).clone();
        if !points(field.kind) {
            return Some(field);
        }
        let named = titles.0.iter();
        let choices = named.map(|(id, (_, title))| (id.to_string(), title.clone()));
        (!titles.0.is_empty()).then(|| field.choices(choices))
    });
    Arc::new(fields.collect())
}
