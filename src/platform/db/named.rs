//! Names that only one row of a table may have.

/// Refuses a name that another row of `table` has already, in whatever case; the row with the id `but` is the one that is
/// named. What else the others must be comes last: `name_is_free!(tx, stages, &name, but, "…", stages::pipeline_id.eq(id))`.
#[macro_export]
macro_rules! name_is_free {
    ($tx:expr, $table:ident, $name:expr, $but:expr, $message:literal $(, $among:expr)* $(,)?) => {{
        let name: &str = $name;
        let but: Option<uuid::Uuid> = $but;
        let lower = concat!("lower(", stringify!($table), ".name) = lower(");
        let same = diesel::dsl::sql::<diesel::sql_types::Bool>(lower)
            .bind::<diesel::sql_types::Text, _>(name.to_owned())
            .sql(")");
        let taken: Option<uuid::Uuid> = $table::table
            .filter(same)
            .filter($table::id.ne(but.unwrap_or_default()))
            $(.filter($among))*
            .select($table::id)
            .first(&mut **$tx)
            .optional()?;
        match taken {
            Some(_) => Err($crate::Error::invalid("name", $message)),
            None => Ok(()),
        }
    }};
}
