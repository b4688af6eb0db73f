//! What every record shares, and what hangs on any of them.

pub mod activities;
pub mod archiving;
pub mod bulk;
pub mod chooser;
pub mod custom;
pub mod duplicates;
pub mod editing;
pub mod export;
pub mod facts;
pub mod followers;
pub mod joining;
pub mod kinds;
pub mod list;
pub mod listing;
pub mod merge;
pub mod month;
pub mod notes;
pub mod on;
pub mod open;
pub mod seers;
pub mod setup;
pub mod shown;
pub mod tags;
pub mod timeline;
pub mod titles;
pub mod undo;
pub mod views;
pub mod work;
pub mod write;

use crate::web::help::Topic;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use validator::Validate;

pub use custom::Custom;
pub use shown::Shown;

use list::{List, ListParams, Sort, Spared};

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::Registry;
use crate::schema::records;
use crate::web::can::Member;
use crate::web::{Resource, Routes};

/// A row that people look at one by one: it has a page, a timeline, an owner, and notes, tags and tasks hang on it.
pub trait Record {
    /// The name in `records.kind`, in events and in URLs of the API: singular, snake case.
    const KIND: &'static str;

    fn id(&self) -> Uuid;
    fn title(&self) -> String;
    fn version(&self) -> i32;
}

/// What a person fills in about a record.
pub trait RecordForm:
    Serialize + DeserializeOwned + Validate + Default + Clone + Send + 'static
{
    /// The tags in it, where it asks for them.
    fn tags(&mut self) -> Option<&mut Vec<String>> {
        None
    }
    /// The values of custom fields in it, where it asks for them.
    fn custom(&mut self) -> Option<&mut Custom> {
        None
    }
    /// Finds what was named rather than chosen, and brings the rest into the shape in which it is kept; what can't be
    /// kept is refused here.
    fn settle(&mut self, _: &mut Tx) -> Result<()> {
        Ok(())
    }
}

/// A record that people make and change through a form. `Resource::NAME` is its table.
pub trait Editable: Record + Resource + Serialize + Sized + Send {
    type Form: RecordForm;

    /// One that this transaction's member may see; anything else is not there.
    fn find(tx: &mut Tx, id: Uuid) -> Result<Self>;
    fn create(tx: &mut Tx, form: Self::Form) -> Result<Self>;
    /// Writes the form over the record and leaves the event.
    fn save(&self, tx: &mut Tx, form: Self::Form) -> Result<Self>;
    /// The same for an undo: what stood already is not held against rules that are for what comes anew.
    fn revert(&self, tx: &mut Tx, form: Self::Form) -> Result<Self> {
        self.save(tx, form)
    }
    fn form(&self) -> Self::Form;
    fn owner(&self) -> Option<Uuid>;
    fn archived_at(&self) -> Option<DateTime<Utc>>;

    /// Puts it away, out of every list but the archive.
    fn archive(&self, tx: &mut Tx) -> Result<Self> {
        archiving::set_archived(tx, self, Some(tx.now))
    }

    fn restore(&self, tx: &mut Tx) -> Result<Self> {
        archiving::set_archived(tx, self, None)
    }

    /// Its page.
    fn url(&self, member: &Member) -> String {
        member.url(&format!("/{}/{}", Self::COLLECTION, self.id()))
    }

    /// Itself, unless it was expected to be at another version.
    fn expected_at(&self, version: Option<i32>) -> Result<&Self> {
        match version {
            Some(version) if version != self.version() => Err(Error::Stale {
                current: self.version(),
            }),
            _ => Ok(self),
        }
    }
}

/// A row of a list, and what a record's page knows of it: the record with the names that its ids stand for.
pub trait Cells {
    /// The value of a field of the record's own, as people see it.
    fn shown(&self, key: &str) -> Shown<'_>;
    /// The records that fields of its own point at, to be named where it is shown.
    fn records(&self) -> Vec<Uuid> {
        Vec::new()
    }
    /// Kinds that nobody adds fields to have none.
    fn custom(&self) -> &Custom {
        static NONE: LazyLock<Custom> = LazyLock::new(Custom::default);
        &NONE
    }
}

impl<T: Cells> Cells for &T {
    fn shown(&self, key: &str) -> Shown<'_> {
        (**self).shown(key)
    }
    fn records(&self) -> Vec<Uuid> {
        (**self).records()
    }
    fn custom(&self) -> &Custom {
        (**self).custom()
    }
}

