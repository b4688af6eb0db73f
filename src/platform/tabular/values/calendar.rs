//! The words of dates: months in the common languages, weekdays, offsets.

use chrono::FixedOffset;

/// Folded beginnings, long enough to be told apart; a longer word with the same beginning is the month too.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "oca"],
    &["feb", "fev", "lut", "sub"],
    &["mar", "maerz", "mrz", "maa", "mrt"],
    &["apr", "avr", "abr", "kwi", "nis"],
    &["may", "mai", "mag", "mei", "maj"],
    &["jun", "juin", "giu", "cze", "haz"],
    &["jul", "juil", "lug", "lip", "tem"],
    &["aug", "aou", "ago", "sie", "agu"],
    &["sep", "set", "wrz", "eyl"],
    &["oct", "okt", "out", "ott", "paz", "eki"],
    &["nov", "lis", "kas"],
    &["dec", "dez", "dic", "des", "gru", "ara"],
];

const BESIDE: &[&str] = &[
    "at",
    "of",
    "the",
    "de",
    "del",
    "den",
    "der",
    "um",
    "le",
    "a",
    "am",
    "on",
    "uhr",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "mo",
    "di",
    "mi",
    "do",
    "fr",
    "sa",
    "so",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
];

/// The month that a folded word names.
pub fn month(word: &str) -> Option<u32> {
    if BESIDE.contains(&word) || word.chars().count() > 12 {
        return None;
    }
    let longest = MONTHS
        .iter()
        .zip(1..)
        .flat_map(|(starts, number)| starts.iter().map(move |start| (*start, number)))
        .filter(|(start, _)| word.starts_with(start))
        .max_by_key(|(start, _)| start.len());
    longest.map(|(_, number)| number)
}

/// Words that stand beside a date and say nothing new.
pub fn is_beside_a_date(word: &str) -> bool {
    BESIDE.contains(&word)
}

/// `10:00:00+02:00` as its time and its offset; None if what follows the time is no offset.
pub fn split_offset(clock: &str) -> Option<(&str, Option<FixedOffset>)> {
    for name in ["Z", "UTC", "GMT"] {
        if let Some(time) = clock.strip_suffix(name) {
            return Some((time.trim_end(), FixedOffset::east_opt(0)));
        }
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return Some((clock, None));
    };
    let digits: String = clock[at + 1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    let east = if clock.as_bytes()[at] == b'+' {
        seconds
    } else {
        -seconds
    };
    Some((clock[..at].trim_end(), Some(FixedOffset::east_opt(east)?)))
}
