//! Reads what people write into a cell: addresses, numbers, dates, choices.
//! Each function answers with the value or with a sentence that says what is wrong.

mod calendar;
pub mod choices;
pub mod dates;
pub mod email;
mod moment;
pub mod money;
pub mod names;
pub mod numbers;
pub mod phone;
pub mod text;

pub use choices::{Choice, boolean, choice, choices};
pub use dates::{DateOrder, DateVotes, date, date_time, day_and_time};
pub use email::{email, emails};
pub use money::money;
pub use numbers::{Decimals, Number, NumberVotes, number};
pub use phone::{Phone, Region, phone};
pub use text::{tags, text, web_address};

/// What a cell looks like, at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Empty,
    Text,
    Email,
    Url,
    Phone,
    Number,
    Money,
    Date,
    Boolean,
}

/// Cheap and without a context, so good for guesses about a column and nothing else.
pub fn shape(cell: &str) -> Shape {
    let cell = cell.trim();
    if cell.is_empty() {
        Shape::Empty
    } else if cell.contains('@') && emails(cell).is_ok() {
        Shape::Email
    } else if text::looks_like_url(cell) {
        Shape::Url
    } else if dates::looks_like_date(cell) {
        Shape::Date
    } else if cell.starts_with(['+', '(']) && phone::looks_like_phone(cell) {
        Shape::Phone
    } else if number(cell, None).is_ok() {
        Shape::Number
    } else if phone::looks_like_phone(cell) {
        Shape::Phone
    } else if cell.len() < 40
        && cell.contains(|c: char| c.is_ascii_digit())
        && money(cell, None).is_ok()
    {
        Shape::Money
    } else if cell.len() < 12 && boolean(cell).is_ok() {
        Shape::Boolean
    } else {
        Shape::Text
    }
}

/// A cell as it is quoted in a sentence.
fn shown(cell: &str) -> String {
    const LONGEST: usize = 60;
    let cell = cell.trim();
    match cell.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("“{}…”", &cell[..end]),
        None => format!("“{cell}”"),
    }
}
