//! Conditions that write their own SQL.

/// Lets a type that is a `QueryFragment` stand in `.filter(…)` of a query on any tables. Its text differs from value to
/// value, so statements with it are told apart by their text.
macro_rules! condition {
    ($name:ident) => {
        impl ::diesel::query_builder::QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl ::diesel::expression::Expression for $name {
            type SqlType = ::diesel::sql_types::Bool;
        }

        impl<Tables> ::diesel::expression::AppearsOnTable<Tables> for $name {}

        impl<Tables> ::diesel::expression::SelectableExpression<Tables> for $name {}

        impl<Grouped> ::diesel::expression::ValidGrouping<Grouped> for $name {
            type IsAggregate = ::diesel::expression::is_aggregate::Never;
        }
    };
}

pub(crate) use condition;
