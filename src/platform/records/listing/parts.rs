//! The parts of a list's page, each with its template.

use askama::Template;

use super::{Column, FILTER, Listing};
use crate::filter::{Chip, Choice, FieldType};
use crate::records::export::Format;
use crate::records::kinds::{AsksFor, Each, Layout};
use crate::records::list::Total;

/// Title, views, search and filter.
#[derive(Template)]
#[template(path = "records/list_head.html")]
pub struct Head<'a> {
    pub(super) listing: &'a Listing,
    pub(super) total: Total,
}

impl Head<'_> {
    fn new_url(&self) -> String {
        format!("{}/new", self.listing.base)
    }

    fn import_url(&self) -> String {
        format!("{}/imports/new", self.listing.base)
    }

    /// The queue of those that look like the same, where there is one.
    fn duplicates_url(&self) -> Option<String> {
        let listing = self.listing;
        let may = listing.kind.joined && listing.may.edit && listing.may.archive;
        may.then(|| format!("{}/{}/duplicates", listing.root, listing.kind.collection))
    }

    fn may_export(&self) -> bool {
        self.listing.may.export && self.listing.kind.rows.is_some()
    }

    fn export_url(&self) -> String {
        format!("{}/exports", self.listing.base)
    }

    fn formats(&self) -> Vec<(&'static str, &'static str)> {
        Format::options()
    }

    /// The list that is exported.
    fn query(&self) -> String {
        self.listing.params.url(&[])
    }

    /// What goes into the file, in words.
    fn exported(&self) -> String {
        let (params, plural) = (&self.listing.params, self.listing.kind.plural);
        match params.search.is_empty() && params.filter.is_empty() {
            true if params.archived => format!("All archived {plural}"),
            true => format!("All {plural}"),
            false => format!("All {plural} that match"),
        }
    }

    /// What the search field keeps of the list.
    fn kept(&self) -> Vec<(String, String)> {
        self.listing.but("search")
    }

    /// What the choice of columns keeps of the list.
    fn kept_by_columns(&self) -> Vec<(String, String)> {
        self.listing.but("columns")
    }
}

/// What can be done with chosen rows.
#[derive(Template)]
#[template(path = "records/list_bulk.html")]
pub struct Bulk<'a> {
    pub(super) listing: &'a Listing,
    /// How many match, where that is known.
    pub(super) total: Total,
    /// Whether there are other pages than this.
    pub(super) more: bool,
}

/// A field, and its values as the form sends them.
type Choices<'a> = (&'a str, Vec<(String, &'a str)>);

impl Bulk<'_> {
    fn query(&self) -> String {
        self.listing.params.url(&[])
    }

    fn cursor(&self) -> String {
        self.listing.params.cursor_text()
    }

    fn total(&self) -> String {
        match self.total.exact || self.listing.params.counted {
            true => self.total.to_string(),
            false => String::new(),
        }
    }

    fn act(&self, act: &str) -> String {
        format!("{}/bulk/{act}", self.listing.base)
    }

    fn owners(&self) -> Vec<(String, String)> {
        self.listing.names.setup.owners()
    }

    fn tags(&self) -> Vec<&str> {
        self.listing.names.setup.tag_names()
    }

    /// The choices that can be set on many records at once.
    fn fields(&self) -> Vec<Choices<'_>> {
        let settable = self.listing.kind.settable;
        let fields = self.listing.catalogue.fields().iter();
        let chosen = fields.filter(|field| {
            let custom = field.key.starts_with("custom.");
            field.kind == FieldType::Choice
                && (custom || settable.iter().any(|s| s.key == field.key))
        });
        chosen
            .map(|field| {
                let choices = field.choices.iter();
                let options = choices.map(|c| (format!("{}={}", field.key, c.value), &*c.label));
                let nothing = field.key.starts_with("custom.");
                let nothing = nothing.then(|| (format!("{}=", field.key), "Nothing"));
                (&*field.label, options.chain(nothing).collect())
            })
            .collect()
    }

    /// What the kind itself does to many.
    fn verbs(&self) -> &'static [Each] {
        self.listing.kind.each
    }

    fn choices(&self, asks: &AsksFor) -> &[Choice] {
        let setup = &self.listing.names.setup;
        let kind = self.listing.kind.name;
        setup.choices(kind, asks.list).unwrap_or_default()
    }

    fn may_export(&self) -> bool {
        self.listing.may.export && self.listing.kind.rows.is_some()
    }

    fn formats(&self) -> Vec<(&'static str, &'static str)> {
        Format::options()
    }

    fn may_merge(&self) -> bool {
        self.listing.kind.joined && self.listing.may.edit && self.listing.may.archive
    }
}

/// How many there are; fetched once the rows are there, where counting takes its time.
#[derive(Template)]
#[template(path = "records/list_total.html")]
pub struct Sum<'a> {
    pub(super) listing: &'a Listing,
    pub(super) total: Total,
    /// Beside rows that were fetched alone.
    pub(super) oob: bool,
}

impl Sum<'_> {
    fn url(&self) -> String {
        let params = &self.listing.params;
        format!("{}{}", self.listing.base, params.url(&[("count", "1")]))
    }

    fn later(&self) -> bool {
        !self.total.exact && !self.listing.params.counted
    }
}

/// What stands first among the rows.
#[derive(Template)]
#[template(path = "records/list_around.html")]
pub struct Around<'a> {
    pub(super) listing: &'a Listing,
    pub(super) total: Total,
    /// The rows were fetched without the page around them.
    pub(super) alone: bool,
}

