//! What a record's tags may be.

/// The most that one record has; its table holds no more either.
pub const MOST: usize = 100;
const LONGEST: usize = 60;

/// Each tag once and without blanks around it, or in a sentence what is wrong with them.
pub fn tidy(tags: &mut Vec<String>) -> Result<(), String> {
    let mut seen: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| tag.trim()) {
        if !tag.is_empty() && !seen.iter().any(|known| known == tag) {
            seen.push(tag.to_owned());
        }
    }
    *tags = seen;
    if tags.len() > MOST {
        return Err(format!("Please use at most {MOST} tags."));
    }
    let fits = |tag: &String| tag.chars().count() <= LONGEST && !tag.contains(',');
    match tags.iter().all(fits) {
        true => Ok(()),
        false => Err(format!(
            "A tag has at most {LONGEST} characters, and no comma."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(tags: &[&str]) -> Result<Vec<String>, String> {
        let mut tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        tidy(&mut tags).map(|()| tags)
    }

    #[test]
    fn each_tag_is_kept_once() {
        let tags = tidied(&["VIP", " Boat ", "", "VIP"]);
        assert_eq!(tags.unwrap(), ["VIP", "Boat"]);
    }

    #[test]
    fn too_many_too_long_and_commas_are_refused() {
        let many: Vec<String> = (0..=MOST).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(tidied(&many[1..]).is_ok());
        assert_eq!(tidied(&many).unwrap_err(), "Please use at most 100 tags.");
        assert!(tidied(&[&"x".repeat(LONGEST)]).is_ok());
        assert!(tidied(&[&"x".repeat(LONGEST + 1)]).is_err());
        assert!(tidied(&["a,b"]).is_err());
    }
}
