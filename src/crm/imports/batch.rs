//! Writes one batch of rows, and how far the import is with it, in one transaction.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use platform::Result;
use platform::db::Tx;
use serde_json::json;
use uuid::Uuid;

use super::import::Import;
use super::plan::{Duplicates, Plan};
use super::problem::{self, Kind, Outcome, Problem, Totals};
use super::reading::{Company, Staged};
use super::source::Batch;

/// How the rows of the file arrive in SQL.
const STAGED: &str = "json_to_recordset($1::json) as r(id uuid, row bigint, first_name text, last_name text, email text, \
    phone text, job_title text, company_id uuid, lifecycle_stage text, lead_status text, lead_source text, \
    more_emails jsonb, more_phones jsonb, addresses jsonb, city text, country text, birthday date, consent_email text, \
    description text, owner_id uuid, tags text[], custom jsonb)";

/// Companies that were named before, so that a file of one company's people asks once.
const REMEMBERED: usize = 20_000;

/// What is carried from batch to batch.
pub struct Work {
    pub import: Import,
    pub plan: Plan,
    pub totals: Totals,
    companies: HashMap<Company, Uuid>,
}

/// What became of the rows of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub created: i32,
    pub updated: i32,
    pub skipped: i32,
    pub refused: i32,
    pub noted: i32,
}

/// A contact that has the address of a row.
#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    import_id: Option<Uuid>,
}

/// Rows parted by what is to be done with them.
#[derive(Default)]
pub struct Parted {
    pub new: Vec<Staged>,
    pub changed: Vec<Staged>,
    pub counts: Counts,
}

impl Work {
    pub fn new(import: Import) -> Work {
        Work {
            plan: import.plan(),
            totals: import.totals(),
            import,
            companies: HashMap::new(),
        }
    }

    /// Writes the batch. `false`: the import was stopped, or another worker is ahead of this one.
    pub fn write(&mut self, tx: &mut Tx, mut batch: Batch) -> Result<bool> {
        if !self.is_ours(tx)? {
            return Ok(false);
        }
        let Parted {
            mut new,
            mut changed,
            counts,
        } = self.part(tx, &mut batch)?;
        let mut companies = self.companies.clone();
        let rows = new.iter_mut().chain(&mut changed);
        assign_companies(tx, &mut companies, self.import.id, rows)?;
        self.insert(tx, &new)?;
        self.update(tx, &changed)?;
        let mut totals = self.totals.clone();
        for problem in &batch.problems {
            problem::count(&mut totals, problem);
        }
        self.list(tx, &batch.problems)?;
        self.import = self.advance(tx, &batch, counts, &totals)?;
        self.totals = totals;
        self.companies = companies;
        if self.companies.len() > REMEMBERED {
            self.companies.clear();
        }
        Ok(true)
    }

    /// Holds the import's row until the commit, so that no other worker writes the same batch.
    fn is_ours(&self, tx: &mut Tx) -> Result<bool> {
        // What a crash of the database forgets, it forgets together with how far the import was.
        let held = sql_query(
            "select 1 from imports where id = $1 and state = 'running' and last_row = $2 \
             and set_config('synchronous_commit', 'off', true) = 'off' for update",
        )
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<BigInt, _>(self.import.last_row)
        .execute(&mut **tx)?;
        Ok(held == 1)
    }

    /// Finds out who is known, in the database or from an earlier row of the batch.
    pub fn part(&self, tx: &mut Tx, batch: &mut Batch) -> Result<Parted> {
        let staged = std::mem::take(&mut batch.staged);
        let mut parted = Parted::default();
        if self.plan.duplicates == Duplicates::Create {
            parted.new = staged;
        } else {
            let known = known(tx, &staged)?;
            self.match_known(staged, &known, &mut parted, &mut batch.problems);
        }
        parted.counts.created = parted.new.len() as i32;
        let mut last_refused = -1;
        for problem in &batch.problems {
            match problem.outcome {
                Outcome::Refused if problem.row != last_refused => {
                    last_refused = problem.row;
                    parted.counts.refused += 1;
                }
                Outcome::Noted => parted.counts.noted += 1,
                _ => {}
            }
        }
        Ok(parted)
    }

