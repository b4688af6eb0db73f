//! Companies that are the same: what tells so.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Json, Tx};
use platform::records::duplicates::{Block, Face, Likened, fold, phone};
use platform::records::joining::Joined;
use platform::schema::companies;
use uuid::Uuid;

use super::company::Company;
use super::form::CompanyForm;
use crate::crm::address::Address;
use crate::crm::contacts::phone_keys;

/// So many of each kind of hint are looked at while somebody types.
const NEAR: i32 = 20;

/// What kind of company one is tells nobody apart.
const FORMS: [&str; 30] = [
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "corp",
    "corporation",
    "co",
    "company",
    "gmbh",
    "ag",
    "kg",
    "ug",
    "bv",
    "nv",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "ab",
    "as",
    "aps",
    "oy",
    "doo",
    "dd",
    "sro",
    "kft",
    "plc",
    "pty",
];

impl Joined for Company {}

/// A name without its legal form: `Blue Marine Ltd.` → `blue marine`.
fn plain(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// `https://www.x.example/about` → `x.example`.
fn host(website: &str) -> Option<String> {
    let url = url::Url::parse(website).ok()?;
    let host = url.host_str()?.to_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// What of a company is compared.
#[derive(Queryable, Selectable)]
#[diesel(table_name = companies, check_for_backend(diesel::pg::Pg))]
struct Compared {
    id: Uuid,
    name: String,
    domain: Option<String>,
    website: String,
    phone: String,
    address: Json<Address>,
    owner_id: Option<Uuid>,
}

impl Compared {
    fn face(self) -> Face {
        let name = plain(&self.name);
        let mut domains: Vec<String> = self.domain.iter().map(|d| d.to_lowercase()).collect();
        domains.extend(host(&self.website).filter(|host| !domains.contains(host)));
        Face {
            id: self.id,
            title: self.name,
            full: !name.is_empty(),
            name,
            emails: Vec::new(),
            phones: phone(&self.phone, &self.address.country)
                .into_iter()
                .collect(),
            domains,
            company: Vec::new(),
            city: fold(&self.address.city),
            owner_id: self.owner_id,
        }
    }
}

impl Likened for Company {
    const COMPARED: &'static str = r"select id, fold(name) as full_name,
        regexp_replace(regexp_replace(fold(name), '[.'',]', '', 'g'), ' (ltd|limited|llc|llp|inc|corp|corporation|co|gmbh|ag|kg|bv|nv|sa|sas|sarl|srl|spa|ab|as|aps|oy|doo|dd|sro|plc)$', '') as name,
        lower(coalesce(domain, substring(website from '^https?://(?:www\.)?([^/:?#]+)'))) as domain, phone_key,
        nullif(fold(address ->> 'city'), '') as city
      from companies where archived_at is null";

    const BLOCKS: &'static [Block] = &[
        Block {
            name: "same_domain",
            by: "domain",
            most: 20,
            alike: false,
        },
        Block {
            name: "same_phone",
            by: "phone_key",
            most: 20,
            alike: false,
        },
        Block {
            name: "same_name",
            by: "name",
            most: 10,
            alike: false,
        },
        Block {
            name: "same_city_and_beginning",
            by: "city || '|' || left(name, 4)",
            most: 100,
            alike: true,
        },
    ];
    const SCAN: (&'static str, &'static str) =
        ("crm.scan_companies", "Look for duplicate companies");
    const TOLD_BY: &'static [&'static str] = &["name", "domain", "website", "phone"];

    fn face(form: &CompanyForm) -> Face {
        let compared = Compared {
            id: Uuid::nil(),
            name: form.name.clone(),
            domain: form.domain.clone(),
            website: form.website.clone(),
            phone: form.phone.clone(),
            address: form.address.clone(),
            owner_id: form.owner_id,
        };
        compared.face()
    }

    fn faces(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Face>> {
        let rows: Vec<Compared> = companies::table
            .filter(companies::id.eq_any(ids))
            .select(Compared::as_select())
            .load(&mut **tx)?;
        Ok(rows.into_iter().map(Compared::face).collect())
    }

    fn near(tx: &mut Tx, face: &Face) -> Result<Vec<Uuid>> {
        #[derive(QueryableByName)]
        struct Near {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
        }
        let words: Vec<String> = face
            .name
            .split(' ')
            .filter(|w| !w.is_empty())
            .take(6)
            .map(|w| format!("'{w}'"))
            .collect();
        // Each arm goes by an index of its own.
        let found: Vec<Near> = sql_query(
            "(select id from companies where domain = any ($1) and archived_at is null limit $4)
             union (select id from companies where phone_key = any ($2) and archived_at is null limit $4)
             union (select id from companies where $3 <> '' and search @@ $3::tsquery and archived_at is null limit $4)",
        )
        .bind::<Array<Text>, _>(&face.domains)
        .bind::<Array<Text>, _>(phone_keys(face))
        .bind::<Text, _>(words.join(" & "))
        .bind::<Integer, _>(NEAR)
        .load(&mut **tx)?;
        Ok(found.into_iter().map(|near| near.id).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legal_form_tells_nobody_apart() {
        assert_eq!(plain("Blue Marine Ltd."), "blue marine");
        assert_eq!(plain("Adriatic Sail d.o.o."), "adriatic sail");
        assert_eq!(plain("Co"), "co");
    }

    #[test]
    fn a_website_tells_the_domain() {
        assert_eq!(
            host("https://www.x.example/about").as_deref(),
            Some("x.example")
        );
        assert_eq!(host("nonsense"), None);
    }
}
