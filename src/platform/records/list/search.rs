//! What people type into a search field, as PostgreSQL reads it.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::Text;

use crate::db::condition;

const MOST_WORDS: usize = 8;

/// `Ann O'Brien` → `'ann':* & ('o' & 'brien':*)`; an address stays whole. `None` where nothing is left.
///
/// What is followed by a mark within a word is complete, so it need not be a beginning: of two beginnings PostgreSQL
/// gathers every row that either has, of a word and a beginning only those of the rarer. `anna-lena` may be a name, which
/// is kept in its parts, or what stands before an address's @, which is kept whole.
pub fn tsquery(search: &str) -> Option<String> {
    let lower = search.to_lowercase();
    let terms = lower.split_whitespace().filter_map(term);
    let terms: Vec<String> = terms.take(MOST_WORDS).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

fn term(word: &str) -> Option<String> {
    let whole = word.trim_matches(|c: char| !c.is_alphanumeric());
    let plain = whole
        .chars()
        .all(|c| c.is_alphanumeric() || "@._+-".contains(c));
    if whole.contains('@') {
        let address = whole
            .chars()
            .filter(|c| c.is_alphanumeric() || "@._+-".contains(*c));
        return Some(format!("'{}':*", address.collect::<String>()));
    }
    let parts = whole.split(|c: char| !c.is_alphanumeric());
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty())
        .take(MOST_WORDS)
        .collect();
    let (beginning, complete) = parts.split_last()?;
    if complete.is_empty() {
        return Some(format!("'{beginning}':*"));
    }
    let complete = complete.iter().map(|part| format!("'{part}' & "));
    let split = format!("{}'{beginning}':*", complete.collect::<String>());
    Some(match plain {
        true => format!("({split} | '{whole}':*)"),
        false => format!("({split})"),
    })
}

/// The words bound at `placeholder` as a value of the type tsquery: worked out once a statement. Without the select it
/// would be once a row, since `unaccent` is only stable.
pub fn words_at(placeholder: &str) -> String {
    format!("{}{placeholder}{}", WORDS.0, WORDS.1)
}

const WORDS: (&str, &str) = ("(select unaccent(", ")::tsquery)");

/// The condition that a row of a table with a `search` column holds the words of a `tsquery`.
#[derive(Clone, Debug)]
pub struct Holds {
    table: &'static str,
    words: String,
}

impl Holds {
    pub fn new(table: &'static str, words: String) -> Holds {
        Holds { table, words }
    }
}

impl QueryFragment<Pg> for Holds {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        out.push_sql(self.table);
        out.push_sql(".search @@ ");
        out.push_sql(WORDS.0);
        out.push_bind_param::<Text, _>(&self.words)?;
        out.push_sql(WORDS.1);
        out.push_sql(")");
        Ok(())
    }
}

condition!(Holds);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_made_of_beginnings_of_words() {
        assert_eq!(
            tsquery("Ann O'Brien").unwrap(),
            "'ann':* & ('o' & 'brien':*)"
        );
        assert_eq!(
            tsquery("anna-lena").unwrap(),
            "('anna' & 'lena':* | 'anna-lena':*)"
        );
        assert_eq!(
            tsquery("st.gallen.").unwrap(),
            "('st' & 'gallen':* | 'st.gallen':*)"
        );
        assert_eq!(tsquery("-1.").unwrap(), "'1':*");
        assert_eq!(tsquery("ann@example.com").unwrap(), "'ann@example.com':*");
        assert_eq!(tsquery("李雷").unwrap(), "'李雷':*");
        assert_eq!(tsquery(" '&|! "), None);
    }
}
