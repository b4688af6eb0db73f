//! Takes an import back, portion by portion: what it made is archived, what it changed is put back.
//!
//! What somebody has worked on since stays as it is, and is counted.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::schema::imports;
use uuid::Uuid;

use super::import::{Import, State};

const PORTION: i64 = 2_000;

/// How far the undo is; each part begins where the one before it ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    part: Part,
    last: Uuid,
}

#[derive(Clone, Copy, Debug, Default)]
enum Part {
    #[default]
    Created,
    Changed,
    Companies,
}

#[derive(QueryableByName)]
struct Portion {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    seen: i64,
    #[diesel(sql_type = BigInt)]
    undone: i64,
}

/// The next portion; `None` when everything is done or somebody stopped it.
pub fn step(tx: &mut Tx, id: Uuid, place: Place) -> Result<Option<(Place, Import)>> {
    let import = Import::find(tx, id)?;
    if import.state != State::Undoing {
        return Ok(None);
    }
    let sql = match place.part {
        Part::Created => CREATED,
        Part::Changed => CHANGED,
        Part::Companies => COMPANIES,
    };
    let portion = portion(tx, id, place.last, sql)?;
    let counted = !matches!(place.part, Part::Companies);
    let (undone, kept) = match counted {
        true => (
            portion.undone as i32,
            (portion.seen - portion.undone) as i32,
        ),
        false => (0, 0),
    };
    let next = match (portion.last, place.part) {
        (Some(last), part) => Place { part, last },
        (None, Part::Created) => Place {
            part: Part::Changed,
            last: Uuid::nil(),
        },
        (None, Part::Changed) => Place {
            part: Part::Companies,
            last: Uuid::nil(),
        },
        (None, Part::Companies) => return finish(tx, &import).map(|()| None),
    };
    let now = tx.now;
    diesel::update(imports::table.filter(imports::id.eq(id)))
        .set((
            imports::undone.eq(imports::undone + undone),
            imports::kept.eq(imports::kept + kept),
            imports::stalls.eq(0),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(Some((next, Import::find(tx, id)?)))
}

fn portion(tx: &mut Tx, id: Uuid, last: Uuid, sql: &str) -> Result<Portion> {
    let (now, person, origin) = (tx.now, tx.person, tx.origin.clone());
    Ok(sql_query(sql)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(last)
        .bind::<BigInt, _>(PORTION)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(person)
        .bind::<Text, _>(&origin.name)
        .get_result(&mut **tx)?)
}

fn finish(tx: &mut Tx, import: &Import) -> Result<()> {
    let now = tx.now;
    diesel::update(imports::table.filter(imports::id.eq(import.id)))
        .set((
            imports::state.eq(State::Undone),
            imports::finished_at.eq(now),
            imports::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

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

/// Companies that it made, where nobody works there any more and nobody has changed them.
const COMPANIES: &str = "
with portion as materialized (
  select record_id from import_changes
  where import_id = $1 and kind = 'company' and record_id > $2 and undone_at is null order by record_id limit $3),
fit as materialized (
  select s.record_id as id from portion s
  where not exists (select from contacts c where c.company_id = s.record_id and c.archived_at is null)
    and not exists (select from companies k where k.parent_id = s.record_id and k.archived_at is null)
    and not exists (
      select from events e where e.record_id = s.record_id and e.kind like 'company.%'
        and e.data->>'import_id' is distinct from $1::text)),
gone as (
  update companies c set archived_at = $4 from fit where c.id = fit.id and c.archived_at is null
  returning c.id, c.name, c.version),
told as (
  insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, changes, data, at)
  select new_id(), 'company.archived', 'company', id, name, $5, $6,
    jsonb_build_object('archived_at', jsonb_build_array(null, $4)),
    jsonb_build_object('version', version, 'import_id', $1), $4 from gone),
marked as (
  update import_changes i set undone_at = $4 from portion s where i.import_id = $1 and i.record_id = s.record_id)
select (select record_id from portion order by record_id desc limit 1) as last, (select count(*) from portion) as seen,
  (select count(*) from fit) as undone";