    fn match_known(
        &self,
        staged: Vec<Staged>,
        known: &HashMap<String, Known>,
        parted: &mut Parted,
        problems: &mut Vec<Problem>,
    ) {
        // Where in `new` or `changed` an address of this batch stands, and in which row it came.
        let mut seen: HashMap<String, (bool, usize, i64)> = HashMap::new();
        let update = self.plan.duplicates == Duplicates::Update;
        for mut row in staged {
            let Some(email) = row.email.clone() else {
                parted.new.push(row);
                continue;
            };
            if let Some((new, place, first)) = seen.get(&email) {
                if update {
                    parted.counts.updated += 1;
                    let all = if *new {
                        &mut parted.new
                    } else {
                        &mut parted.changed
                    };
                    all[*place].absorb(row);
                } else {
                    parted.counts.skipped += 1;
                    problems.push(skipped(
                        &row,
                        problems.len(),
                        format!("Row {first} of this file has the same address."),
                    ));
                }
                continue;
            }
            let Some(before) = known.get(&email) else {
                seen.insert(email, (true, parted.new.len(), row.row));
                parted.new.push(row);
                continue;
            };
            if !update {
                let of_this_file = before.import_id == Some(self.import.id);
                let reason = if of_this_file {
                    "An earlier row of this file has the same address."
                } else {
                    "There is a contact with this address already."
                };
                parted.counts.skipped += 1;
                problems.push(skipped(&row, problems.len(), reason.to_owned()));
            } else if !self.reaches(before) {
                problems.push(Problem {
                    outcome: Outcome::Refused,
                    kind: Kind::OutOfReach,
                    ..skipped(
                        &row,
                        problems.len(),
                        "The contact with this address belongs to somebody else.".to_owned(),
                    )
                });
            } else {
                row.id = before.id;
                parted.counts.updated += 1;
                seen.insert(email, (false, parted.changed.len(), row.row));
                parted.changed.push(row);
            }
        }
    }

    fn reaches(&self, known: &Known) -> bool {
        match &self.plan.reach {
            None => true,
            Some(owners) => known.owner_id.is_some_and(|owner| owners.contains(&owner)),
        }
    }

    fn insert(&self, tx: &mut Tx, new: &[Staged]) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let (person, origin, now) = (tx.person, tx.origin.clone(), tx.now);
        sql_query(format!(
            "with r as materialized (select * from {STAGED}), made as ( \
               insert into contacts (id, first_name, last_name, email, phone, job_title, company_id, lifecycle_stage, \
                 lead_status, lead_source, more_emails, more_phones, addresses, city, country, birthday, consent_email, \
                 description, owner_id, tags, custom, import_id, created_at, updated_at) \
               select id, coalesce(first_name, ''), coalesce(last_name, ''), email, phone, coalesce(job_title, ''), company_id, \
                 coalesce(lifecycle_stage, $2), coalesce(lead_status, 'new'), coalesce(lead_source, 'import'), \
                 more_emails, more_phones, addresses, coalesce(city, ''), coalesce(country, ''), birthday, \
                 coalesce(consent_email, 'unknown'), coalesce(description, ''), coalesce(owner_id, $3), tags, custom, $4, $5, $5 \
               from r) \
             insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, data, request_id, at) \
             select new_id(), 'contact.imported', 'contact', id, \
               coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email, phone, ''), \
               $6, $7, jsonb_build_object('version', 1, 'import_id', $4, 'file', $8, 'row', row), $9, $5 from r"
        ))
        .bind::<Text, _>(serde_json::to_string(new)?)
        .bind::<Text, _>(self.plan.lifecycle_stage.unwrap_or_default().key())
        .bind::<Nullable<SqlUuid>, _>(self.plan.owner_id)
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<Text, _>(&origin.name)
        .bind::<Text, _>(&self.import.file_name)
        .bind::<Nullable<Text>, _>(&origin.request_id)
        .execute(&mut **tx)?;
        Ok(())
    }

    /// Fills in what the file says; a blank cell takes nothing away, and lists only grow.
    fn update(&self, tx: &mut Tx, changed: &[Staged]) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let (person, origin, now) = (tx.person, tx.origin.clone(), tx.now);
        sql_query(format!(
            "with r as materialized (select * from {STAGED}), {UPDATE}"
        ))
        .bind::<Text, _>(serde_json::to_string(changed)?)
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<Text, _>(&origin.name)
        .bind::<Text, _>(&self.import.file_name)
        .bind::<Nullable<Text>, _>(&origin.request_id)
        .execute(&mut **tx)?;
        Ok(())
    }

    fn list(&self, tx: &mut Tx, problems: &[Problem]) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        sql_query(
            "insert into import_problems (import_id, row, seq, line, outcome, kind, column_name, value, reason) \
             select $2, p.row, p.seq, p.line, p.outcome, p.kind, p.\"column\", p.value, p.reason \
             from json_to_recordset($1::json) as p(row bigint, seq int, line bigint, outcome text, kind text, \"column\" text, value text, reason text)",
        )
        .bind::<Text, _>(serde_json::to_string(problems)?)
        .bind::<SqlUuid, _>(self.import.id)
        .execute(&mut **tx)?;
        Ok(())
    }

    fn advance(
        &self,
        tx: &mut Tx,
        batch: &Batch,
        counts: Counts,
        totals: &Totals,
    ) -> Result<Import> {
        let now = tx.now;
        sql_query(
            "update imports set last_row = $2, position = $3, rows = rows + $4, created = created + $5, updated = updated + $6, \
               skipped = skipped + $7, refused = refused + $8, noted = noted + $9, problems = $10, stalls = 0, updated_at = $11 \
             where id = $1",
        )
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<BigInt, _>(batch.last_row)
        .bind::<BigInt, _>(batch.position)
        .bind::<Integer, _>(batch.rows)
        .bind::<Integer, _>(counts.created)
        .bind::<Integer, _>(counts.updated)
        .bind::<Integer, _>(counts.skipped)
        .bind::<Integer, _>(counts.refused)
        .bind::<Integer, _>(counts.noted)
        .bind::<Jsonb, _>(json!(totals))
        .bind::<Timestamptz, _>(now)
        .execute(&mut **tx)?;
        Import::find(tx, self.import.id)
    }
}

