//! A list as a file: the rows that it shows on all its pages, in the columns on screen or in all there are.

mod handlers;
mod heading;
mod job;
mod object;
mod print;
mod sheet;
mod table;
mod writing;

use serde::{Deserialize, Serialize};

pub use handlers::ask;
pub use heading::Heading;
pub use job::{WriteExport, clean};
pub use sheet::{Portion, Rows, Sheet, rows};

use super::work::Selection;
use crate::tabular::workbook::MOST_ROWS;
use crate::text_enum;
use crate::web::Routes;

/// What is kept of the wish until it is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    pub selection: Selection,
    pub columns: Vec<String>,
    /// Excel takes a file without the mark for the old encoding of its country.
    pub mark: bool,
    #[serde(default)]
    pub format: Format,
    #[serde(default)]
    pub heading: Heading,
}

text_enum! {
    /// What the file is.
    pub enum Format {
        Csv => "csv", "CSV";
        Xlsx => "xlsx", "Excel";
        Json => "json", "JSON";
        Pdf => "pdf", "PDF";
    }
}

/// More than anybody prints; a few hundred pages.
const MOST_PRINTED: i64 = 5_000;

impl Format {
    /// How many rows such a file can hold, where it can't hold all.
    pub fn most(self) -> Option<i64> {
        match self {
            Format::Csv | Format::Json => None,
            Format::Xlsx => Some(i64::from(MOST_ROWS)),
            Format::Pdf => Some(MOST_PRINTED),
        }
    }

    /// Why a longer list can't be such a file, and what can be done.
    pub fn too_many(self) -> &'static str {
        match self {
            Format::Pdf => {
                "A PDF holds at most 5,000 rows, and this list has more. Export it as CSV, Excel or JSON, or filter it first."
            }
            _ => {
                "A sheet of Excel holds at most 1,048,575 rows, and this list has more. Export it as CSV or JSON instead."
            }
        }
    }
}

pub fn routes<T: super::Listed>(r: &mut Routes) {
    let path = format!("/{}/exports", T::COLLECTION);
    r.post(&path, handlers::create::<T>)
        .takes::<handlers::Wanted>();
}
