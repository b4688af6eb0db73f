//! Whether two records are the same: every reason in one place, with how much it tells.

use std::collections::HashSet;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::tabular::values::{Region, phone as read_phone};
use crate::text_enum;

/// Names with this much in common may be one name written in two ways.
const ALIKE: f64 = 0.6;
/// Names with less in common are those of two people, who may well share a number.
const STRANGE: f64 = 0.25;
/// Fewer digits at the end of a number tell nothing.
const DIGITS: usize = 7;

text_enum! {
    pub enum Reason {
        SameEmail => "same_email", "same e-mail";
        SamePhone => "same_phone", "same phone";
        SameDomain => "same_domain", "same domain";
        SameNameCompany => "same_name_company", "same name, same company";
        AlikeNameCompany => "alike_name_company", "names alike, same company";
        SameNameCity => "same_name_city", "same name, same city";
        AlikeNameCity => "alike_name_city", "names alike, same city";
        SameName => "same_name", "same name";
    }
}

impl Reason {
    /// In a hundred such pairs, how many are the same.
    fn weight(self) -> f64 {
        match self {
            Reason::SameEmail => 95.0,
            Reason::SameNameCompany => 88.0,
            Reason::SameDomain => 85.0,
            Reason::SamePhone => 82.0,
            Reason::SameNameCity => 72.0,
            Reason::AlikeNameCompany => 70.0,
            Reason::SameName => 50.0,
            Reason::AlikeNameCity => 50.0,
        }
    }

    /// What it tells of two whose names have nothing in common: a shared mailbox, a switchboard.
    fn weight_of_strangers(self) -> f64 {
        match self {
            Reason::SameEmail => 60.0,
            Reason::SamePhone => 35.0,
            reason => reason.weight(),
        }
    }
}

/// A number as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// In E.164.
    Known(String),
    /// Of a country that nobody named: its digits without zeros before them.
    Bare(String),
}

impl Phone {
    /// Whether they are one number.
    pub fn is(&self, other: &Phone) -> bool {
        match (self, other) {
            (Phone::Known(a), Phone::Known(b)) | (Phone::Bare(a), Phone::Bare(b)) => a == b,
            (Phone::Known(whole), Phone::Bare(end)) | (Phone::Bare(end), Phone::Known(whole)) => {
                end.len() >= DIGITS && whole.ends_with(end.as_str())
            }
        }
    }
}

/// A number as somebody wrote it; `country` is a two-letter code, if anything.
pub fn phone(written: &str, country: &str) -> Option<Phone> {
    let region = Region::from_str(country).ok();
    if let Ok(phone) = read_phone(written, region) {
        return Some(Phone::Known(phone.e164));
    }
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    (bare.len() >= DIGITS).then(|| Phone::Bare(bare.to_owned()))
}

/// What is compared of a record.
#[derive(Clone, Debug, Default)]
pub struct Face {
    pub id: Uuid,
    pub title: String,
    /// Folded.
    pub name: String,
    /// Whether the name alone may tell somebody apart: first and last name, not one of them.
    pub full: bool,
    /// Lower case, without what stands behind a plus sign.
    pub emails: Vec<String>,
    pub phones: Vec<Phone>,
    /// Those that nobody shares with strangers.
    pub domains: Vec<String>,
    /// What it belongs to: the company's id, and `@` with the domain of its address.
    pub company: Vec<String>,
    pub city: String,
    /// Only for telling who may see it.
    pub owner_id: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// 0 to 100.
    pub score: i32,
    /// The strongest first.
    pub reasons: Vec<Reason>,
}

