//! Two records that look like the same.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::judge::{Reason, Verdict};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::records::kinds::Kind;
use crate::schema::duplicate_pairs;
use crate::web::can::Member;
use crate::web::link;

/// The page of a merge names so many further ones.
const FURTHER: i64 = 5;

#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = duplicate_pairs, check_for_backend(diesel::pg::Pg))]
pub struct Pair {
    pub id: Uuid,
    pub a_id: Uuid,
    pub b_id: Uuid,
    pub score: i32,
    #[serde(rename = "reasons")]
    #[diesel(column_name = reasons)]
    pub keys: Vec<String>,
}

/// How far somebody has come in the queue: the pair looked at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub score: i32,
    pub id: Uuid,
}

impl Place {
    pub fn read(text: &str) -> Option<Place> {
        let (score, id) = text.split_once('.')?;
        Some(Place {
            score: score.parse().ok()?,
            id: id.parse().ok()?,
        })
    }
}

impl Pair {
    pub fn find(tx: &mut Tx, kind: &str, id: Uuid) -> Result<Pair> {
        Ok(duplicate_pairs::table
            .filter(
                duplicate_pairs::id
                    .eq(id)
                    .and(duplicate_pairs::record_kind.eq(kind)),
            )
            .select(Pair::as_select())
            .first(&mut **tx)?)
    }

    /// Those two, if they look like the same and nobody said otherwise.
    pub fn between(tx: &mut Tx, kind: &str, a: Uuid, b: Uuid) -> Result<Option<Pair>> {
        let same = duplicate_pairs::a_id
            .eq(a.min(b))
            .and(duplicate_pairs::b_id.eq(a.max(b)));
        Ok(duplicate_pairs::table
            .filter(duplicate_pairs::record_kind.eq(kind).and(same))
            .filter(duplicate_pairs::state.eq("open"))
            .select(Pair::as_select())
            .first(&mut **tx)
            .optional()?)
    }

    /// The next one to look at in `table`, of those that this transaction's member may see.
    pub fn after(tx: &mut Tx, table: &str, kind: &str, place: Place) -> Result<Option<Pair>> {
        let owners = tx.scope.owners().map(<[Uuid]>::to_vec);
        Ok(sql_query(format!(
            "select p.id, p.a_id, p.b_id, p.score, p.reasons from duplicate_pairs p
             join {table} a on a.id = p.a_id and a.archived_at is null join {table} b on b.id = p.b_id and b.archived_at is null
             where p.record_kind = $1 and p.state = 'open' and (p.score, p.id) < ($2, $3)
               and ($4 is null or (a.owner_id = any ($4) and b.owner_id = any ($4)))
             order by p.score desc, p.id desc limit 1"
        ))
        .bind::<Text, _>(kind)
        .bind::<Integer, _>(place.score)
        .bind::<SqlUuid, _>(place.id)
        .bind::<Nullable<Array<SqlUuid>>, _>(owners)
        .get_result(&mut **tx)
        .optional()?)
    }

    /// Others that look like one of these records, with their ids and titles.
    pub fn around(tx: &mut Tx, kind: &Kind, ids: &[Uuid]) -> Result<Vec<(Pair, Uuid, String)>> {
        #[derive(QueryableByName)]
        struct Around {
            #[diesel(embed)]
            pair: Pair,
            #[diesel(sql_type = SqlUuid)]
            other: Uuid,
            #[diesel(sql_type = Text)]
            title: String,
        }
        let owners = tx.scope.owners().map(<[Uuid]>::to_vec);
        let found: Vec<Around> = sql_query(
            "select p.id, p.a_id, p.b_id, p.score, p.reasons, r.id as other, r.title from (
               select distinct on (other) q.*, o.other from duplicate_pairs q
               cross join lateral (select case when q.a_id = any ($2) then q.b_id else q.a_id end as other) o
               where q.record_kind = $1 and q.state = 'open' and (q.a_id = any ($2) or q.b_id = any ($2)) and o.other <> all ($2)
               order by other, q.score desc limit 100) p
             join records r on r.id = p.other and r.archived_at is null
             where $3 is null or r.owner_id = any ($3) order by p.score desc, r.title limit $4",
        )
        .bind::<Text, _>(kind.name)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Nullable<Array<SqlUuid>>, _>(owners)
        .bind::<diesel::sql_types::BigInt, _>(FURTHER)
        .load(&mut **tx)?;
        let found = found.into_iter();
        Ok(found.map(|a| (a.pair, a.other, a.title)).collect())
    }

    /// Remembers pairs that were found; who said that one is none is believed.
    pub fn keep(
        tx: &mut Tx,
        kind: &str,
        found: &[(Uuid, Uuid, Verdict)],
        scan: Option<Uuid>,
    ) -> Result<()> {
        let keys = |v: &Verdict| {
            v.reasons
                .iter()
                .map(|r| r.key())
                .collect::<Vec<_>>()
                .join(",")
        };
        let now = tx.now;
        sql_query(
            "insert into duplicate_pairs (record_kind, a_id, b_id, score, reasons, scan_id, found_at)
             select $1, a, b, score, string_to_array(reasons, ','), $2, $3 from unnest($4, $5, $6, $7) as f (a, b, score, reasons)
             on conflict (workspace_id, record_kind, a_id, b_id) do update
               set score = excluded.score, reasons = excluded.reasons, scan_id = excluded.scan_id",
        )
        .bind::<Text, _>(kind)
        .bind::<Nullable<SqlUuid>, _>(scan)
        .bind::<diesel::sql_types::Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(found.iter().map(|(a, b, _)| *a.min(b)).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(found.iter().map(|(a, b, _)| *a.max(b)).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(found.iter().map(|(.., v)| v.score).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(found.iter().map(|(.., v)| keys(v)).collect::<Vec<_>>())
        .execute(&mut **tx)?;
        Ok(())
    }

    /// Says that they are not the same, or that they might be after all.
    pub fn set_dismissed(&self, tx: &mut Tx, dismissed: bool) -> Result<()> {
        let (now, me) = (tx.now, tx.person);
        let written =
            diesel::update(duplicate_pairs::table.filter(duplicate_pairs::id.eq(self.id)))
                .set((
                    duplicate_pairs::state.eq(if dismissed { "dismissed" } else { "open" }),
                    duplicate_pairs::dismissed_at.eq(dismissed.then_some(now)),
                    duplicate_pairs::dismissed_by.eq(me.filter(|_| dismissed)),
                ))
                .execute(&mut **tx)?;
        match written {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }

    /// Why, in words.
    pub fn reasons(&self) -> String {
        let word = |key: &String| Reason::parse(key).map(Reason::label);
        let words: Vec<&str> = self.keys.iter().filter_map(word).collect();
        let mut text = words.join(" · ");
        if let Some(first) = text.get(..1) {
            let first = first.to_uppercase();
            text.replace_range(..1, &first);
        }
        text
    }

    pub fn place(&self) -> String {
        format!("{}.{}", self.score, self.id)
    }

    /// The two side by side, within the queue.
    pub fn compare_url(&self, member: &Member, collection: &str) -> String {
        let path = member.url(&format!("/{collection}/merge"));
        let ids = format!("{},{}", self.a_id, self.b_id);
        link::with(&path, [("ids", ids), ("queue", self.place())])
    }
}
