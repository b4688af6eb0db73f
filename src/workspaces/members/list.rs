//! The list of members.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use platform::Result;
use platform::db::Tx;
use platform::records::list::{COUNTED, Counted, Keyset, List, ListParams, Sort};
use platform::schema::members;
use uuid::Uuid;

use super::member::Member;

const IN_TEAM: &str = "exists (select from team_members tm join teams t on t.workspace_id = tm.workspace_id and t.id = tm.team_id \
    where tm.workspace_id = members.workspace_id and tm.person_id = members.person_id and t.name ilike ";

const SORTS: [Sort; 2] = [
    Sort {
        key: "created_at",
        column: "members.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "members.name",
        cast: "text",
    },
];

impl Member {
    /// By name where nothing else is asked for; `archived` shows those who were deactivated.
    pub fn list(tx: &mut Tx, params: &ListParams) -> Result<List<Member>> {
        let keyset = Keyset::new(params, &SORTS, "members.person_id")?;
        let mut query = matching(params);
        if let Some(after) = keyset.after() {
            query = query.filter(after);
        }
        let rows = Member::load(tx, query.order(keyset.order()).limit(keyset.rows()))?;
        List::of(rows, &keyset, place, || {
            let counted = matching(params)
                .select(members::person_id)
                .limit(COUNTED + 1);
            Ok(Counted(counted).get_result(&mut **tx)?)
        })
    }
}

fn matching<'a>(params: &ListParams) -> members::BoxedQuery<'a, Pg> {
    let mut query = members::table
        .filter(members::active.eq(!params.archived))
        .into_boxed();
    if !params.search.is_empty() {
        let escaped = params.search.replace('\\', "\\\\");
        let like = format!("%{}%", escaped.replace('%', "\\%").replace('_', "\\_"));
        let named = members::name.ilike(like.clone());
        let found = named.or(members::email.ilike(like.clone()));
        let in_team = sql::<Bool>(IN_TEAM).bind::<Text, _>(like).sql(")");
        query = query.filter(found.or(in_team));
    }
    query
}

fn place(member: &Member, key: &str) -> (String, Uuid) {
    let value = match key {
        "name" => member.name.clone(),
        _ => member.created_at.to_rfc3339(),
    };
    (value, member.id)
}
