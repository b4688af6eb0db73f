//! The deals of a company or a contact, as that record's page shows them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Scope, Statement, Tx};
use platform::records::shown::money;
use platform::schema::contacts;
use platform::web::can::Member;
use platform::web::link;
use uuid::Uuid;

use super::deal::Deal;

/// One more is read, to know whether there are more.
const SHOWN: usize = 6;

#[derive(Clone, Debug, QueryableByName)]
pub struct Brief {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub tone: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub owner: Option<String>,
}

impl Brief {
    pub fn amount(&self) -> String {
        match self.amount {
            0 => String::new(),
            amount => money(amount, &self.currency),
        }
    }
}

/// The card of deals on another record's page.
#[derive(Clone, Debug, Default)]
pub struct Briefs {
    pub deals: Vec<Brief>,
    pub more: bool,
    /// Which field of a deal points at that record.
    field: &'static str,
    of: Uuid,
    pub may_add: bool,
}

/// Whose deals are asked for, and by whom.
pub struct Asking {
    field: &'static str,
    may_add: bool,
    scope: Scope,
}

impl Briefs {
    /// `None` for whoever may not see deals.
    pub async fn asking(member: &Member, field: &'static str) -> Result<Option<Asking>> {
        let scope = member.scope("deals", "view").await?;
        Ok(scope.map(|scope| Asking {
            field,
            may_add: member.may("deals", "create"),
            scope,
        }))
    }

    /// All of them.
    pub fn list_url(&self, root: &str) -> String {
        let filter =
            serde_json::json!({"and": [{"field": self.field, "op": "is", "value": self.of}]});
        link::filtered(&format!("{root}/deals"), &filter)
    }

    pub fn new_url(&self, root: &str) -> String {
        let of = self.field.trim_end_matches("_id");
        format!("{root}/deals/new?{of}={}", self.of)
    }
}

impl Asking {
    /// The open ones first, of each the newest.
    pub fn of(self, tx: &mut Tx, id: Uuid) -> Result<Briefs> {
        let mut s = Statement::kept();
        s.sql(
            "select d.id, d.name, d.amount, d.currency, s.name as stage, s.tone, m.name as owner \
             from deals d join stages s on s.workspace_id = d.workspace_id and s.id = d.stage_id \
             left join members m on m.workspace_id = d.workspace_id and m.person_id = d.owner_id \
             where d.archived_at is null and ",
        );
        match self.field {
            "company_id" => s.sql("d.company_id = ").id(Some(id)),
            _ => s
                .sql("d.id in (select id from deals where contact_id = ")
                .id(Some(id))
                .sql(" union select deal_id from deal_contacts where contact_id = ")
                .id(Some(id))
                .sql(")"),
        };
        if let Some(owners) = self.scope.owners() {
            s.sql(" and d.owner_id = any(")
                .ids(Some(owners.to_vec()))
                .sql(")");
        }
        // The limit stands in the text: bound, it would keep the plan from being kept.
        s.sql(" order by d.status = 'open' desc, d.created_at desc, d.id desc limit 7");
        let mut deals: Vec<Brief> = s.load(&mut **tx)?;
        let more = deals.len() > SHOWN;
        deals.truncate(SHOWN);
        Ok(Briefs {
            deals,
            more,
            field: self.field,
            of: id,
            may_add: self.may_add,
        })
    }
}

impl Deal {
    /// The company of a contact, which a deal with them is most likely with.
    pub fn employer_of(tx: &mut Tx, contact: Uuid) -> Result<Option<Uuid>> {
        let company: Option<Option<Uuid>> = contacts::table
            .filter(contacts::id.eq(contact))
            .select(contacts::company_id)
            .first(&mut **tx)
            .optional()?;
        Ok(company.flatten())
    }
}
