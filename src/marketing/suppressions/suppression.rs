//! A suppressed address: how it comes onto the list and off it.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use platform::db::Tx;
use platform::events::Changes;
use platform::records::list::{COUNTED, Counted, Keyset, List, ListParams, Sort};
use platform::schema::{contacts, suppressions};
use platform::web::Resource;
use platform::{Result, text_enum};
use serde::Serialize;
use uuid::Uuid;

use crate::marketing::sequences;

text_enum! {
    pub enum Reason {
        Manual => "manual", "By hand";
        Unsubscribed => "unsubscribed", "Unsubscribed";
        Bounced => "bounced", "Bounced";
        Complained => "complained", "Complained";
    }
}

#[derive(Clone, Debug, Queryable, Selectable, Serialize)]
#[diesel(table_name = suppressions, check_for_backend(Pg))]
pub struct Suppression {
    pub id: Uuid,
    pub email: String,
    pub reason: Reason,
    /// By what it came here: a mail, an import, a person's words.
    pub source: String,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

impl Resource for Suppression {
    const NAME: &'static str = "suppressions";
}

const SORTS: [Sort; 1] = [Sort {
    key: "created_at",
    column: "suppressions.created_at",
    cast: "timestamptz",
}];

impl Suppression {
    pub fn list(tx: &mut Tx, params: &ListParams) -> Result<List<Suppression>> {
        let keyset = Keyset::new(params, &SORTS, "suppressions.id")?;
        let mut query = matching(params);
        if let Some(after) = keyset.after() {
            query = query.filter(after);
        }
        let rows: Vec<Suppression> = query
            .order(keyset.order())
            .limit(keyset.rows())
            .select(Suppression::as_select())
            .load(&mut **tx)?;
        let place = |row: &Suppression, _: &str| (row.created_at.to_rfc3339(), row.id);
        List::of(rows, &keyset, place, || {
            let counted = matching(params).select(suppressions::id).limit(COUNTED + 1);
            Ok(Counted(counted).get_result(&mut **tx)?)
        })
    }

    pub fn find(tx: &mut Tx, id: Uuid) -> Result<Suppression> {
        let row = suppressions::table.filter(suppressions::id.eq(id));
        Ok(row.select(Suppression::as_select()).first(&mut **tx)?)
    }

    /// The address may be written to again. What its owner once said of consent is not made up: it has to be asked.
    pub fn lift(&self, tx: &mut Tx) -> Result<()> {
        if take_off(tx, &self.email, &[self.reason], "unknown")? {
            tx.note_event("suppression.lifted", &self.email, Changes::none())
                .with("reason", self.reason)
                .with("source", &self.source);
        }
        Ok(())
    }
}

fn matching<'a>(params: &ListParams) -> suppressions::BoxedQuery<'a, Pg> {
    let mut query = suppressions::table.into_boxed();
    let words = params.search.trim().to_lowercase();
    if !words.is_empty() {
        // A part of the address, which no index finds; but the newest rows of one workspace are soon read.
        let found = sql::<Bool>("(strpos(suppressions.email, ")
            .bind::<Text, _>(words.clone())
            .sql(") > 0 or suppressions.reason = ");
        query = query.filter(found.bind::<Text, _>(words).sql(")"));
    }
    query
}

/// No mail at all to these addresses, from now on; who is on a sequence leaves it. Gives how many are new on the list.
pub fn suppress(tx: &mut Tx, emails: &[String], reason: Reason, source: &str) -> Result<usize> {
    let emails: Vec<String> = emails.iter().map(|e| e.to_lowercase()).collect();
    let source: String = source.chars().take(200).collect();
    let rows: Vec<_> = emails
        .iter()
        .map(|email| {
            (
                suppressions::id.eq(Uuid::now_v7()),
                suppressions::email.eq(email),
                suppressions::reason.eq(reason),
                suppressions::source.eq(&source),
                suppressions::created_at.eq(tx.now),
            )
        })
        .collect();
    let mut new = 0;
    for rows in rows.chunks(5_000) {
        new += diesel::insert_into(suppressions::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
    }
    let theirs = contacts::table.filter(contacts::email.eq_any(&emails));
    match reason {
        // We won't write; what they want and whether the address is good is not known by that.
        Reason::Manual => 0,
        Reason::Bounced => diesel::update(theirs)
            .set(contacts::email_status.eq("bounced"))
            .execute(&mut **tx)?,
        Reason::Unsubscribed | Reason::Complained => diesel::update(theirs)
            .set((
                contacts::consent_email.eq("withdrawn"),
                contacts::email_status.eq(reason.key()),
            ))
            .execute(&mut **tx)?,
    };
    sequences::leave(tx, &emails, None, &reason.label().to_lowercase())?;
    Ok(new)
}

/// Takes back an unsubscription by the reader's own wish; what bounced or complained stays.
pub fn welcome_back(tx: &mut Tx, email: &str) -> Result<bool> {
    take_off(tx, email, &[Reason::Unsubscribed], "given")
}

fn take_off(tx: &mut Tx, email: &str, reasons: &[Reason], consent: &str) -> Result<bool> {
    let email = email.to_lowercase();
    let row = suppressions::table
        .filter(suppressions::email.eq(&email))
        .filter(suppressions::reason.eq_any(reasons));
    if diesel::delete(row).execute(&mut **tx)? == 0 {
        return Ok(false);
    }
    let theirs = contacts::table.filter(contacts::email.eq(&email));
    diesel::update(theirs.filter(contacts::consent_email.eq("withdrawn")))
        .set(contacts::consent_email.eq(consent))
        .execute(&mut **tx)?;
    diesel::update(theirs.filter(contacts::email_status.ne("ok")))
        .set(contacts::email_status.eq("ok"))
        .execute(&mut **tx)?;
    Ok(true)
}

pub fn is_suppressed(tx: &mut Tx, email: &str) -> Result<bool> {
    let row = suppressions::table.filter(suppressions::email.eq(email.to_lowercase()));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(&mut **tx)?)
}
