//! Contacts that are the same person: what tells so, and what becomes of what both had.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Json, Tx};
use platform::records::duplicates::{Block, Face, Likened, fold, phone};
use platform::records::joining::{Joined, Yields};
use platform::schema::contacts;
use uuid::Uuid;

use super::contact::Contact;
use super::form::ContactForm;
use crate::crm::address::Channel;
use crate::marketing::sequences;

/// So many of each kind of hint are looked at while somebody types.
const NEAR: i32 = 20;
/// Of a company's people, those that came last.
const COLLEAGUES: i32 = 300;

/// Where anybody has an address, so that sharing one tells nothing.
const FREE: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.co.uk",
    "ymail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "web.de",
    "t-online.de",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
    "proton.me",
    "protonmail.com",
];

impl Joined for Contact {
    const GATHERED: &'static [&'static str] = &["tags", "more_emails", "more_phones", "addresses"];
    const FIRST: &'static [(&'static str, &'static str)] = &[
        ("consent_email", "withdrawn"),
        ("consent_sms", "withdrawn"),
        ("consent_phone", "withdrawn"),
    ];
    const COMBINED: &'static [(&'static str, &'static str)] = &[("last_activity_at", "max")];
    const PAIRS: &'static [(&'static str, &'static str, &'static str)] =
        &[crate::crm::relationships::PAIR];
    const YIELDS: &'static [Yields] = &[Yields {
        table: "sequence_enrolments",
        set: "status = 'exited', exit_reason = 'merged', next_at = null, finished_at = now()",
    }];

    /// Addresses and numbers that were not chosen are kept beside the first ones.
    fn gather(form: &mut ContactForm, others: &[ContactForm]) {
        let (mut emails, mut phones) = (form.more_emails.0.clone(), form.more_phones.0.clone());
        for other in others {
            let first = |value: &Option<String>| {
                let value = value.clone().filter(|value| !value.is_empty());
                value.map(|value| Channel {
                    label: String::new(),
                    value,
                })
            };
            emails.extend(
                first(&other.email)
                    .into_iter()
                    .chain(other.more_emails.0.clone()),
            );
            phones.extend(
                first(&other.phone)
                    .into_iter()
                    .chain(other.more_phones.0.clone()),
            );
            for address in &other.addresses.0 {
                if !form.addresses.0.contains(address) {
                    form.addresses.0.push(address.clone());
                }
            }
        }
        let country = form.country.clone();
        let same_number = |a: &str, b: &str| match (phone(a, &country), phone(b, &country)) {
            (Some(a), Some(b)) => a.is(&b),
            _ => a == b,
        };
        form.more_emails = Json(each_once(emails, &form.email, str::eq_ignore_ascii_case));
        form.more_phones = Json(each_once(phones, &form.phone, same_number));
        form.addresses.0.truncate(crate::crm::address::MOST);
    }

    fn came_back(tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
        sequences::resume(tx, ids)
    }
}

/// Without what stands first already, and without repetitions.
fn each_once(
    channels: Vec<Channel>,
    first: &Option<String>,
    same: impl Fn(&str, &str) -> bool,
) -> Vec<Channel> {
    let mut kept: Vec<Channel> = Vec::new();
    for channel in channels {
        let known = |other: &str| same(other, &channel.value);
        if !first.as_deref().is_some_and(known) && !kept.iter().any(|k| known(&k.value)) {
            kept.push(channel);
        }
    }
    kept.truncate(crate::crm::address::MOST);
    kept
}

/// What of a contact is compared.
#[derive(Queryable, Selectable)]
#[diesel(table_name = contacts, check_for_backend(diesel::pg::Pg))]
struct Compared {
    id: Uuid,
    first_name: String,
    last_name: String,
    email: Option<String>,
    phone: Option<String>,
    company_id: Option<Uuid>,
    more_emails: Json<Vec<Channel>>,
    more_phones: Json<Vec<Channel>>,
    city: String,
    country: String,
    owner_id: Option<Uuid>,
}

