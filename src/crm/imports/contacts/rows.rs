//! Rows of the file as contacts: those that are new, and what others gain.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use uuid::Uuid;

use super::batch::Work;
use super::reading::Staged;
use crate::crm::contacts;
use crate::workspaces::assignment;

/// How the rows of the file arrive in SQL.
const STAGED: &str = "json_to_recordset($1::json) as r(id uuid, row bigint, first_name text, last_name text, email text, \
    phone text, job_title text, company_id uuid, lifecycle_stage text, lead_status text, lead_source text, \
    more_emails jsonb, more_phones jsonb, addresses jsonb, city text, country text, birthday date, consent_email text, \
    description text, owner_id uuid, tags text[], custom jsonb)";

impl Work {
    pub fn insert(&self, tx: &mut Tx, new: &[Staged]) -> Result<()> {
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
        .bind::<Text, _>(self.plan.lifecycle_stage.key())
        .bind::<Nullable<SqlUuid>, _>(self.plan.owner_id)
        .bind::<SqlUuid, _>(self.import.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<Text, _>(&origin.name)
        .bind::<Text, _>(&self.import.file_name)
        .bind::<Nullable<Text>, _>(&origin.request_id)
        .execute(&mut **tx)?;
        self.share_out(tx, new)
    }

    /// What neither the file nor its importer gave to anybody goes by the rules.
    fn share_out(&self, tx: &mut Tx, new: &[Staged]) -> Result<()> {
        if self.plan.owner_id.is_none() {
            let unowned = new.iter().filter(|row| row.owner_id.is_none());
            let ids: Vec<Uuid> = unowned.map(|row| row.id).collect();
            assignment::share_out(tx, &contacts::KIND, &ids)?;
        }
        Ok(())
    }

    /// Fills in what the file says; a blank cell takes nothing away, and lists only grow.
    pub fn update(&self, tx: &mut Tx, changed: &[Staged]) -> Result<()> {
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
