//! The columns of an export, and rows in them.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use super::object::object;
use super::{Ask, Format};
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

/// Some rows, and where the next ones begin. For JSON a row is one text, its object.
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
    format: Format,
    zone: Tz,
}

impl Sheet {
    /// The columns asked for in their order, behind those that the record's name is made of; all there are where none is named.
    pub fn new(app: &Arc<App>, setup: &Arc<Setup>, kind: &Kind, ask: &Ask) -> Sheet {
        let keys = ask.columns.as_slice();
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
            // On paper nobody needs an id.
            whole: keys.is_empty() && ask.format != Format::Pdf,
            format: ask.format,
            zone: ask.selection.zone(),
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

    fn row(&self, id: Uuid, row: &(impl Cells + Serialize), names: &Names) -> Result<Vec<String>> {
        let shown = |key| facts::shown(row, key, &self.catalogue, names);
        let keys = self.keys.iter();
        let id = self.whole.then(|| id.to_string());
        Ok(match self.format {
            Format::Csv | Format::Xlsx => {
                let cells = keys.map(|key| shown(key).exported(&self.zone));
                cells.chain(id).collect()
            }
            Format::Pdf => keys.map(|key| shown(key).plain(&self.zone)).collect(),
            Format::Json => vec![object(row, &self.keys, &self.catalogue, names)?],
        })
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
        rows: rows.collect::<Result<_>>()?,
        next: list.next_cursor,
    })
}
