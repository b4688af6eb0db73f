//! What hangs on a company: its people, and the companies above and below it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::records::list::Counted;
use platform::schema::{companies, contacts};
use uuid::Uuid;

const PEOPLE: i64 = 10;
const COUNTED: i64 = 1_000;
const CHILDREN: i64 = 50;

/// A contact as its company's page shows it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = contacts, check_for_backend(diesel::pg::Pg))]
pub struct Member {
    pub id: Uuid,
    first_name: String,
    last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub job_title: String,
    pub company_role: String,
}

impl Member {
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        let name = name.trim();
        match name.is_empty() {
            true => self
                .email
                .clone()
                .or(self.phone.clone())
                .unwrap_or_default(),
            false => name.to_owned(),
        }
    }

    /// What they are there, in one line.
    pub fn position(&self) -> String {
        let parts = [self.company_role.as_str(), self.job_title.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }
}

/// A company above or below another.
#[derive(Clone, Debug, Queryable, QueryableByName)]
pub struct Relative {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
}

#[derive(Clone, Debug, Default)]
pub struct Family {
    pub members: Vec<Member>,
    pub members_in_all: i64,
    /// The topmost first.
    pub above: Vec<Relative>,
    pub below: Vec<Relative>,
}

impl Family {
    pub fn of(tx: &mut Tx, company: Uuid) -> Result<Family> {
        let people = || {
            contacts::table
                .filter(contacts::company_id.eq(company))
                .filter(contacts::archived_at.is_null())
        };
        let members: Vec<Member> = people()
            .order((
                contacts::company_role.eq(""),
                contacts::created_at.desc(),
                contacts::id,
            ))
            .limit(PEOPLE)
            .select(Member::as_select())
            .load(&mut **tx)?;
        let members_in_all = match members.len() as i64 {
            PEOPLE => {
                Counted(people().select(contacts::id).limit(COUNTED + 1)).get_result(&mut **tx)?
            }
            few => few,
        };
        let below = companies::table
            .filter(companies::parent_id.eq(company))
            .filter(companies::archived_at.is_null())
            .order((companies::name, companies::id))
            .limit(CHILDREN)
            .select((companies::id, companies::name))
            .load(&mut **tx)?;
        Ok(Family {
            members,
            members_in_all,
            above: above(tx, company)?,
            below,
        })
    }

    pub fn is_alone(&self) -> bool {
        self.above.is_empty() && self.below.is_empty()
    }

    /// How many people, in words.
    pub fn people(&self) -> String {
        match self.members_in_all {
            n if n > COUNTED => format!("{COUNTED}+"),
            n => n.to_string(),
        }
    }

    pub fn has_more_people(&self) -> bool {
        self.members_in_all > self.members.len() as i64
    }
}

fn above(tx: &mut Tx, company: Uuid) -> Result<Vec<Relative>> {
    Ok(sql_query(
        "with recursive above (id, name, parent_id, depth) as (
           select id, name::text, parent_id, 0::bigint from companies where id = $1
           union all select c.id, c.name::text, c.parent_id, depth + 1
           from companies c join above a on c.id = a.parent_id where depth < $2)
         select id, name from above where depth > 0 order by depth desc",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<BigInt, _>(20)
    .load(&mut **tx)?)
}
