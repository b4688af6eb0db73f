//! Takes contacts back: those that were made are archived, those that were changed put back field by field.

use crate::crm::imports::undo::{COMPANIES, Part, by_sql};

pub const PARTS: &[Part] = &[
    Part::counted(|tx, import, last| by_sql(tx, import, last, CREATED)),
    Part::counted(|tx, import, last| by_sql(tx, import, last, CHANGED)),
    COMPANIES,
];

/// Contacts that it made and nobody has changed since.
const CREATED: &str = "
with portion as materialized (
  select id from contacts where import_id = $1 and id > $2 and archived_at is null order by id limit $3),
fit as materialized (
  select id from portion s where not exists (
    select from events e where e.record_id = s.id and e.kind like 'contact.%'
      and e.data->>'import_id' is distinct from $1::text)),
gone as (
  update contacts c set archived_at = $4 from fit where c.id = fit.id
  returning c.id, c.first_name, c.last_name, c.email, c.phone, c.version),
told as (
  insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, changes, data, at)
  select new_id(), 'contact.archived', 'contact', id,
    coalesce(nullif(trim(first_name || ' ' || last_name), ''), email, phone, ''), $5, $6,
    jsonb_build_object('archived_at', jsonb_build_array(null, $4)),
    jsonb_build_object('version', version, 'import_id', $1), $4 from gone)
select (select id from portion order by id desc limit 1) as last, (select count(*) from portion) as seen,
  (select count(*) from fit) as undone";

/// Contacts that were there before: each field that still is as the import left it gets its old value back.
const CHANGED: &str = "
with portion as materialized (
  select record_id, changes from import_changes
  where import_id = $1 and kind = 'contact' and record_id > $2 and undone_at is null order by record_id limit $3),
back as materialized (
  select c.id, s.changes,
    (select jsonb_object_agg(k.key, k.value->0) from jsonb_each(s.changes) k where to_jsonb(c)->k.key = k.value->1) old,
    (select count(*) from jsonb_each(s.changes) k where to_jsonb(c)->k.key is distinct from k.value->1) kept
  from portion s join contacts c on c.id = s.record_id and c.import_id is distinct from $1),
fit as materialized (
  select b.id, b.old, b.changes, b.kept, p.* from back b join contacts c on c.id = b.id,
    lateral (select r.first_name, r.last_name, r.phone, r.job_title, r.company_id, r.lifecycle_stage, r.lead_status,
      r.lead_source, r.more_emails, r.more_phones, r.addresses, r.city, r.country, r.birthday, r.consent_email,
      r.description, r.owner_id, r.tags, r.custom, r.lifecycle_changed_at from jsonb_populate_record(c, b.old) r) p
  where b.old is not null),
restored as (
  update contacts c set first_name = f.first_name, last_name = f.last_name, phone = f.phone, job_title = f.job_title,
    company_id = f.company_id, lifecycle_stage = f.lifecycle_stage, lead_status = f.lead_status, lead_source = f.lead_source,
    more_emails = f.more_emails, more_phones = f.more_phones, addresses = f.addresses, city = f.city, country = f.country,
    birthday = f.birthday, consent_email = f.consent_email, description = f.description, owner_id = f.owner_id,
    tags = f.tags, custom = f.custom, lifecycle_changed_at = f.lifecycle_changed_at
  from fit f where c.id = f.id
  returning c.id, c.first_name, c.last_name, c.email, c.phone, c.version, f.old, f.changes),
told as (
  insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, changes, data, at)
  select new_id(), 'contact.updated', 'contact', r.id,
    coalesce(nullif(trim(r.first_name || ' ' || r.last_name), ''), r.email, r.phone, ''), $5, $6,
    (select jsonb_object_agg(k.key, jsonb_build_array(r.changes->k.key->1, k.value)) from jsonb_each(r.old) k)
      - 'lifecycle_changed_at',
    jsonb_build_object('version', r.version, 'import_id', $1), $4 from restored r),
marked as (
  update import_changes i set undone_at = $4 from portion s where i.import_id = $1 and i.record_id = s.record_id)
select (select record_id from portion order by record_id desc limit 1) as last, (select count(*) from back) as seen,
  (select count(*) from fit where kept = 0) as undone";
