//! The page of a list, the same for every kind of record, and its rows.

use actix_web::HttpResponse;
use askama::Template;
use serde::Serialize;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::{Column, Listing};
use crate::error::Result;
use crate::records::list::List;
use crate::records::shown::Cell;
use crate::records::{Listed, Tick};
use crate::web::can::{Can, View};
use crate::web::{Crumb, Page, View as _, filters};

/// The handler of a list. Nothing said means what this person's lists of the kind open with, and then the address says so.
pub async fn index<T: Listed + 'static>(can: Can<View, T>) -> Result<HttpResponse> {
    if can.asked.query.is_empty()
        && !can.asked.json()
        && let Some(view) = can.views.default_of(T::KIND)
        && let Some(kind) = can.app.kinds.get(T::KIND)
    {
        let address = can.url(&view.path(kind.collection));
        return can.redirect(&address, can.asked.toast.clone());
    }
    let made = async {
        let (list, listing) = Listing::open(&can).await?;
        can.page(Index::<T> { list, listing })
    };
    can.kept(made).await
}

#[derive(Template, Serialize)]
#[template(path = "records/list.html", blocks = ["results"])]
#[serde(bound = "T::Row: Serialize")]
struct Index<T: Listed> {
    #[serde(flatten)]
    list: List<T::Row>,
    #[serde(skip)]
    listing: Listing,
}

impl<T: Listed> Page for Index<T> {
    fn title(&self) -> String {
        self.listing.told()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::here(self.listing.title())]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        match id {
            "results" => Some(self.as_results().render()),
            _ => self.listing.block(id, &self.list),
        }
    }
}

impl<T: Listed> Index<T> {
    fn about(&self) -> &'static str {
        T::ABOUT
    }

    fn faces(&self) -> bool {
        T::FACES
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_, T>> {
        self.list.items.iter().map(|row| Row {
            listing: &self.listing,
            id: Id::of(T::of(row).id()),
            name: T::of(row).title(),
            row,
        })
    }
}

/// What the cells of a row share, made once a row: fifty rows of ten cells are most of what a list costs.
struct Row<'a, T: Listed> {
    listing: &'a Listing,
    id: Id,
    name: String,
    row: &'a T::Row,
}

impl<T: Listed> Row<'_, T> {
    fn may_edit(&self) -> bool {
        self.listing.may.edit && T::of(self.row).is_open()
    }

    fn tick(&self) -> Option<Tick> {
        let tick = T::tick(self.row)?;
        self.listing.may_with("edit", tick.owner).then_some(tick)
    }

    fn cells(&self) -> impl Iterator<Item = (&Column, Cell<'_>)> {
        let columns = self.listing.chosen();
        columns.map(|column| (column, self.listing.cell(self.row, column)))
    }
}

/// An id as text, without a place on the heap.
struct Id([u8; Hyphenated::LENGTH]);

impl Id {
    fn of(id: Uuid) -> Id {
        let mut text = [0; Hyphenated::LENGTH];
        id.hyphenated().encode_lower(&mut text);
        Id(text)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
