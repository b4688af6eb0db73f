//! A list as a page: what stands around its rows, the same for every kind of record.

mod asked;
mod narrow;
mod parts;
mod pickable;
mod rows;
mod trail;
mod views;

use std::sync::Arc;

use askama::Template;
use chrono_tz::Tz;
use uuid::Uuid;

pub use asked::{Asked, FILTER, tree};
use narrow::Narrow;
use parts::{Around, Bar, Bulk, Columns, Foot, Head, Layouts, Nothing, Sum};
use pickable::{Likely, Offered, pickable};
pub use rows::index;
pub use trail::{Trail, also};
use views::{SaveBar, Tabs};

use super::facts;
use super::kinds::{Kind, TABLE};
use super::list::{List, ListParams, Sort, Total};
use super::shown::{Cell, Names};
use super::titles::Titles;
use super::views::SavedView;
use super::{Cells, Listed};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::filter::{Catalogue, Draft, FieldType, Filter, FilterBar};
use crate::web::can::{Can, Member, View};
use crate::web::request::Wanted;

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
    pub import: bool,
    pub save_views: bool,
}

pub struct Listing {
    pub kind: Kind,
    pub params: ListParams,
    /// The list's address, in its layout, and the workspace's.
    pub base: String,
    pub layout: &'static str,
    /// What the layout shows beside the list, for a view to keep.
    pub shows: Vec<(&'static str, String)>,
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
    member: Arc<Member>,
    /// The saved view on screen, and what of it no longer holds.
    view: Option<SavedView>,
    gone: Vec<String>,
}

impl Listing {
    /// The list that the request asks for, with all that stands around it.
    async fn open<T: Listed>(can: &Can<View, T>) -> Result<(List<T::Row>, Listing)> {
        let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
        let mut asked = Asked::read(can, &kind, &can.asked.query)?;
        asked.seek(can).await?;
        let program = can.asked.json();
        asked.params.counted |= program;
        asked.params.shown = (!program).then(|| shown_columns(&asked, T::COLUMNS));
        let params = asked.params.clone();
        let (app, setup, wanted) = (can.app.clone(), can.setup.clone(), wanted(&asked));
        let offered = Offered::of(can, &kind, &asked).await?;
        let (list, titles, likely) = can
            .tx(move |tx| {
                let list = T::list(tx, &params)?;
                let mut titles = Titles::of_rows(tx, &app.kinds, &setup, T::KIND, &list.items)?;
                titles.0.extend(Titles::of(tx, &app.kinds, &wanted)?.0);
                Ok((list, titles, offered.likely(tx)?))
            })
            .await?;
        let listing = Listing::new::<T>(&can.member, kind, asked, titles, &likely);
        Ok((list, listing))
    }

    /// What stands around a page at `path` below the collection that shows the list in another way, and what `read` finds
    /// for it. `kept` is what the page's address says besides.
    pub async fn beside<T: Listed, M: Send + 'static>(
        can: &Can<View, T>,
        path: &str,
        kept: Vec<(&'static str, String)>,
        read: impl FnOnce(&mut Tx, &ListParams) -> Result<M> + Send + 'static,
    ) -> Result<(M, Listing)> {
        let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
        let mut asked = Asked::read(can, &kind, &can.asked.query)?;
        asked.seek(can).await?;
        asked.params.kept = kept;
        let params = asked.params.clone();
        let (app, wanted) = (can.app.clone(), wanted(&asked));
        let offered = Offered::of(can, &kind, &asked).await?;
        let (found, titles, likely) = can
            .tx(move |tx| {
                let found = read(tx, &params)?;
                let titles = Titles::of(tx, &app.kinds, &wanted)?;
                Ok((found, titles, offered.likely(tx)?))
            })
            .await?;
        let mut listing = Listing::new::<T>(&can.member, kind, asked, titles, &likely);
        listing.base += path;
        let mut layouts = kind.layouts.iter();
        let layout = layouts.find(|layout| layout.path == path);
        listing.layout = layout.map_or(TABLE, |layout| layout.name());
        Ok((found, listing))
    }

    fn new<T: Listed>(
        member: &Arc<Member>,
        kind: Kind,
        asked: Asked,
        titles: Titles,
        likely: &Likely,
    ) -> Listing {
        let may = |action| member.may(T::NAME, action);
        let columns = columns(&asked, T::COLUMNS);
        let editing = asked.is_edited();
        let named = titles.choices();
        Listing {
            base: member.url(&format!("/{}", kind.collection)),
            layout: TABLE,
            shows: Vec::new(),
            root: member.url(""),
            zone: member.zone,
            may: May {
                create: may("create"),
                edit: may("edit"),
                archive: may("archive"),
                export: T::EXPORTED && may("export"),
                import: T::IMPORTED
                    && may("create")
                    && may("import")
                    && member.may("imports", "create"),
                save_views: member.may("views", "create"),
            },
            columns,
            sorts: T::SORTS,
            catalogue: match editing {
                true => pickable(member, &kind, &asked.catalogue, &titles, likely),
                false => asked.catalogue,
            },
            names: Names {
                setup: member.setup.clone(),
                records: titles.0,
            },
            editing,
            mark: Trail::mark(&asked.params),
            filter: asked.filter.naming(&named),
            draft: asked.draft,
            params: asked.params,
            view: asked.view,
            gone: asked.gone,
            member: member.clone(),
            kind,
        }
    }

