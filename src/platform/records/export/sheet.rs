//! The columns of an export, and rows in them.

use std::sync::Arc;

use chrono_tz::Tz;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::filter::{Catalogue, FieldType};
use crate::records::facts;
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::setup::Setup;
use crate::records::shown::Names;
use crate::records::titles::Titles;
use crate::records::{Cells, Listed};
use crate::tabular::workbook::CellKind;
use crate::web::App;

/// How the rows of a kind of record are read for a file; `rows::<Contact>`.
pub type Rows = fn(&mut Tx, &ListParams, &Sheet) -> Result<Portion>;

/// The column of a whole export that tells an import which record a row is.
const ID: &str = "Nexus ID";

/// Some rows, and where the next ones begin.
pub struct Portion {
    pub rows: Vec<Vec<String>>,
    pub next: Option<String>,
}

#[derive(Clone)]
pub struct Sheet {
    app: Arc<App>,
    setup: Arc<Setup>,
    catalogue: Arc<Catalogue>,
    keys: Vec<String>,
    /// All there is goes with what it is known by.
    whole: bool,
    zone: Tz,
}

impl Sheet {
    /// The columns `keys` in their order, behind those that the record's name is made of; all there are where none is named.
    pub fn new(
        app: &Arc<App>,
        setup: &Arc<Setup>,
        kind: &Kind,
        keys: &[String],
        zone: Tz,
    ) -> Sheet {
        let catalogue = setup.catalogue(kind);
        let named = kind.named.iter().map(|key| (*key).to_owned());
        let mut all: Vec<String> = named.collect();
        let chosen: Vec<String> = match keys.is_empty() {
            true => own(&catalogue),
            false => keys.to_vec(),
        };
        for key in chosen {
            if !all.contains(&key) && catalogue.get(&key).is_some() {
                all.push(key);
            }
        }
        Sheet {
            app: app.clone(),
            setup: setup.clone(),
            catalogue,
            keys: all,
            whole: keys.is_empty(),
            zone,
        }
    }

    pub fn header(&self) -> Vec<String> {
        let label = |key: &String| match self.catalogue.get(key) {
            Some(field) => field.label.clone(),
            None => facts::humanised(key),
        };
        let id = self.whole.then(|| ID.to_owned());
        self.keys.iter().map(label).chain(id).collect()
    }

    /// What the columns hold, for a file that tells numbers from text.
    pub fn kinds(&self) -> Vec<CellKind> {
        let kind = |key: &String| match self.catalogue.get(key).map(|field| field.kind) {
            Some(FieldType::Number | FieldType::Money) => CellKind::Number,
            Some(FieldType::Date) => CellKind::Day,
            _ => CellKind::Text,
        };
        let id = self.whole.then_some(CellKind::Text);
        self.keys.iter().map(kind).chain(id).collect()
    }

    fn row(&self, id: Uuid, row: &impl Cells, names: &Names) -> Vec<String> {
        let cells = self.keys.iter();
        let cells =
            cells.map(|key| facts::shown(row, key, &self.catalogue, names).exported(&self.zone));
        cells.chain(self.whole.then(|| id.to_string())).collect()
    }
}

/// The fields that a record has itself, its own and the custom ones.
fn own(catalogue: &Catalogue) -> Vec<String> {
    let fields = catalogue.fields().iter();
    fields
        .filter(|f| f.group != "Related" && f.kind != FieldType::Behaviour)
        .map(|f| f.key.clone())
        .collect()
}

/// A page of the list, in words.
pub fn rows<T: Listed>(tx: &mut Tx, params: &ListParams, sheet: &Sheet) -> Result<Portion> {
    let list = T::list(tx, params)?;
    let titles = Titles::of_rows(tx, &sheet.app.kinds, &sheet.setup, T::KIND, &list.items)?;
    let names = Names {
        setup: sheet.setup.clone(),
        records: titles.0,
    };
    let rows = list.items.iter();
    let rows = rows.map(|row| sheet.row(T::of(row).id(), row, &names));
    Ok(Portion {
        rows: rows.collect(),
        next: list.next_cursor,
    })
}
