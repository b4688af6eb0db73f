//! Phone numbers, brought into E.164 so that the same number is the same text.

use std::fmt;
use std::str::FromStr;

use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, Mode, PhoneNumber, Type, country};

use super::shown;

const LONGEST: usize = 60;

/// The country whose numbers are written without a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(country::Id);

impl FromStr for Region {
    type Err = String;

    /// From a two-letter code such as `US`.
    fn from_str(code: &str) -> Result<Self, String> {
        let id = country::Id::from_str(&code.trim().to_ascii_uppercase());
        id.map(Self)
            .map_err(|_| format!("{} is not a country code.", shown(code)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// `+12125550123`
    pub e164: String,
    pub extension: Option<String>,
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.extension {
            Some(extension) => write!(f, "{} x{extension}", self.e164),
            None => f.write_str(&self.e164),
        }
    }
}

/// Numbers of the right length pass, assigned or not: numbering plans change faster than tables of them.
pub fn phone(cell: &str, region: Option<Region>) -> Result<Phone, String> {
    let written = plain(cell);
    let digits = written.chars().filter(char::is_ascii_digit).count();
    if is_shortened_by_excel(&written) {
        return Err(format!(
            "{} was shortened by a spreadsheet; format that column as text and export again.",
            shown(cell)
        ));
    }
    if digits < 4 {
        return Err(format!(
            "{} is not a phone number: it has too few digits.",
            shown(cell)
        ));
    }
    if written.len() > LONGEST || !written.chars().all(belongs) {
        return Err(format!("{} is not a phone number.", shown(cell)));
    }
    read(&written, region)
        .or_else(|| {
            read(
                &written.strip_prefix("00").map(|rest| format!("+{rest}"))?,
                region,
            )
        })
        .ok_or_else(|| refusal(cell, &written, region))
}

fn read(written: &str, region: Option<Region>) -> Option<Phone> {
    let number = phonenumber::parse(region.map(|region| region.0), written).ok()?;
    if !has_possible_length(&number) {
        return None;
    }
    Some(Phone {
        e164: number.format().mode(Mode::E164).to_string(),
        extension: number.extension().map(|extension| extension.to_string()),
    })
}

/// Whether some kind of number in the country has this many digits.
fn has_possible_length(number: &PhoneNumber) -> bool {
    const KINDS: [Type; 8] = [
        Type::FixedLine,
        Type::Mobile,
        Type::TollFree,
        Type::PremiumRate,
        Type::SharedCost,
        Type::PersonalNumber,
        Type::Voip,
        Type::Uan,
    ];
    let national = number.national();
    let length = u16::from(national.zeros()) + national.value().to_string().len() as u16;
    let fits = |region: &Metadata| {
        let kinds = KINDS
            .iter()
            .filter_map(|kind| region.descriptors().get(*kind));
        kinds
            .flat_map(|kind| kind.possible_length())
            .any(|possible| *possible == length)
    };
    let regions = DATABASE.by_code(&number.code().value());
    regions.is_some_and(|regions| regions.into_iter().any(fits))
}

fn refusal(cell: &str, written: &str, region: Option<Region>) -> String {
    if region.is_none() && !written.starts_with('+') && !written.starts_with("00") {
        format!("{} has no country code (such as +1).", shown(cell))
    } else {
        format!(
            "{} is not a phone number: it has too many or too few digits.",
            shown(cell)
        )
    }
}

/// Full-width and Arabic digits become ASCII, odd spaces and dashes plain ones.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    let cell = cell.strip_prefix("tel:").unwrap_or(cell);
    cell.chars()
        .filter_map(|c| match c {
            '０'..='９' => Some(digit(c, '０')),
            '٠'..='٩' => Some(digit(c, '٠')),
            '۰'..='۹' => Some(digit(c, '۰')),
            '＋' => Some('+'),
            '‐'..='―' | '−' | '－' => Some('-'),
            '（' => Some('('),
            '）' => Some(')'),
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' => None,
            _ if c.is_whitespace() => Some(' '),
            _ => Some(c),
        })
        .collect()
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(c as u32 - zero as u32, 10).unwrap_or(c)
}

fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || " +-().,/#:;=*".contains(c)
}

fn is_shortened_by_excel(written: &str) -> bool {
    let scientific =
        written.contains(['e', 'E']) && written.contains('+') && !written.starts_with('+');
    scientific && written.parse::<f64>().is_ok()
}

/// Digits alone could be anything; a plus sign or grouping makes them a phone number.
pub(super) fn looks_like_phone(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let marks = cell.bytes().filter(|byte| b" ()-./".contains(byte)).count();
    (7..=15).contains(&digits)
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || " +()-./".contains(c))
        && (cell.starts_with('+') || cell.starts_with('(') || (marks >= 2 && !cell.contains("  ")))
}
