//! Documents for print: headings, text and tables on numbered pages, written as PDF.

mod canvas;
mod embedding;
mod fonts;
mod page;
mod shaping;
mod table;
#[cfg(test)]
mod tests;
mod widths;
mod wrapping;

pub use canvas::Paper;
pub use page::Document;
pub use table::{Column, Table};
pub use wrapping::clean;
