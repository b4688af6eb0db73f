//! The list of contacts.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use platform::Result;
use platform::db::Tx;
use platform::records::list::{COUNTED, Counted, Keyset, List, ListParams, Sort};
use platform::schema::contacts;
use serde::Serialize;

use super::contact::Contact;

pub const SORTS: [Sort; 4] = [
    Sort {
        key: "created_at",
        column: "contacts.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "contacts.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "contacts.last_name",
        cast: "text",
    },
    Sort {
        key: "score",
        column: "contacts.score",
        cast: "int",
    },
];

/// A contact with the names that its ids stand for.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct Row {
    #[serde(flatten)]
    pub contact: Contact,
    pub company: Option<String>,
    pub owner: Option<String>,
}

const COMPANY: &str = "(select name from companies c where c.workspace_id = contacts.workspace_id and c.id = contacts.company_id)";
const OWNER: &str = "(select name from members m where m.workspace_id = contacts.workspace_id and m.person_id = contacts.owner_id)";

impl Contact {
    pub fn list(tx: &mut Tx, params: &ListParams) -> Result<List<Row>> {
        let words = params.tsquery();
        let keyset = Keyset::new(params, &SORTS, "contacts.id")?.searching(
            tx,
            "contacts",
            words.as_deref(),
        )?;
        let mut query = matching(tx, params);
        if let Some(after) = keyset.after() {
            query = query.filter(after);
        }
        let rows: Vec<Row> = query
            .order(keyset.order())
            .limit(keyset.rows())
            .select((
                Contact::as_select(),
                sql::<Nullable<Text>>(COMPANY),
                sql::<Nullable<Text>>(OWNER),
            ))
            .load(&mut **tx)?;
        List::of(rows, &keyset, place, || {
            let counted = matching(tx, params).select(contacts::id).limit(COUNTED + 1);
            Ok(Counted(counted).get_result(&mut **tx)?)
        })
    }
}

fn matching<'a>(tx: &Tx, params: &ListParams) -> contacts::BoxedQuery<'a, Pg> {
    let mut query = contacts::table.into_boxed();
    query = match params.archived {
        true => query.filter(contacts::archived_at.is_not_null()),
        false => query.filter(contacts::archived_at.is_null()),
    };
    if let Some(owners) = tx.scope.owners() {
        query = query.filter(contacts::owner_id.eq_any(owners.to_vec()));
    }
    if let Some(words) = params.tsquery() {
        query = query.filter(
            sql::<Bool>("contacts.search @@ unaccent(")
                .bind::<Text, _>(words)
                .sql(")::tsquery"),
        );
    }
    query
}

/// Where a row stands in the order of `key`.
fn place(row: &Row, key: &str) -> (String, uuid::Uuid) {
    let c = &row.contact;
    let value = match key {
        "updated_at" => c.updated_at.to_rfc3339(),
        "name" => c.last_name.clone(),
        "score" => c.score.to_string(),
        _ => c.created_at.to_rfc3339(),
    };
    (value, c.id)
}
