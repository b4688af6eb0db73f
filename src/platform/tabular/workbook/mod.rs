//! Excel workbooks (ECMA-376, `.xlsx`): unfolded into CSV, so that all behind reads one kind of table, and written row by row.

mod measure;
mod reading;
mod writing;

pub use reading::unfold;
pub use writing::{CellKind, MOST_ROWS, WorkbookWriter};