impl Compared {
    fn of(form: &ContactForm) -> Compared {
        Compared {
            id: Uuid::nil(),
            first_name: form.first_name.clone(),
            last_name: form.last_name.clone(),
            email: form.email.clone(),
            phone: form.phone.clone(),
            company_id: form.company_id,
            more_emails: form.more_emails.clone(),
            more_phones: form.more_phones.clone(),
            city: form.city.clone(),
            country: form.country.clone(),
            owner_id: form.owner_id,
        }
    }

    fn face(self) -> Face {
        let title = format!("{} {}", self.first_name, self.last_name);
        let name = fold(&title);
        let more = self.more_emails.0.into_iter().map(|c| c.value);
        let emails: Vec<String> = self.email.iter().cloned().chain(more).collect();
        let domain = emails
            .first()
            .and_then(|e| e.split_once('@'))
            .map(|(_, d)| d.to_lowercase());
        let domain = domain.filter(|d| !d.is_empty() && !FREE.contains(&d.as_str()));
        let domain = domain.map(|d| format!("@{d}"));
        let numbers = self.more_phones.0.iter().map(|c| c.value.as_str());
        let numbers = self.phone.as_deref().into_iter().chain(numbers);
        let title = match title.trim() {
            "" => self
                .email
                .clone()
                .or_else(|| self.phone.clone())
                .unwrap_or_default(),
            title => title.to_owned(),
        };
        Face {
            id: self.id,
            // A name of one part tells nobody apart, unless its script writes whole names without a space.
            full: name.contains(' ') || is_whole(&name),
            phones: numbers.filter_map(|n| phone(n, &self.country)).collect(),
            company: self
                .company_id
                .map(|id| id.to_string())
                .into_iter()
                .chain(domain)
                .collect(),
            emails: emails.iter().filter_map(|e| key_of(e)).collect(),
            domains: Vec::new(),
            city: fold(&self.city),
            owner_id: self.owner_id,
            title,
            name,
        }
    }
}

/// Two or more characters of Chinese, Japanese or Korean.
fn is_whole(name: &str) -> bool {
    name.chars().count() >= 2 && name.chars().all(|c| matches!(c, '\u{3040}'..='\u{9fff}' | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}'))
}

/// An address as it is compared: `Ana+News@x.example` → `ana@x.example`.
fn key_of(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let local = local.split('+').next().filter(|l| !l.is_empty())?;
    (!domain.is_empty()).then(|| format!("{local}@{domain}"))
}

impl Likened for Contact {
    const COMPARED: &'static str = "select id, fold(first_name || ' ' || last_name) as name, fold(last_name) as last,
        first_name <> '' and last_name <> '' as full_name,
        regexp_replace(email, '\\+[^@]*@', '@') as email, phone_key, company_id, split_part(email, '@', 2) as domain,
        nullif(fold(city), '') as city
      from contacts where archived_at is null";

    const BLOCKS: &'static [Block] = &[
        Block {
            name: "same_email",
            by: "email",
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
            name: "same_company",
            by: "company_id",
            most: 100,
            alike: true,
        },
        Block {
            name: "same_domain",
            by: "case when company_id is null and domain not in ('gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'yahoo.com', 'icloud.com', 'aol.com', 'gmx.de', 'gmx.net', 'web.de', 'mail.ru', 'yandex.ru', 'qq.com', '163.com', 'proton.me', 'protonmail.com') then nullif(domain, '') end",
            most: 100,
            alike: true,
        },
        Block {
            name: "same_city_and_last_name",
            by: "city || '|' || nullif(last, '')",
            most: 40,
            alike: true,
        },
        Block {
            name: "same_name",
            by: "case when full_name or name ~ '[^[:ascii:]]' then name end",
            most: 5,
            alike: false,
        },
    ];
    const SCAN: (&'static str, &'static str) = ("crm.scan_contacts", "Look for duplicate contacts");
    const TOLD_BY: &'static [&'static str] =
        &["email", "phone", "first_name", "last_name", "company_id"];

    fn face(form: &ContactForm) -> Face {
        Compared::of(form).face()
    }

    fn faces(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Face>> {
        let rows: Vec<Compared> = contacts::table
            .filter(contacts::id.eq_any(ids))
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
        let (plain, tagged): (Vec<&str>, Vec<String>) = (
            face.emails.iter().map(String::as_str).collect(),
            face.emails
                .iter()
                .filter_map(|email| tagged(email))
                .collect(),
        );
        let company = face.company.iter().find_map(|c| c.parse::<Uuid>().ok());
        let words: Vec<String> = face
            .name
            .split(' ')
            .filter(|w| !w.is_empty())
            .take(6)
            .map(|w| format!("'{w}'"))
            .collect();
        let words = match face.full {
            true => words.join(" & "),
            false => String::new(),
        };
        // Each arm goes by an index of its own.
        let found: Vec<Near> = sql_query(
            "(select id from contacts where email = any ($1) and archived_at is null limit $5)
             union (select c.id from unnest($2) q cross join lateral
               (select id from contacts where search @@ q::tsquery and archived_at is null limit $5) c)
             union (select id from contacts where phone_key = any ($3) and archived_at is null limit $5)
             union (select id from contacts where $4 <> '' and search @@ $4::tsquery and archived_at is null limit $5)
             union (select id from contacts where company_id = $6 and archived_at is null order by created_at desc, id desc limit $7)",
        )
        .bind::<Array<Text>, _>(plain)
        .bind::<Array<Text>, _>(tagged)
        .bind::<Array<Text>, _>(keys(face))
        .bind::<Text, _>(words)
        .bind::<Integer, _>(NEAR)
        .bind::<Nullable<SqlUuid>, _>(company)
        .bind::<Integer, _>(COLLEAGUES)
        .load(&mut **tx)?;
        Ok(found.into_iter().map(|near| near.id).collect())
    }
}