impl Around<'_> {
    fn sum(&self) -> Sum<'_> {
        Sum {
            listing: self.listing,
            total: self.total,
            oob: true,
        }
    }
}

/// The filter: its parts, and its editor once somebody wants it.
#[derive(Template)]
#[template(path = "records/list_filter.html")]
pub struct Bar<'a> {
    pub(super) listing: &'a Listing,
    pub(super) editor: Option<String>,
}

impl Bar<'_> {
    fn chips(&self) -> Vec<Chip> {
        self.listing.filter.chips()
    }

    fn without(&self, chip: &Chip) -> String {
        let rest = super::asked::text(&chip.rest);
        format!(
            "{}{}",
            self.listing.base,
            self.listing.params.url(&[(FILTER, &rest)])
        )
    }

    fn edit(&self) -> String {
        let opened = self.listing.params.url(&[("filter.do", "open")]);
        format!("{}{opened}", self.listing.base)
    }
}

/// The other ways to look at the list.
#[derive(Template)]
#[template(path = "records/list_layouts.html")]
pub struct Layouts<'a> {
    pub(super) listing: &'a Listing,
}

impl Layouts<'_> {
    /// Label, address, icon, and whether it is the one on screen.
    fn ways(&self) -> Vec<(&'static str, String, &'static str, bool)> {
        let listing = self.listing;
        if listing.kind.layouts.is_empty() {
            return Vec::new();
        }
        let collection = format!("{}/{}", listing.root, listing.kind.collection);
        let table = Layout {
            label: "List",
            path: "",
            icon: "layout-list",
            keeps: &[],
        };
        let all = std::iter::once(&table).chain(listing.kind.layouts);
        let mut params = listing.params.clone();
        params.kept.clear();
        let query = params.url(&[]);
        let query = if query == "?" { "" } else { &query };
        all.map(|way| {
            let base = format!("{collection}{}", way.path);
            let current = base == listing.base;
            (way.label, base + query, way.icon, current)
        })
        .collect()
    }
}

/// The head cells.
#[derive(Template)]
#[template(path = "records/list_columns.html")]
pub struct Columns<'a> {
    pub(super) listing: &'a Listing,
}

impl Columns<'_> {
    /// The key to sort a column by, where it can be.
    fn sort_of(&self, column: &Column) -> Option<&'static str> {
        let sorts = self.listing.sorts.iter();
        let mut keys = sorts.map(|sort| sort.key);
        keys.find(|key| *key == column.key)
    }

    /// This list sorted by `key`, the other way round if it is already.
    fn sort_url(&self, key: &str) -> String {
        let params = &self.listing.params;
        let sort = match params.sort == key {
            true => format!("-{key}"),
            false => key.to_owned(),
        };
        format!("{}{}", self.listing.base, params.url(&[("sort", &sort)]))
    }

    fn sorted(&self, key: &str) -> &'static str {
        let params = &self.listing.params;
        match params.sort.strip_prefix('-') {
            Some(sort) if sort == key => "descending",
            None if params.sort == key => "ascending",
            None if params.sort.is_empty() && key == self.listing.sorts[0].key => "descending",
            _ => "",
        }
    }
}

/// The way to the other pages.
#[derive(Template)]
#[template(path = "records/list_foot.html")]
pub struct Foot<'a> {
    pub(super) listing: &'a Listing,
    pub(super) shown: String,
    pub(super) previous: Option<&'a str>,
    pub(super) next: Option<&'a str>,
}

impl Foot<'_> {
    fn url(&self, cursor: &Option<&str>) -> String {
        let url = |cursor: &str| {
            let params = &self.listing.params;
            format!("{}{}", self.listing.base, params.url(&[("cursor", cursor)]))
        };
        cursor.map(url).unwrap_or_default()
    }

    fn first(&self) -> String {
        match self.previous {
            Some(_) => format!("{}{}", self.listing.base, self.listing.params.url(&[])),
            None => String::new(),
        }
    }

    fn last(&self) -> String {
        match self.next {
            Some(_) => {
                let params = &self.listing.params;
                format!("{}{}", self.listing.base, params.url(&[("page", "last")]))
            }
            None => String::new(),
        }
    }
}

/// What stands in place of rows.
#[derive(Template)]
#[template(path = "records/list_nothing.html")]
pub struct Nothing<'a> {
    pub(super) listing: &'a Listing,
    pub(super) sentence: &'a str,
}

impl Nothing<'_> {
    /// Whether something was asked for that nothing fits.
    fn narrowed(&self) -> bool {
        let params = &self.listing.params;
        !params.search.is_empty() || !params.filter.is_empty() || params.archived
    }

    fn words(&self) -> String {
        let (params, plural) = (&self.listing.params, self.listing.kind.plural);
        match (params.search.as_str(), params.archived) {
            ("", true) => format!("No archived {plural}."),
            ("", false) => format!("No {plural} match this filter."),
            (search, _) => format!("No {plural} match “{search}”."),
        }
    }

    fn new_url(&self) -> String {
        format!("{}/new", self.listing.base)
    }

    /// Where whoever may bring records finds some to try things with.
    fn demo_url(&self) -> Option<String> {
        let tried = self.listing.kind.tried;
        let offered = self.listing.may.import && !tried.is_empty();
        offered.then(|| self.listing.member.url(tried))
    }

    fn import_url(&self) -> String {
        format!("{}/imports/new", self.listing.base)
    }

    /// The list without what narrows it.
    fn all_url(&self) -> &str {
        &self.listing.base
    }

    fn title(&self) -> String {
        format!("No {} yet", self.listing.kind.plural)
    }
}