/// How much speaks for two records being the same; `None` where nothing does.
pub fn judge(a: &Face, b: &Face) -> Option<Verdict> {
    let shares = |a: &[String], b: &[String]| a.iter().any(|one| b.contains(one));
    let mut reasons = Vec::new();
    if shares(&a.emails, &b.emails) {
        reasons.push(Reason::SameEmail);
    }
    if a.phones
        .iter()
        .any(|one| b.phones.iter().any(|other| one.is(other)))
    {
        reasons.push(Reason::SamePhone);
    }
    if shares(&a.domains, &b.domains) {
        reasons.push(Reason::SameDomain);
    }
    let named = !a.name.is_empty() && !b.name.is_empty();
    let likeness = if named { alike(&a.name, &b.name) } else { 0.0 };
    let same = named && a.name == b.name;
    // A first name alone tells nobody apart.
    if a.full && b.full && (same || likeness >= ALIKE) {
        let city = !a.city.is_empty() && a.city == b.city;
        let company = same_company(a, b, reasons.contains(&Reason::SameEmail));
        reasons.extend(match (same, company, city) {
            (true, true, _) => Some(Reason::SameNameCompany),
            (false, true, _) => Some(Reason::AlikeNameCompany),
            (true, false, true) => Some(Reason::SameNameCity),
            (false, false, true) => Some(Reason::AlikeNameCity),
            (true, false, false) => Some(Reason::SameName),
            (false, false, false) => None,
        });
    }
    let strange = named && likeness < STRANGE;
    let weight = |reason: &Reason| match strange {
        true => reason.weight_of_strangers(),
        false => reason.weight(),
    };
    reasons.sort_by(|x, y| weight(y).total_cmp(&weight(x)));
    let doubt: f64 = reasons
        .iter()
        .map(|reason| 1.0 - weight(reason) / 100.0)
        .product();
    (!reasons.is_empty()).then(|| Verdict {
        score: ((1.0 - doubt) * 100.0).round() as i32,
        reasons,
    })
}

/// Whether they belong together: to the same company or, where one of them is said to belong to none, by the domain of
/// their addresses. Whoever has the same address has it at the same domain; that tells nothing more.
fn same_company(a: &Face, b: &Face, same_address: bool) -> bool {
    let is_domain = |company: &&String| company.starts_with('@');
    let company = |face: &'_ Face| face.company.iter().find(|c| !is_domain(c)).cloned();
    match (company(a), company(b)) {
        (Some(a), Some(b)) => a == b,
        _ if same_address => false,
        _ => a
            .company
            .iter()
            .filter(is_domain)
            .any(|c| b.company.contains(c)),
    }
}

/// How much two names have in common, from 0 to 1: the share of their trigrams that both have, as `pg_trgm` counts them.
fn alike(a: &str, b: &str) -> f64 {
    let (a, b) = (trigrams(a), trigrams(b));
    let both = a.intersection(&b).count() as f64;
    let all = a.union(&b).count() as f64;
    if all == 0.0 { 0.0 } else { both / all }
}

fn trigrams(name: &str) -> HashSet<[char; 3]> {
    let mut all = HashSet::new();
    for word in name.split(' ').filter(|word| !word.is_empty()) {
        let padded: Vec<char> = "  ".chars().chain(word.chars()).chain([' ']).collect();
        all.extend(padded.windows(3).map(|w| [w[0], w[1], w[2]]));
    }
    all
}

