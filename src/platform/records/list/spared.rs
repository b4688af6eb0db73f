//! What a page leaves out of its rows: fetching, sending and reading what no column shows is a third of a list's cost.

use std::sync::OnceLock;

use diesel::expression::Expression;
use diesel::pg::{Pg, PgQueryBuilder};
use diesel::prelude::*;
use diesel::query_builder::{QueryBuilder, QueryFragment};

use super::ListParams;
use crate::db::{Fixed, fixed};

/// A part of a row that is read as empty where nobody looks at it.
#[derive(Clone, Copy, Debug)]
pub enum Spared {
    /// A column of JSON, which the list's column of that key, or one below it (`custom.size`), shows.
    Column(&'static str),
    /// A name that programs are told and pages find by the id. The expression as the row selects it.
    Name(&'static str),
}

impl Spared {
    fn is_shown(&self, columns: &[String]) -> bool {
        match self {
            Spared::Name(_) => false,
            Spared::Column(own) => columns.iter().any(|key| {
                let rest = key.strip_prefix(own);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }),
        }
    }

    fn text(&self, table: &str) -> String {
        match self {
            Spared::Column(own) => format!("\"{table}\".\"{own}\""),
            Spared::Name(sql) => (*sql).to_owned(),
        }
    }
}

/// The selection `whole` of rows of `table`, with `null` for what is spared of it. Whoever wants no particular columns
/// gets it all. `usual` keeps the text for the columns of a list that nobody arranged.
pub fn lean<E>(
    whole: E,
    table: &str,
    spared: &[Spared],
    params: &ListParams,
    usual: &'static OnceLock<String>,
) -> QueryResult<Fixed<E::SqlType>>
where
    E: Expression + QueryFragment<Pg>,
{
    let arranged = !params.columns.is_empty();
    let kept = usual.get().filter(|_| !arranged && params.shown.is_some());
    if let Some(text) = kept {
        return Ok(fixed(text.as_str()));
    }
    let mut builder = PgQueryBuilder::new();
    whole.to_sql(&mut builder, &Pg)?;
    let mut text = builder.finish();
    if let Some(columns) = &params.shown {
        for part in spared.iter().filter(|part| !part.is_shown(columns)) {
            text = text.replacen(&part.text(table), "null", 1);
        }
        if !arranged {
            return Ok(fixed(usual.get_or_init(|| text).as_str()));
        }
    }
    Ok(fixed(text).kept_if(!arranged))
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::sql_types::{Integer, Jsonb};

    use super::*;
    use crate::schema::contacts;

    fn selection(shown: Option<&[&str]>) -> String {
        let own = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let params = ListParams {
            shown: shown.map(own),
            ..ListParams::default()
        };
        let whole = (contacts::id, contacts::custom, sql::<Integer>("(select 1)"));
        let spared = [Spared::Column("custom"), Spared::Name("(select 1)")];
        let usual = Box::leak(Box::default());
        let lean: Fixed<(_, Jsonb, Integer)> =
            lean(whole, "contacts", &spared, &params, usual).unwrap();
        let _: &Fixed<(diesel::sql_types::Uuid, Jsonb, Integer)> = &lean;
        let mut builder = PgQueryBuilder::new();
        lean.to_sql(&mut builder, &Pg).unwrap();
        builder.finish()
    }

    #[test]
    fn what_no_column_shows_is_left_out() {
        let whole = r#""contacts"."id", "contacts"."custom", (select 1)"#;
        assert_eq!(selection(None), whole);
        assert_eq!(
            selection(Some(&["email"])),
            r#""contacts"."id", null, null"#
        );
        assert_eq!(
            selection(Some(&["email", "custom.size"])),
            r#""contacts"."id", "contacts"."custom", null"#
        );
    }
}