    /// This page of the list, to come back to.
    pub fn here(&self) -> String {
        let cursor = self.params.cursor_text();
        let url = match cursor.is_empty() {
            true => self.params.url(&[]),
            false => self.params.url(&[("cursor", &cursor)]),
        };
        format!("{}{url}", self.base)
    }

    /// `Contacts`.
    pub fn title(&self) -> String {
        facts::capital(self.kind.plural)
    }

    /// The title of the page: which of the lists it is.
    pub fn told(&self) -> String {
        let view = self.view.as_ref().map(|view| view.name.clone());
        let archived = self.params.archived.then(|| "Archived".to_owned());
        let search = &self.params.search;
        let search = (!search.is_empty()).then(|| format!("“{search}”"));
        let parts = [Some(self.title()), view, archived, search];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Everything above the rows.
    pub fn head(&self, total: &Total) -> Head<'_> {
        Head {
            listing: self,
            total: *total,
        }
    }

    /// The ways to look at the list, where there are several; they keep what it is asked for.
    pub fn layouts(&self) -> Layouts<'_> {
        Layouts { listing: self }
    }

    /// The tabs: everything, the views, the archive.
    pub fn tabs(&self) -> Tabs<'_> {
        Tabs { listing: self }
    }

    /// Keeps what is on screen, where it is not what the view keeps.
    pub fn save_bar(&self, oob: bool) -> SaveBar<'_> {
        SaveBar { listing: self, oob }
    }

    /// The bar once more, beside what another layout fetched alone.
    pub fn saved_beside(&self) -> String {
        match self.member.asked.wanted == Wanted::Block("results".into()) {
            true => self.save_bar(true).render().unwrap_or_default(),
            false => String::new(),
        }
    }

    /// What stands first among the rows: the place for news, and what changes with the rows outside of them.
    pub fn around(&self, total: &Total) -> Around<'_> {
        Around {
            listing: self,
            total: *total,
            alone: self.member.asked.wanted == Wanted::Block("results".into()),
        }
    }

    /// The head cells of the chosen columns.
    pub fn columns(&self) -> Columns<'_> {
        Columns { listing: self }
    }

    /// What the head cells do, for screens without room for them.
    pub fn narrow(&self) -> Narrow<'_> {
        Narrow { listing: self }
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

    /// Whether rows can be chosen, because something can be done with them.
    pub fn may_choose(&self) -> bool {
        let may = self.may;
        self.kind.rows.is_some() && (may.edit || may.archive || may.export)
    }

    /// What can be done with chosen rows; stands right before them.
    pub fn bulk<R>(&self, list: &List<R>) -> String {
        if !self.may_choose() {
            return String::new();
        }
        let bulk = Bulk {
            listing: self,
            total: list.total,
            more: list.next_cursor.is_some() || list.previous_cursor.is_some(),
        };
        bulk.render().unwrap_or_default()
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
            oob: false,
        }
    }

    /// The part that fills the element `id`.
    pub fn block<R>(&self, id: &str, list: &List<R>) -> Option<askama::Result<String>> {
        match id {
            "total" => Some(self.total(&list.total).render().map(|mut html| {
                // The bulk bar says it too.
                if self.may_choose() && !list.items.is_empty() {
                    html += &format!(
                        "<span id=\"bulk-total\" hx-swap-oob=\"true\">{}</span>",
                        list.total
                    );
                }
                html
            })),
            "filter" => Some(self.filter_bar().render()),
            _ => None,
        }
    }

    /// Whether the member could do that with a record of that owner.
    pub fn may_with(&self, action: &str, owner: Option<Uuid>) -> bool {
        self.member.may_with(self.kind.resource(), action, owner)
    }

    /// What a member is called.
    pub fn person(&self, id: Uuid) -> String {
        self.names.person(id).into_owned()
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
            none: "",
        }
    }

    /// What the list is asked for, but for what the field `name` of a form says itself.
    pub fn but(&self, name: &str) -> Vec<(String, String)> {
        let pairs = self.params.pairs().into_iter();
        pairs.filter(|(key, _)| key != name).collect()
    }

    pub fn filter_bar(&self) -> Bar<'_> {
        let kept = self.but(FILTER);
        let editor = self.editing.then(|| {
            FilterBar::new(&self.catalogue, FILTER, &self.draft, &self.base, &kept).render()
        });
        Bar {
            listing: self,
            editor: editor.and_then(Result::ok),
        }
    }
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

/// The keys of the columns on screen.
pub fn shown_columns(asked: &Asked, usual: &[&str]) -> Vec<String> {
    let shown = columns(asked, usual).into_iter().filter(|c| c.chosen);
    shown.map(|c| c.key).collect()
}

/// The records that a filter names.
pub fn wanted(asked: &Asked) -> Vec<Uuid> {
    let words = asked.params.filter.split('"');
    words.filter_map(|word| word.parse().ok()).collect()
}
