//! Telling owners whose leads became hot.

use diesel::prelude::*;
use platform::Result;
use platform::db::{Statement, Tx};
use uuid::Uuid;

/// The path of the page that shows them all.
const LEADS: &str = "/contacts/leads";

/// Each owner is told of each of theirs, or of more than five at once in one line. Who cools down and is hot again within
/// a month is not told of again.
pub fn owners(tx: &mut Tx, hot: &[Uuid]) -> Result<()> {
    if hot.is_empty() {
        return Ok(());
    }
    let mut s = Statement::kept();
    s.sql(
        "with hot as (select c.id, c.owner_id, (contacts_card(c.*)).title, count(*) over (partition by c.owner_id) as many \
           from contacts c where c.owner_id is not null and c.id = any(",
    )
    .ids(Some(hot.to_vec()))
    .sql(
        ") and not exists (select from notifications n where n.person_id = c.owner_id and n.record_id = c.id \
             and n.kind = 'contact.became_hot' and n.created_at > ",
    )
    .at(tx.now)
    .sql(
        "::timestamptz - interval '30 days')) \
         insert into notifications (id, person_id, kind, title, record_id, path, created_at) \
         select new_id(), owner_id, 'contact.became_hot', title, id, null, ",
    )
    .at(tx.now)
    .sql("::timestamptz from hot where many <= 5 union all select new_id(), owner_id, 'contact.became_hot', many || ' contacts', null, ")
    .text(LEADS)
    .sql("::text, ")
    .at(tx.now)
    .sql("::timestamptz from hot where many > 5 group by owner_id, many");
    s.execute(&mut **tx)?;
    Ok(())
}
