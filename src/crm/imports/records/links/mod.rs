//! What rows name: found, or listed where nobody or several go by the name. A guess would be worse than nothing.

pub mod companies;
mod records;
mod stages;

use platform::Result;
use platform::db::Tx;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::field::Named;
use super::staged::Staged;
use crate::crm::imports::plan::Plan;
use crate::crm::imports::problem::Kind;
use crate::crm::imports::reading::values::{domain, within};
use crate::crm::imports::reading::{Cost, Read, Wrong, shortened};
use crate::crm::imports::what::What;
use companies::{Companies, Make};
use records::Records;
use stages::Stages;

/// What goes by a name.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    Nobody,
    One(Uuid),
    Several,
}

impl Found {
    fn of(ids: &[Uuid]) -> Found {
        match ids {
            [] => Found::Nobody,
            [only] => Found::One(*only),
            _ => Found::Several,
        }
    }
}

/// What was asked for before is remembered, so that a file of one company's deals asks once.
#[derive(Clone, Default)]
pub struct Links {
    pub companies: Companies,
    records: Records,
    stages: Stages,
}

/// The names of a row as the form takes them.
#[derive(Default)]
pub struct Resolved {
    pub typed: Map<String, Value>,
    /// A company that is not here yet, and the field that it goes to.
    pub make: Option<(&'static str, Make)>,
    /// Further people of a deal.
    pub people: Vec<Uuid>,
    /// What is wrong, by the cells that say so.
    pub wrong: Vec<(usize, Wrong)>,
}

impl Links {
    pub fn load(tx: &mut Tx, what: What) -> Result<Links> {
        let stages = match what {
            What::Deal => Stages::load(tx)?,
            _ => Stages::default(),
        };
        Ok(Links {
            stages,
            ..Links::default()
        })
    }

    pub fn resolve(&mut self, tx: &mut Tx, plan: &Plan, row: &Staged) -> Result<Resolved> {
        let mut found = Resolved::default();
        self.company(tx, row, Named::Company, &mut found)?;
        self.company(tx, row, Named::Parent, &mut found)?;
        for (what, cell) in &row.named {
            let text = row.cells[*cell].text.as_str();
            match what {
                Named::Contact => {
                    for (place, name) in people(text).into_iter().enumerate() {
                        match self.records.person(tx, &name)? {
                            Ok(id) if place == 0 => found.set("contact_id", json!(id)),
                            Ok(id) => found.people.push(id),
                            Err(wrong) => found.wrong.push((*cell, wrong)),
                        }
                    }
                }
                Named::People => {
                    for name in people(text) {
                        match self.records.person(tx, &name)? {
                            Ok(id) => found.people.push(id),
                            Err(wrong) => found.wrong.push((*cell, wrong)),
                        }
                    }
                }
                Named::About(_) if found.typed.contains_key("record_id") => {}
                Named::About(kinds) => match self.about(tx, kinds, text)? {
                    Ok(id) => found.set("record_id", json!(id)),
                    Err(wrong) => found.wrong.push((*cell, wrong)),
                },
                _ => {}
            }
        }
        self.stages.resolve(plan, row, &mut found);
        Ok(found)
    }

    /// The company that a row names by its name, its domain or both; one that is not here is to be made.
    fn company(
        &mut self,
        tx: &mut Tx,
        row: &Staged,
        what: Named,
        found: &mut Resolved,
    ) -> Result<()> {
        let by_domain = row.names(Named::CompanyDomain);
        let by_domain = by_domain.filter(|_| what == Named::Company);
        let Some((cell, _)) = row.names(what).or(by_domain) else {
            return Ok(());
        };
        let asked = match asked(row.names(what), by_domain) {
            Ok(asked) => asked,
            Err(wrong) => {
                found.wrong.push(wrong);
                return Ok(());
            }
        };
        if what == Named::Parent && asked.name.to_lowercase() == row.text("name").to_lowercase() {
            let reason = "A company can’t stand above itself.".to_owned();
            found.wrong.push((cell, (Kind::Link, Cost::Value, reason)));
            return Ok(());
        }
        match self.companies.find(tx, &asked)? {
            Found::One(id) => found.set(what.field(), json!(id)),
            Found::Nobody => found.make = Some((what.field(), asked)),
            Found::Several => {
                let reason = format!(
                    "Several companies are called “{}”. A domain tells them apart.",
                    shortened(&asked.name, 60)
                );
                found.wrong.push((cell, (Kind::Link, Cost::Value, reason)));
            }
        }
        Ok(())
    }

