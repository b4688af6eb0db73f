//! Who may be written to: one rule for everything that goes to many.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use serde_json::Value;
use uuid::Uuid;

use super::audience::FIELDS;

/// Why somebody gets no mail, or null, as SQL over `contacts` and what [`known_of`] joins.
pub const WHY_NOT: &str = "case when contacts.id is null then 'contact removed' \
     when contacts.archived_at is not null then 'contact archived' \
     when coalesce(contacts.email, '') = '' then 'no address' \
     when s.email is not null then 'suppressed: ' || s.reason \
     when contacts.consent_email = 'withdrawn' then 'consent withdrawn' \
     when contacts.email_status <> 'ok' then 'address ' || contacts.email_status \
     when o.email is not null then 'topic not wanted' end";

/// Joins what is known of the address `email` to `contacts`. The topic that is written about follows, or null.
pub fn known_of(email: &str) -> String {
    format!(
        " left join suppressions s on s.workspace_id = contacts.workspace_id and s.email = {email} \
         left join topic_opt_outs o on o.workspace_id = contacts.workspace_id and o.email = {email} and o.topic_id = "
    )
}

/// A contact as a mail sees it.
#[derive(Clone, Debug, QueryableByName)]
pub struct Addressee {
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What the merge fields are filled from.
    #[diesel(sql_type = Jsonb)]
    pub contact: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub why_not: Option<String>,
}

impl Addressee {
    pub fn find(tx: &mut Tx, contact: Uuid, topic: Option<Uuid>) -> Result<Option<Addressee>> {
        let joined = known_of("contacts.email");
        let found = sql_query(format!(
            "select contacts.email, trim(contacts.first_name || ' ' || contacts.last_name) as name, \
             {FIELDS} as contact, {WHY_NOT} as why_not from contacts {joined} $2 where contacts.id = $1"
        ))
        .bind::<SqlUuid, _>(contact)
        .bind::<Nullable<SqlUuid>, _>(topic)
        .get_result(&mut **tx)
        .optional()?;
        Ok(found)
    }
}
