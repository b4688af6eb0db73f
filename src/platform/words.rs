//! Several names in one sentence.

/// `a`, `a and b`, `a, b and c`.
pub fn listed<S: AsRef<str>>(names: &[S], and: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {and} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn names_stand_in_a_sentence() {
        assert_eq!(listed(&["Ana"], "and"), "Ana");
        assert_eq!(listed(&["Ana", "Anna"], "or"), "Ana or Anna");
        assert_eq!(
            listed(&["Ana", "Anna", "Anne"], "and"),
            "Ana, Anna and Anne"
        );
        assert_eq!(listed::<&str>(&[], "and"), "");
    }
}
