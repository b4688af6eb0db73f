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
    part: usize,
    last: Uuid,
}

/// The records of one portion: the last of them, how many there still are, and how many were taken back.
#[derive(Default, QueryableByName)]
pub struct Portion {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub last: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub seen: i64,
    #[diesel(sql_type = BigInt)]
    pub undone: i64,
}

type Step = fn(&mut Tx, &Import, Uuid) -> Result<Portion>;

/// Some of what an import did.
#[derive(Clone, Copy)]
pub struct Part {
    step: Step,
    counted: bool,
}

impl Part {
    /// What the import was about.
    pub const fn counted(step: Step) -> Part {
        Part {
            step,
            counted: true,
        }
    }

    /// What came along with it.
    const fn beside(step: Step) -> Part {
        Part {
            step,
            counted: false,
        }
    }
}

/// The next portion; `None` when everything is done or somebody stopped it.
pub fn step(
    tx: &mut Tx,
    id: Uuid,
    place: Place,
    parts: &[Part],
) -> Result<Option<(Place, Import)>> {
    let import = Import::find(tx, id)?;
    if import.state != State::Undoing {
        return Ok(None);
    }
    let Some(part) = parts.get(place.part) else {
        return finish(tx, &import).map(|()| None);
    };
    let portion = (part.step)(tx, &import, place.last)?;
    let (undone, kept) = match part.counted {
        true => (
            portion.undone as i32,
            (portion.seen - portion.undone) as i32,
        ),
        false => (0, 0),
    };
    let next = match portion.last {
        Some(last) => Place { last, ..place },
        None => Place {
            part: place.part + 1,
            last: Uuid::nil(),
        },
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

/// A portion that one statement takes back.
pub fn by_sql(tx: &mut Tx, import: &Import, last: Uuid, sql: &str) -> Result<Portion> {
    let (now, person, origin) = (tx.now, tx.person, tx.origin.clone());
    Ok(sql_query(sql)
        .bind::<SqlUuid, _>(import.id)
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

pub const COMPANIES: Part = Part::beside(|tx, import, last| by_sql(tx, import, last, NAMED));

/// Companies that it made because rows name them, where nobody works or buys any more and nobody has changed them.
const NAMED: &str = "
with portion as materialized (
  select record_id from import_changes
  where import_id = $1 and kind = 'company' and record_id > $2 and undone_at is null order by record_id limit $3),
fit as materialized (
  select s.record_id as id from portion s
  where not exists (select from contacts c where c.company_id = s.record_id and c.archived_at is null)
    and not exists (select from deals d where d.company_id = s.record_id and d.archived_at is null)
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
