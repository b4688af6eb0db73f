//! Notifications: an event is told to those who own or follow its record, in the same transaction.

use diesel::prelude::*;
use uuid::Uuid;

use super::Event;
use crate::db::{Statement, Tx};
use crate::error::Result;

/// A transaction with more events than this is a bulk act, of which nobody wants a thousand notes.
const MOST: usize = 20;

pub fn owners_and_followers(tx: &mut Tx, events: &[Event]) -> Result<()> {
    let about: Vec<Uuid> = events
        .iter()
        .filter(|e| e.record_id.is_some() && !e.is_quiet())
        .map(|e| e.id)
        .collect();
    if about.is_empty() || about.len() > MOST {
        return Ok(());
    }
    let mut s = Statement::kept();
    s.sql(
        "insert into notifications (id, person_id, kind, title, record_id, event_id, actor_name, created_at) \
         select new_id(), p.person_id, e.kind, e.title, e.record_id, e.id, e.actor_name, e.at \
         from events e cross join lateral ( \
           select f.person_id from followers f where f.record_id = e.record_id \
           union select r.owner_id from records r where r.id = e.record_id and r.owner_id is not null) p \
         where e.id = any(",
    )
    .ids(Some(about))
    .sql(
        ") and p.person_id is distinct from e.actor_id \
           and not exists (select from notifications n where n.event_id = e.id and n.person_id = p.person_id)",
    );
    s.execute(&mut **tx)?;
    Ok(())
}