    fn about(
        &mut self,
        tx: &mut Tx,
        kinds: &'static [&'static str],
        text: &str,
    ) -> Result<Read<Uuid>> {
        if kinds.contains(&"company")
            && let Some(domain) = as_domain(text)
        {
            let asked = Make {
                name: text.to_owned(),
                domain: Some(domain),
            };
            if let Found::One(id) = self.companies.find(tx, &asked)? {
                return Ok(Ok(id));
            }
        }
        if kinds.contains(&"contact") && text.contains('@') {
            let name = people(text).into_iter().next().unwrap_or_default();
            return self.records.person(tx, &name);
        }
        self.records.called(tx, kinds, text)
    }
}

impl Resolved {
    fn set(&mut self, field: &str, value: Value) {
        self.typed.insert(field.to_owned(), value);
    }
}

/// What is asked for by a cell with a name and one with a domain.
fn asked(
    name: Option<(usize, &str)>,
    by_domain: Option<(usize, &str)>,
) -> std::result::Result<Make, (usize, Wrong)> {
    let wrong = |cell: usize| move |wrong: Wrong| (cell, wrong);
    let domain = match by_domain {
        Some((cell, text)) => Some(domain(text).map_err(wrong(cell))?),
        None => None,
    };
    let name = match name {
        Some((cell, text)) => within(text, 200, Cost::Value).map_err(wrong(cell))?,
        None => domain.clone().unwrap_or_default(),
    };
    // What looks like a domain may be one that stands where a name would.
    let domain = domain.or_else(|| as_domain(&name));
    Ok(Make { name, domain })
}

/// `acme.example`, and nothing that is a name with a point in it.
fn as_domain(text: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "-./:".contains(c);
    let (before, top) = text.trim_end_matches('/').rsplit_once('.')?;
    let is_one = !before.is_empty() && text.chars().all(plain) && top.len() > 1;
    match is_one && top.chars().all(char::is_alphabetic) {
        true => domain(text).ok(),
        false => None,
    }
}

/// The people that a cell names, each by an address where there is one: `Ann Lee (ann@x.example); bob@x.example`.
fn people(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split([';', '\n']).collect();
    let parts = match parts.as_slice() {
        // Between addresses a comma parts them; in a name it may be part of it.
        [only] if only.split(',').all(|part| part.contains('@')) => only.split(',').collect(),
        _ => parts,
    };
    let named = parts.into_iter().map(|part| {
        let mut words = part.split([' ', '<', '>', '(', ')']);
        let address = words.find(|word| word.contains('@'));
        address.unwrap_or(part).trim().to_owned()
    });
    named.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{as_domain, people};

    #[test]
    fn people_are_named_by_address_or_name() {
        assert_eq!(
            people("Ann Lee (ann@x.example); Seán O'Brien\n<bob@x.example>"),
            ["ann@x.example", "Seán O'Brien", "bob@x.example"]
        );
        assert_eq!(people("a@x.example, b@x.example").len(), 2);
        assert_eq!(people("O'Brien, Seán"), ["O'Brien, Seán"]);
    }

    #[test]
    fn a_domain_is_no_name_with_a_point() {
        assert_eq!(
            as_domain("www.Acme.example").as_deref(),
            Some("acme.example")
        );
        for name in ["Acme Inc.", "Dr. Oetker", "3.5", "A. B. Ltd"] {
            assert_eq!(as_domain(name), None, "{name}");
        }
    }
}
