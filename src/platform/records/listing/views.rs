//! The saved views of a list: their tabs, and the bar that keeps what is on screen.

use askama::Template;

use super::Listing;
use crate::records::kinds::TABLE;
use crate::records::list::View;
use crate::records::views::SavedView;
use crate::records::views::pages::Menu;

/// More tabs than this stand in a menu.
const TABS: usize = 6;

#[derive(Template)]
#[template(path = "records/list_views.html")]
pub struct Tabs<'a> {
    pub(super) listing: &'a Listing,
}

impl Tabs<'_> {
    fn all(&self) -> Vec<&SavedView> {
        let views = &self.listing.member.views;
        views.of_kind(self.listing.kind.name).collect()
    }

    /// The first ones, and always the one on screen.
    fn shown(&self) -> Vec<&SavedView> {
        let mut all = self.all();
        let at = all.iter().position(|view| self.is_current(view));
        if let Some(at) = at.filter(|at| *at >= TABS) {
            all.swap(TABS - 1, at);
        }
        all.truncate(TABS);
        all
    }

    fn rest(&self) -> Vec<&SavedView> {
        let shown: Vec<_> = self.shown().iter().map(|view| view.id).collect();
        let all = self.all().into_iter();
        all.filter(|view| !shown.contains(&view.id)).collect()
    }

    fn is_current(&self, view: &SavedView) -> bool {
        self.listing
            .view
            .as_ref()
            .is_some_and(|on| on.id == view.id)
    }

    fn is_all(&self) -> bool {
        self.listing.view.is_none() && !self.listing.params.archived
    }

    /// Everything; said where the list would open with a view.
    fn all_url(&self) -> String {
        let opens = self.listing.member.views.default_of(self.listing.kind.name);
        match opens {
            Some(_) => format!("{}?view=all", self.listing.base),
            None => self.listing.base.clone(),
        }
    }

    fn url(&self, view: &SavedView) -> String {
        let listing = self.listing;
        format!("{}{}", listing.root, view.path(listing.kind.collection))
    }

    /// Only the list shows what was put away.
    fn is_table(&self) -> bool {
        self.listing.layout == TABLE
    }

    fn archived_url(&self) -> String {
        format!("{}?archived=1", self.listing.base)
    }

    fn views_url(&self) -> String {
        let kind = self.listing.kind.name;
        format!("{}/views?record_kind={kind}", self.listing.root)
    }

    fn menu(&self, view: &SavedView) -> Menu {
        let (listing, member) = (self.listing, &self.listing.member);
        let opens = member.views.default_of(listing.kind.name);
        let opens = opens.is_some_and(|default| default.id == view.id);
        let query = listing.params.url(&[]);
        Menu::new(member, view, "view-menu".into(), opens, query)
    }
}

#[derive(Template)]
#[template(path = "records/list_save.html")]
pub struct SaveBar<'a> {
    pub(super) listing: &'a Listing,
    /// Beside rows that were fetched alone.
    pub(super) oob: bool,
}

impl SaveBar<'_> {
    fn strays(&self) -> bool {
        let params = &self.listing.params;
        (params.strays() || self.is_elsewhere()) && !params.archived
    }

    /// Shown in another layout than the view keeps, or with something else beside it.
    fn is_elsewhere(&self) -> bool {
        let (listing, params) = (self.listing, &self.listing.params);
        let view = listing.view.as_ref();
        let layout = view.map_or(TABLE, |view| &view.layout);
        let said = |key: &str| params.kept.iter().any(|(said, _)| *said == key);
        let mut shown = listing.shows.iter();
        let differs = shown.any(|(key, shown)| said(key) && params.beside.get(*key) != Some(shown));
        layout != listing.layout || differs
    }

    fn may_reset(&self) -> bool {
        self.listing.params.strays() || self.listing.view.is_some()
    }

    /// The view whose changes may be saved.
    fn changes(&self) -> Option<&SavedView> {
        let view = self.listing.view.as_ref();
        view.filter(|view| view.may_change(&self.listing.member))
    }

    fn action(&self, view: &SavedView) -> String {
        format!("{}/views/{}?_method=PATCH", self.listing.root, view.id)
    }

    fn views_url(&self) -> String {
        format!("{}/views", self.listing.root)
    }

    fn fields(&self) -> Vec<(String, String)> {
        let fields = self.listing.params.arrangement().fields().into_iter();
        let layout = [("layout", self.listing.layout.to_owned())];
        let fields = fields
            .chain(layout)
            .map(|(key, value)| (key.to_owned(), value));
        let beside = self.listing.shows.iter();
        let beside = beside.map(|(key, value)| (format!("beside.{key}"), value.clone()));
        fields.chain(beside).collect()
    }

    /// The list as the view keeps it.
    fn reset_url(&self) -> String {
        let (base, listing) = (&self.listing.base, self.listing);
        if let Some(view) = &listing.view {
            return format!("{}{}", listing.root, view.path(listing.kind.collection));
        }
        match listing.params.view {
            View::Saved(id) => format!("{base}?view={id}"),
            View::All => format!("{base}?view=all"),
            View::Unsaid => base.clone(),
        }
    }
}
