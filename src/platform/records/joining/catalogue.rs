//! What PostgreSQL's own catalogue says of tables, so that none that is added later is forgotten.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text};

use crate::db::Tx;
use crate::error::Result;

/// A column that points at rows of another table by their id.
#[derive(Clone, Debug, QueryableByName)]
pub struct Reference {
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub column: String,
}

impl Reference {
    /// Every column with a foreign key to the id of a row of one of `tables`.
    pub fn to(tx: &mut Tx, tables: &[&str]) -> Result<Vec<Reference>> {
        Ok(sql_query(
            "select distinct c.conrelid::regclass::text as table, quote_ident(own.attname) as column
             from pg_constraint c cross join lateral unnest(c.conkey, c.confkey) k (own, other)
             join pg_attribute own on own.attrelid = c.conrelid and own.attnum = k.own
             join pg_attribute other on other.attrelid = c.confrelid and other.attnum = k.other
             where c.contype = 'f' and c.confrelid::regclass::text = any ($1) and other.attname = 'id'
             order by 1, 2",
        )
        .bind::<Array<Text>, _>(tables)
        .load(&mut **tx)?)
    }

    /// Every column of jsonb that keeps a filter, in which ids of records may stand.
    pub fn filters(tx: &mut Tx) -> Result<Vec<Reference>> {
        Ok(sql_query(
            "select a.attrelid::regclass::text as table, quote_ident(a.attname) as column
             from pg_attribute a join pg_class t on t.oid = a.attrelid
             where a.attname = 'filter' and a.atttypid = 'jsonb'::regtype and t.relkind = 'r' and not a.attisdropped
               and exists (select from pg_attribute w where w.attrelid = t.oid and w.attname = 'workspace_id')
             order by 1",
        )
        .load(&mut **tx)?)
    }
}

/// A column, and what its values are.
#[derive(Clone, Debug, QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
}

/// A table, with what tells its rows apart.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// The primary key but for the workspace.
    pub key: Vec<Column>,
}

impl Table {
    pub fn named(tx: &mut Tx, name: &str) -> Result<Table> {
        let key = sql_query(
            "select quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as kind
             from pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality k (number, place)
             join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
             where i.indrelid = $1::regclass and i.indisprimary and a.attname <> 'workspace_id' order by k.place",
        )
        .bind::<Text, _>(name)
        .load(&mut **tx)?;
        Ok(Table {
            name: name.to_owned(),
            key,
        })
    }

    /// The key of the row called `row`, as the journal keeps it.
    pub fn key_of(&self, row: &str) -> String {
        let parts = self
            .key
            .iter()
            .map(|c| format!("'{0}', {row}.{0}", c.name.trim_matches('"')));
        format!(
            "jsonb_build_object({})",
            parts.collect::<Vec<_>>().join(", ")
        )
    }

    /// That the row called `row` is the one of a key kept as `key`.
    pub fn is(&self, row: &str, key: &str) -> String {
        let parts = self.key.iter().map(|c| {
            let name = c.name.trim_matches('"');
            format!("{row}.{} = ({key} ->> '{name}')::{}", c.name, c.kind)
        });
        parts.collect::<Vec<_>>().join(" and ")
    }

    /// Whether other tables can point at its rows.
    pub fn has_id(&self) -> bool {
        matches!(self.key.as_slice(), [only] if only.name == "id")
    }

    /// The columns that are not made of others.
    pub fn columns(&self, tx: &mut Tx) -> Result<Vec<String>> {
        #[derive(QueryableByName)]
        struct Named {
            #[diesel(sql_type = Text)]
            name: String,
        }
        let columns: Vec<Named> = sql_query(
            "select quote_ident(attname) as name from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
             order by attnum",
        )
        .bind::<Text, _>(&self.name)
        .load(&mut **tx)?;
        Ok(columns.into_iter().map(|c| c.name).collect())
    }

    /// What it points at itself: the column, the table, the column there, and whether there may be nothing.
    pub fn parents(&self, tx: &mut Tx) -> Result<Vec<Parent>> {
        Ok(sql_query(
            "select quote_ident(own.attname) as column, c.confrelid::regclass::text as table,
               quote_ident(other.attname) as other, case when own.attnotnull then 'no' end as needed
             from pg_constraint c
             join pg_attribute own on own.attrelid = c.conrelid and own.attnum = c.conkey[2]
             join pg_attribute other on other.attrelid = c.confrelid and other.attnum = c.confkey[2]
             where c.contype = 'f' and c.conrelid = $1::regclass
               and array_length(c.conkey, 1) = 2 order by 1",
        )
        .bind::<Text, _>(&self.name)
        .load(&mut **tx)?)
    }

    /// The keys that may exist once only and that `column` is part of.
    pub fn uniques(&self, tx: &mut Tx, column: &str) -> Result<Vec<Unique>> {
        let all: Vec<Unique> = sql_query(
            "select pg_get_expr(i.indpred, i.indrelid) as predicate,
               array(select pg_get_indexdef(i.indexrelid, n, true) from generate_series(1, i.indnkeyatts) n) as parts
             from pg_index i where i.indrelid = $1::regclass and i.indisunique order by i.indexrelid",
        )
        .bind::<Text, _>(&self.name)
        .load(&mut **tx)?;
        let about = all
            .into_iter()
            .filter(|u| u.parts.iter().any(|p| p == column));
        Ok(about
            .map(|mut unique| {
                let others = |part: &String| part != column && part != "workspace_id";
                unique.parts.retain(others);
                unique
            })
            .collect())
    }
}

#[derive(Clone, Debug, QueryableByName)]
pub struct Parent {
    #[diesel(sql_type = Text)]
    pub column: String,
    #[diesel(sql_type = Text)]
    pub table: String,
    #[diesel(sql_type = Text)]
    pub other: String,
    /// Filled where a row can't be without it.
    #[diesel(sql_type = Nullable<Text>)]
    pub needed: Option<String>,
}

#[derive(Clone, Debug, QueryableByName)]
pub struct Unique {
    /// Which rows it is about, where not all of them.
    #[diesel(sql_type = Nullable<Text>)]
    pub predicate: Option<String>,
    /// What it is made of beside the column in question.
    #[diesel(sql_type = Array<Text>)]
    pub parts: Vec<String>,
}
