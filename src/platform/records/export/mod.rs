//! A list as a file: the rows that it shows on all its pages, in the columns on screen or in all there are.

mod handlers;
mod job;
mod sheet;
mod table;
mod writing;

use serde::{Deserialize, Serialize};

pub use handlers::ask;
pub use job::{WriteExport, clean};
pub use sheet::{Portion, Rows, Sheet, rows};

use super::work::Selection;
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
}

text_enum! {
    /// What the file is.
    pub enum Format {
        Csv => "csv", "CSV";
        Xlsx => "xlsx", "Excel workbook";
    }
}

pub fn routes<T: super::Listed>(r: &mut Routes) {
    r.post(
        &format!("/{}/exports", T::COLLECTION),
        handlers::create::<T>,
    );
}
