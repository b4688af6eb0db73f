//! What a password must be: long, mixed, and none that everybody tries first.

use std::sync::LazyLock;

use platform::words::listed;

const SHORTEST: usize = 12;
const LONGEST: usize = 200;
const FEWEST_DIFFERENT: usize = 6;

pub const HELP: &str = "At least 12 characters, with upper and lower case, a digit and a symbol.";

/// The most used passwords of five characters and more, the worst first (Mark Burnett's list, public domain).
static WORST: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("worst.txt").lines().collect());

/// What is wrong with this password for this person, in a sentence, or `None`.
pub fn problem(password: &str, email: &str, name: &str) -> Option<String> {
    let length = password.chars().count();
    if length > LONGEST {
        return Some(format!("Please use at most {LONGEST} characters."));
    }
    let mut missing = Vec::new();
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    if length < SHORTEST {
        missing.push(format!("at least {SHORTEST} characters"));
    }
    for (there, what) in [
        (has(char::is_uppercase), "an upper-case letter"),
        (has(char::is_lowercase), "a lower-case letter"),
        (has(|c| c.is_numeric()), "a digit"),
        (has(|c| !c.is_alphanumeric()), "a symbol"),
    ] {
        if !there {
            missing.push(what.to_owned());
        }
    }
    if !missing.is_empty() {
        return Some(format!("The password needs {}.", listed(&missing, "and")));
    }
    if is_worn(password) {
        return Some("This password is among the first that anybody would try.".into());
    }
    if tells_who(password, email, name) {
        return Some("Please leave your name and e-mail address out of the password.".into());
    }
    None
}

/// A well-known password, also in its usual disguises: `P@ssw0rd`, `Dragon2026!`, `Qwertyuiop-1`.
fn is_worn(password: &str) -> bool {
    let lower = password.to_lowercase();
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < FEWEST_DIFFERENT
        || [lower.clone(), undisguised(&lower)]
            .iter()
            .any(|form| is_mostly_known(form))
}

fn undisguised(lower: &str) -> String {
    let plain = |c| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    lower.chars().map(plain).collect()
}

/// The word without the digits and symbols around it, or most of the whole.
fn is_mostly_known(form: &str) -> bool {
    let core = form.trim_matches(|c: char| !c.is_alphabetic());
    WORST
        .iter()
        .any(|worst| *worst == core || (form.contains(worst) && worst.len() * 5 >= form.len() * 3))
}

fn tells_who(password: &str, email: &str, name: &str) -> bool {
    let lower = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let parts = local
        .split(['.', '-', '_', '+'])
        .chain(name.split_whitespace())
        .chain([local]);
    let long = parts.filter(|part| part.chars().count() >= 4);
    long.map(str::to_lowercase)
        .any(|part| lower.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> String {
        problem(password, "ann.archer@acme.test", "Ann O'Brien").unwrap_or_default()
    }

    #[test]
    fn what_is_missing_is_said_at_once() {
        assert_eq!(
            refused("abc"),
            "The password needs at least 12 characters, an upper-case letter, a digit and a symbol."
        );
        assert_eq!(refused("Abcdefgh1jklm"), "The password needs a symbol.");
        assert!(refused(&"Aa1!".repeat(60)).contains("at most"));
    }

    #[test]
    fn the_worst_passwords_are_refused_in_their_disguises() {
        for worn in [
            "Password123!",
            "P@ssw0rd2026!",
            "Qwertyuiop-1",
            "1234567890Aa!",
            "Welcome-2026!",
            "Dragon!12345678",
            "Aaaaaaaaaa1!",
        ] {
            assert!(refused(worn).contains("first that anybody"), "{worn}");
        }
    }

    #[test]
    fn who_one_is_stays_out_of_it() {
        assert!(refused("xk-Archer-77-q!").contains("leave your name"));
        assert!(refused("O'Brien-42-maroon").contains("leave your name"));
    }

    #[test]
    fn a_good_password_is_taken_in_any_script() {
        for good in ["Nexus-Demo-2026!", "Möwe über 7 Häfen", "Ветер-в-парусах-9"] {
            assert_eq!(refused(good), "", "{good}");
        }
    }
}
