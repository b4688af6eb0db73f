//! The companies that rows name: found, or made.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::reading::{Company, Staged};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Gives each row the company that it names; companies that nobody knows yet are made.
pub fn assign<'a>(
    tx: &mut Tx,
    known: &mut HashMap<Company, Uuid>,
    import: Uuid,
    rows: impl Iterator<Item = &'a mut Staged>,
) -> Result<()> {
    let mut rows: Vec<&mut Staged> = rows.filter(|row| row.company.is_some()).collect();
    let mut unknown: Vec<Company> = Vec::new();
    let mut asked = HashSet::new();
    for company in rows.iter().filter_map(|row| row.company.as_ref()) {
        if !known.contains_key(company) && asked.insert(company.clone()) {
            unknown.push(company.clone());
        }
    }
    if !unknown.is_empty() {
        find_or_make(tx, known, import, &unknown)?;
    }
    for row in &mut rows {
        row.company_id = row
            .company
            .as_ref()
            .and_then(|company| known.get(company))
            .copied();
    }
    Ok(())
}

fn find_or_make(
    tx: &mut Tx,
    known: &mut HashMap<Company, Uuid>,
    import: Uuid,
    wanted: &[Company],
) -> Result<()> {
    hold(tx)?;
    for found in look_up(tx, wanted)? {
        if let Some(company) = wanted.get(found.place as usize) {
            known.insert(company.clone(), found.id);
        }
    }
    // Within a file, too, one website is one company, and one name: `ACME` and `Acme`, here with its website, there without.
    let (mut domains, mut names) = (HashMap::new(), HashMap::new());
    let mut rows = Vec::new();
    let mut missing: Vec<&Company> = wanted.iter().filter(|c| !known.contains_key(*c)).collect();
    missing.sort_by_key(|company| company.domain.is_none());
    for company in missing {
        let name = company.name.to_lowercase();
        let same = match &company.domain {
            Some(domain) => domains.get(domain),
            None => names.get(&name),
        };
        let id = same.copied().unwrap_or_else(|| {
            let id = Uuid::now_v7();
            rows.push(json!({"id": id, "name": company.name, "domain": company.domain}));
            id
        });
        if let Some(domain) = &company.domain {
            domains.insert(domain.clone(), id);
        }
        names.entry(name).or_insert(id);
        known.insert(company.clone(), id);
    }
    if rows.is_empty() {
        return Ok(());
    }
    insert_companies(tx, import, &rows)
}

/// Two imports at once would each make the same company.
pub fn hold(tx: &mut Tx) -> Result<()> {
    sql_query("select pg_advisory_xact_lock(hashtextextended('companies ' || current_workspace()::text, 0))").execute(&mut **tx)?;
    Ok(())
}

fn look_up(tx: &mut Tx, wanted: &[Company]) -> Result<Vec<Found>> {
    let asked: Vec<_> = wanted
        .iter()
        .enumerate()
        .map(|(place, c)| json!({"place": place, "name": c.name, "domain": c.domain}))
        .collect();
    Ok(sql_query(
        "select w.place, f.id from json_to_recordset($1::json) as w(place int, name text, domain text) \
         cross join lateral (select id from ( \
           (select id, 1 as rank from companies where domain = w.domain and archived_at is null order by created_at, id limit 1) \
           union all \
           (select id, 2 from companies where name_key = lower(w.name collate \"und-x-icu\") and archived_at is null \
              and (w.domain is null or domain is null) order by created_at, id limit 1)) found order by rank limit 1) f",
    )
    .bind::<Text, _>(serde_json::to_string(&asked)?)
    .load(&mut **tx)?)
}

/// Makes companies of which rows say no more than a name and perhaps a domain: `{"id", "name", "domain"}`.
pub fn insert_companies(tx: &mut Tx, import: Uuid, rows: &[serde_json::Value]) -> Result<()> {
    let (person, origin, now) = (tx.person, tx.origin.clone(), tx.now);
    sql_query(
        "with r as materialized (select * from json_to_recordset($1::json) as r(id uuid, name text, domain text)), \
         made as (insert into companies (id, name, domain, owner_id, created_at, updated_at) \
           select id, name, domain, $4, $3, $3 from r), \
         kept as (insert into import_changes (import_id, record_id, kind) select $2, id, 'company' from r) \
         insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, data, request_id, at) \
         select new_id(), 'company.imported', 'company', id, name, $4, $5, \
           jsonb_build_object('version', 1, 'import_id', $2), $6, $3 from r",
    )
    .bind::<Text, _>(serde_json::to_string(rows)?)
    .bind::<SqlUuid, _>(import)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(person)
    .bind::<Text, _>(&origin.name)
    .bind::<Nullable<Text>, _>(&origin.request_id)
    .execute(&mut **tx)?;
    Ok(())
}