/// The rest of the statement that changes contacts: what differs is kept field by field, for the timeline and for an undo.
const UPDATE: &str = "
was as materialized (select c.* from contacts c join r on r.id = c.id),
will as (
  select c.id, coalesce(r.first_name, c.first_name) first_name, coalesce(r.last_name, c.last_name) last_name,
    coalesce(r.phone, c.phone) phone, coalesce(r.job_title, c.job_title) job_title,
    coalesce(r.company_id, c.company_id) company_id, coalesce(r.lifecycle_stage, c.lifecycle_stage) lifecycle_stage,
    coalesce(r.lead_status, c.lead_status) lead_status, coalesce(r.lead_source, c.lead_source) lead_source,
    c.more_emails || coalesce((select jsonb_agg(e) from jsonb_array_elements(r.more_emails) e
      where not c.more_emails @> jsonb_build_array(jsonb_build_object('value', e->'value'))), '[]') more_emails,
    c.more_phones || coalesce((select jsonb_agg(e) from jsonb_array_elements(r.more_phones) e
      where not c.more_phones @> jsonb_build_array(jsonb_build_object('value', e->'value'))), '[]') more_phones,
    c.addresses || coalesce((select jsonb_agg(e) from jsonb_array_elements(r.addresses) e
      where not c.addresses @> jsonb_build_array(e)), '[]') addresses,
    coalesce(r.city, c.city) city, coalesce(r.country, c.country) country, coalesce(r.birthday, c.birthday) birthday,
    coalesce(r.consent_email, c.consent_email) consent_email, coalesce(r.description, c.description) description,
    coalesce(r.owner_id, c.owner_id) owner_id,
    c.tags || array(select t from unnest(r.tags) t where t <> all (c.tags)) tags, c.custom || r.custom custom
  from was c join r on r.id = c.id),