/// A name without accents, case and marks: `Nguyễn O'Brien` → `nguyen obrien`.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'đ' | 'ð' => folded.push('d'),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            '\'' | '’' | 'ʼ' | '`' | '.' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(name: &str) -> Face {
        let name = fold(name);
        Face {
            full: name.contains(' '),
            name,
            ..Face::default()
        }
    }

    fn verdict(a: &Face, b: &Face) -> (i32, Vec<Reason>) {
        let verdict = judge(a, b).expect("something speaks for it");
        assert_eq!(
            judge(b, a),
            Some(verdict.clone()),
            "the order tells nothing"
        );
        (verdict.score, verdict.reasons)
    }

    #[test]
    fn names_are_folded() {
        assert_eq!(fold("  Nguyễn  O'Brien-Smith "), "nguyen obrien smith");
        assert_eq!(fold("Đorđe Łukasz Straße Øst"), "dorde lukasz strasse ost");
        assert_eq!(fold("李雷"), "李雷");
        assert_eq!(fold("مَريم"), fold("مريم"));
    }

    #[test]
    fn the_same_address_tells_most() {
        let with = |name: &str| Face {
            emails: vec!["ana@x.example".into()],
            ..face(name)
        };
        let (score, reasons) = verdict(&with("Ana Kovač"), &with(""));
        assert_eq!((score, reasons.as_slice()), (95, &[Reason::SameEmail][..]));
        let (strangers, _) = verdict(&with("Ana Kovač"), &with("Bruno Ivić"));
        assert_eq!(strangers, 60, "a mailbox that two people share");
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let with = |written: &str, country: &str| Face {
            phones: phone(written, country).into_iter().collect(),
            ..face("Ana Kovač")
        };
        for (a, b) in [
            (("+385 91 234 5678", ""), ("091/234-5678", "HR")),
            (("+385912345678", ""), ("00385 91 2345678", "")),
            (("+385912345678", ""), ("091 234 5678", "")),
        ] {
            let (_, reasons) = verdict(&with(a.0, a.1), &with(b.0, b.1));
            assert!(reasons.contains(&Reason::SamePhone), "{a:?} and {b:?}");
        }
        // The same digits in another country.
        let (one, other) = (with("+385 91 234 5678", ""), with("+386 91 234 5678", ""));
        assert!(!verdict(&one, &other).1.contains(&Reason::SamePhone));
        assert_eq!(phone("123", ""), None);
    }

    #[test]
    fn a_domain_tells_companies() {
        let with = |name: &str| Face {
            domains: vec!["adriatic.example".into()],
            ..face(name)
        };
        let (score, reasons) = verdict(&with("Adriatic Sail"), &with("Adriatic"));
        assert_eq!((score, reasons.as_slice()), (85, &[Reason::SameDomain][..]));
    }

    #[test]
    fn names_tell_more_in_the_same_company_or_city() {
        let at = |name: &str, company: &str, city: &str| Face {
            company: vec![company.into()],
            city: city.into(),
            ..face(name)
        };
        for (a, b, reason) in [
            (
                at("Ana Kovač", "1", ""),
                at("Ana Kovac", "1", ""),
                Reason::SameNameCompany,
            ),
            (
                at("Anna Kovač", "1", ""),
                at("Ana Kovač", "1", ""),
                Reason::AlikeNameCompany,
            ),
            (
                at("Ana Kovač", "1", "split"),
                at("Kovač Ana", "2", "split"),
                Reason::AlikeNameCity,
            ),
            (
                at("Ana Kovač", "1", "split"),
                at("Ana Kovač", "2", "split"),
                Reason::SameNameCity,
            ),
            (
                at("Ana Kovač", "1", "split"),
                at("Ana Kovač", "2", "zadar"),
                Reason::SameName,
            ),
            (
                at("Nguyễn Văn", "1", ""),
                at("Nguyen Van", "1", ""),
                Reason::SameNameCompany,
            ),
            (
                at("Liam O'Brien", "1", ""),
                at("Liam OBrien", "1", ""),
                Reason::SameNameCompany,
            ),
        ] {
            assert_eq!(verdict(&a, &b).1, [reason], "{} and {}", a.name, b.name);
        }
        assert_eq!(
            judge(&at("Ana Kovač", "1", ""), &at("Bruno Ivić", "1", "")),
            None
        );
        assert_eq!(
            judge(&at("Ana", "1", "split"), &at("Ana", "1", "split")),
            None
        );
    }

    #[test]
    fn a_domain_stands_for_a_company_that_nobody_named() {
        let at = |company: &[&str]| Face {
            company: company.iter().map(|c| (*c).to_owned()).collect(),
            ..face("Ana Kovač")
        };
        for (a, b, reason) in [
            (
                at(&["1", "@x.example"]),
                at(&["@x.example"]),
                Reason::SameNameCompany,
            ),
            (
                at(&["1", "@x.example"]),
                at(&["2", "@x.example"]),
                Reason::SameName,
            ),
            (at(&["@x.example"]), at(&["@y.example"]), Reason::SameName),
        ] {
            assert_eq!(
                verdict(&a, &b).1,
                [reason],
                "{:?} and {:?}",
                a.company,
                b.company
            );
        }
    }

    #[test]
    fn reasons_add_up() {
        let with = |name: &str| Face {
            emails: vec!["ana@x.example".into()],
            phones: phone("+385912345678", "").into_iter().collect(),
            ..face(name)
        };
        let (score, reasons) = verdict(&with("Ana Kovač"), &with("Ana Kovač"));
        assert_eq!(
            reasons,
            [Reason::SameEmail, Reason::SamePhone, Reason::SameName]
        );
        assert_eq!(score, 100);
    }
}