/// The ends of its numbers, as the table keeps them.
pub fn keys(face: &Face) -> Vec<String> {
    use platform::records::duplicates::Phone;
    let numbers = face.phones.iter().map(|phone| match phone {
        Phone::Known(number) | Phone::Bare(number) => number.trim_start_matches('+'),
    });
    numbers
        .map(|n| n[n.len().saturating_sub(8)..].to_owned())
        .collect()
}

/// The addresses that are this one with something behind a plus sign, as the search knows them.
fn tagged(email: &str) -> Option<String> {
    let (local, domain) = email.split_once('@')?;
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || "._-".contains(c))
    };
    (plain(local) && plain(domain)).then(|| format!("'{local}+':* & '{domain}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(value: &str) -> Channel {
        Channel {
            label: String::new(),
            value: value.into(),
        }
    }

    #[test]
    fn what_was_not_chosen_is_kept_beside() {
        let mut form = ContactForm {
            email: Some("a@x.example".into()),
            phone: Some("091 234 5678".into()),
            country: "HR".into(),
            ..ContactForm::default()
        };
        let other = ContactForm {
            email: Some("b@x.example".into()),
            phone: Some("+385912345678".into()),
            more_phones: Json(vec![channel("+385 1 222 3333")]),
            more_emails: Json(vec![channel("A@x.example"), channel("c@x.example")]),
            ..ContactForm::default()
        };
        Contact::gather(&mut form, &[other.clone(), other]);
        let kept: Vec<&str> = form.more_emails.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(kept, ["b@x.example", "c@x.example"]);
        let kept: Vec<&str> = form.more_phones.iter().map(|c| c.value.as_str()).collect();
        assert_eq!(kept, ["+385 1 222 3333"], "one number written in two ways");
    }

    #[test]
    fn an_address_is_compared_without_its_tag() {
        assert_eq!(
            key_of("Ana+News@X.example").as_deref(),
            Some("ana@x.example")
        );
        assert_eq!(key_of("nothing"), None);
        assert_eq!(
            tagged("ana@x.example").as_deref(),
            Some("'ana+':* & 'x.example'")
        );
        assert_eq!(tagged("a'b@x.example"), None);
    }

    #[test]
    fn names_of_some_scripts_are_whole_without_a_space() {
        let face = |first: &str, last: &str| {
            Contact::face(&ContactForm {
                first_name: first.into(),
                last_name: last.into(),
                ..ContactForm::default()
            })
        };
        assert!(face("", "李雷").full && face("Ana", "Kovač").full);
        assert!(!face("Ana", "").full && !face("مريم", "").full);
    }
}