done as (
  update contacts c set first_name = w.first_name, last_name = w.last_name, phone = w.phone, job_title = w.job_title,
    company_id = w.company_id, lifecycle_stage = w.lifecycle_stage, lead_status = w.lead_status, lead_source = w.lead_source,
    more_emails = w.more_emails, more_phones = w.more_phones, addresses = w.addresses, city = w.city, country = w.country,
    birthday = w.birthday, consent_email = w.consent_email, description = w.description, owner_id = w.owner_id,
    tags = w.tags, custom = w.custom,
    lifecycle_changed_at = case when c.lifecycle_stage = w.lifecycle_stage then c.lifecycle_changed_at else $3 end
  from will w where c.id = w.id
    and (c.first_name, c.last_name, c.phone, c.job_title, c.company_id, c.lifecycle_stage, c.lead_status, c.lead_source,
      c.more_emails, c.more_phones, c.addresses, c.city, c.country, c.birthday, c.consent_email, c.description, c.owner_id,
      c.tags, c.custom)
    is distinct from (w.first_name, w.last_name, w.phone, w.job_title, w.company_id, w.lifecycle_stage, w.lead_status,
      w.lead_source, w.more_emails, w.more_phones, w.addresses, w.city, w.country, w.birthday, w.consent_email,
      w.description, w.owner_id, w.tags, w.custom)
  returning c.*),
diffs as materialized (
  select d.id, d.first_name, d.last_name, d.email, d.phone, d.version,
    (select coalesce(jsonb_object_agg(o.key, jsonb_build_array(o.value, n.value)), '{}')
     from jsonb_each(to_jsonb(w)) o join jsonb_each(to_jsonb(d)) n on n.key = o.key
     where o.value is distinct from n.value and o.key not in ('version', 'updated_at', 'search')) changes
  from done d join was w on w.id = d.id),
kept as (
  insert into import_changes as k (import_id, record_id, kind, changes) select $2, id, 'contact', changes from diffs
  on conflict (workspace_id, import_id, record_id) do update set changes = (
    select jsonb_object_agg(coalesce(a.key, b.key),
      jsonb_build_array(coalesce(a.value, b.value)->0, coalesce(b.value, a.value)->1))
    from jsonb_each(k.changes) a full join jsonb_each(excluded.changes) b on b.key = a.key))
insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, changes, data, request_id, at)
select new_id(), 'contact.updated', 'contact', d.id,
  coalesce(nullif(trim(d.first_name || ' ' || d.last_name), ''), d.email, d.phone, ''), $4, $5,
  d.changes - 'lifecycle_changed_at',
  jsonb_build_object('version', d.version, 'import_id', $2, 'file', $6, 'row', r.row), $7, $3
from diffs d join r on r.id = d.id";

/// A row that was left out because its person is known.
pub fn skipped(row: &Staged, seq: usize, reason: String) -> Problem {
    Problem {
        row: row.row,
        seq: seq as i32,
        line: row.line,
        outcome: Outcome::Skipped,
        kind: Kind::Duplicate,
        column: String::new(),
        value: row.email.clone().unwrap_or_default(),
        reason,
    }
}

fn known(tx: &mut Tx, staged: &[Staged]) -> Result<HashMap<String, Known>> {
    let mut emails: Vec<&str> = staged
        .iter()
        .filter_map(|row| row.email.as_deref())
        .collect();
    emails.sort_unstable();
    emails.dedup();
    if emails.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<Known> = sql_query(
        "select distinct on (email) email, id, owner_id, import_id from contacts \
         where email = any($1) and archived_at is null order by email, created_at, id",
    )
    .bind::<Array<Text>, _>(emails)
    .load(&mut **tx)?;
    Ok(known.into_iter().map(|k| (k.email.clone(), k)).collect())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Gives each row the company that it names; companies that nobody knows yet are made.
fn assign_companies<'a>(
    tx: &mut Tx,
    known: &mut HashMap<Company, Uuid>,
    import: Uuid,
    rows: impl Iterator<Item = &'a mut Staged>,
) -> Result<()> {
    let mut rows: Vec<&mut Staged> = rows.filter(|row| row.company.is_some()).collect();
    let mut unknown: Vec<Company> = Vec::new();
    let mut asked = std::collections::HashSet::new();
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
    // Two imports at once would each make the same company.
    sql_query("select pg_advisory_xact_lock(hashtextextended('companies ' || current_workspace()::text, 0))").execute(&mut **tx)?;
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

fn insert_companies(tx: &mut Tx, import: Uuid, rows: &[serde_json::Value]) -> Result<()> {
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