/// A record that stands in lists. `list_queries!` writes those of its functions that are queries.
pub trait Listed: Record + Resource + Serialize + Sized + Send {
    type Row: Cells + Serialize + Send + 'static;
    /// What such records are, in a sentence for whoever has none yet.
    const ABOUT: &'static str;
    /// Whether initials stand before the name, as before a person's.
    const FACES: bool = false;
    /// The ways to sort; by the first, newest first, a list comes unasked.
    const SORTS: &'static [Sort];
    /// The columns beside the name, unless somebody chooses others.
    const COLUMNS: &'static [&'static str];
    /// Whether its lists can be taken away as files.
    const EXPORTED: bool = false;
    /// Whether files of them can be brought in, below `/imports` of the collection.
    const IMPORTED: bool = false;
    /// What a page leaves out of its rows where no column shows it.
    const SPARED: &'static [Spared] = &[];

    fn list(tx: &mut Tx, params: &ListParams) -> Result<List<Self::Row>>;
    /// The first ids of a list from its cursor on.
    fn ids(tx: &mut Tx, params: &ListParams, limit: i64) -> Result<Vec<Uuid>>;
    /// Where the record stands in the order of `key`, as PostgreSQL reads it.
    fn place(&self, key: &str) -> String;
    /// One that this transaction's member may see, as it stands in a list.
    fn row(tx: &mut Tx, id: Uuid) -> Result<Self::Row>;
    fn of(row: &Self::Row) -> &Self;
    /// What one press in its row does with it, where there is such a thing.
    fn tick(_: &Self::Row) -> Option<Tick> {
        None
    }
    /// Whether it can still be changed.
    fn is_open(&self) -> bool {
        true
    }
}

/// A box before the name of a row: pressing it does what it says, and again takes it back.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// The verb in its address: `complete`.
    pub verb: &'static str,
    pub label: &'static str,
    pub ticked: bool,
    pub owner: Option<Uuid>,
}

/// What the register of all records knows of one.
#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = records, check_for_backend(diesel::pg::Pg))]
pub struct Card {
    pub id: Uuid,
    pub kind: String,
    pub title: String,
    pub subtitle: String,
    pub owner_id: Option<Uuid>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Card {
    /// One of that kind that this transaction's member may see.
    pub fn find(tx: &mut Tx, kind: &str, id: Uuid) -> Result<Card> {
        let mut query = records::table
            .filter(records::id.eq(id).and(records::kind.eq(kind)))
            .into_boxed();
        if let Some(owners) = tx.scope.owners() {
            query = query.filter(records::owner_id.eq_any(owners.to_vec()));
        }
        Ok(query.select(Card::as_select()).first(&mut **tx)?)
    }
}

pub const HELP: &[Topic] = &[
    Topic {
        key: "activities",
        section: "CRM",
        icon: "phone",
        screens: &["/activities"],
        resource: "notes",
        text: include_str!("help/activities.md"),
    },
    Topic {
        key: "views",
        section: "Everyday",
        icon: "layout-list",
        screens: &["/views"],
        resource: "views",
        text: include_str!("help/views.md"),
    },
    Topic {
        key: "work",
        section: "Everyday",
        icon: "download",
        screens: &["/work"],
        resource: "notifications",
        text: include_str!("help/work.md"),
    },
];

/// What every kind of record has under its own collection.
pub fn routes_of<T: Editable>(r: &mut Routes) {
    facts::routes::<T>(r);
    undo::routes::<T>(r);
}

/// What every kind of record that stands in lists has under its own collection.
pub fn routes_of_list<T: Listed>(r: &mut Routes) {
    bulk::routes::<T>(r);
    export::routes::<T>(r);
}

pub fn jobs(registry: Registry) -> Registry {
    registry
        .job::<bulk::RunBulk>()
        .job::<bulk::UndoBulk>()
        .job::<export::WriteExport>()
        .job::<custom::IndexField>()
}

/// What every kind of record has under `/records/{kind}`, `/views`, and long work on any of them.
pub fn routes(r: &mut Routes) {
    work::routes(r);
    activities::routes(r);
    chooser::routes(r);
    followers::routes(r);
    notes::routes(r);
    timeline::routes(r);
    views::routes(r);
}
