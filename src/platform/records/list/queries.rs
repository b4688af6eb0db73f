//! The queries behind a list and a record: the same for every kind, but for the table, which is a type.

/// Writes `list`, `ids` and `row` of an `impl Listed` whose rows are selected from `$table`.
#[macro_export]
macro_rules! list_queries {
    ($table:ident) => {
        fn list(
            tx: &mut $crate::db::Tx,
            params: &$crate::records::list::ListParams,
        ) -> $crate::Result<$crate::records::list::List<Self::Row>> {
            use ::diesel::prelude::*;
            use $crate::records::Record;
            use $crate::records::list::{COUNTED, Counted, Keyset, List, lean};
            use $crate::schema::$table::dsl;
            static USUAL: ::std::sync::OnceLock<String> = ::std::sync::OnceLock::new();
            let table = stringify!($table);
            let keyset = Keyset::of(tx, params, Self::SORTS, table)?;
            let matching = params.matching(&tx.scope, table);
            let whole = <Self::Row as SelectableHelper<::diesel::pg::Pg>>::as_select();
            let rows: Vec<Self::Row> = dsl::$table
                .filter(matching.clone().beyond(&keyset))
                .order(keyset.page())
                .select(lean(whole, table, Self::SPARED, params, &USUAL)?)
                .load(&mut **tx)?;
            let place = |row: &Self::Row, key: &str| {
                let record = Self::of(row);
                (record.place(key), Record::id(record))
            };
            List::of(rows, &keyset, place, || {
                let counted = dsl::$table.filter(matching).select(dsl::id);
                Ok(Counted(counted.limit(COUNTED + 1)).get_result(&mut **tx)?)
            })
        }

        fn ids(
            tx: &mut $crate::db::Tx,
            params: &$crate::records::list::ListParams,
            limit: i64,
        ) -> $crate::Result<Vec<::uuid::Uuid>> {
            use ::diesel::prelude::*;
            use $crate::records::list::Keyset;
            use $crate::schema::$table::dsl;
            let table = stringify!($table);
            let keyset = Keyset::of(tx, params, Self::SORTS, table)?;
            Ok(dsl::$table
                .filter(params.matching(&tx.scope, table).beyond(&keyset))
                .order(keyset.order())
                .limit(limit)
                .select(dsl::id)
                .load(&mut **tx)?)
        }

        fn row(tx: &mut $crate::db::Tx, id: ::uuid::Uuid) -> $crate::Result<Self::Row> {
            use ::diesel::prelude::*;
            use $crate::records::list::Matching;
            use $crate::schema::$table::dsl;
            let row = dsl::$table.filter(Matching::one(&tx.scope, stringify!($table), id));
            let row = row.select(<Self::Row as SelectableHelper<::diesel::pg::Pg>>::as_select());
            Ok(row.first(&mut **tx)?)
        }
    };
}

/// Writes `find`, `owner` and `archived_at` of an `impl Editable` whose records are rows of `$table`.
#[macro_export]
macro_rules! record_queries {
    ($table:ident) => {
        fn find(tx: &mut $crate::db::Tx, id: ::uuid::Uuid) -> $crate::Result<Self> {
            use ::diesel::prelude::*;
            use $crate::records::list::Matching;
            use $crate::schema::$table::dsl;
            let row = dsl::$table.filter(Matching::one(&tx.scope, stringify!($table), id));
            Ok(row.select(Self::as_select()).first(&mut **tx)?)
        }

        fn owner(&self) -> Option<::uuid::Uuid> {
            self.owner_id
        }

        fn archived_at(&self) -> Option<::chrono::DateTime<::chrono::Utc>> {
            self.archived_at
        }
    };
}
