//! What stands between the braces of a merge field or condition, and whether it may.
//!
//! Templates are written by people of a workspace and run on a server that all workspaces share. So the language is
//! cut down to what cannot build large values from small ones: no variables, no joining of texts by operators, no
//! calls, no includes, and only the filters named here. Fuel and a limit on the output do the rest.

/// What a value may be piped through.
pub(super) const FILTERS: [&str; 18] = [
    "default",
    "d",
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "replace",
    "join",
    "first",
    "last",
    "length",
    "count",
    "round",
    "int",
    "float",
    "abs",
    "date",
];
/// What may follow `is`.
pub(super) const TESTS: [&str; 8] = [
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "odd",
    "even",
    "true",
];
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
const WORDS: [&str; 15] = [
    "if", "elif", "else", "endif", "for", "endfor", "in", "is", "not", "and", "or", "true",
    "false", "none", "loop",
];

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    /// Without its quotes, escapes as written.
    Text(&'a str),
    Number(&'a str),
    Sign(char),
}

/// Takes an expression apart; the error is a sentence.
pub(super) fn tokens(inner: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = inner.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' => {
                let end = text_end(rest).ok_or("a text in quotes is not closed")?;
                (Token::Text(&rest[1..end]), end + 1)
            }
            c if c.is_alphabetic() || c == '_' => {
                let length = prefix(rest, |c| c.is_alphanumeric() || c == '_');
                (Token::Word(&rest[..length]), length)
            }
            c if c.is_ascii_digit() => {
                let length = prefix(rest, |c| c.is_ascii_digit());
                (Token::Number(&rest[..length]), length)
            }
            c => (Token::Sign(c), c.len_utf8()),
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// Where the text that starts with a quote ends with the same one.
fn text_end(text: &str) -> Option<usize> {
    let quote = text.as_bytes()[0];
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Whether an expression keeps to the language; the error is a sentence.
pub(super) fn check(tokens: &[Token<'_>]) -> Result<(), String> {
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| tokens[at]);
        match *token {
            Token::Sign(sign @ ('*' | '~' | '+' | '{' | '}')) => {
                return Err(format!("“{sign}” cannot be used here"));
            }
            Token::Sign('(') if matches!(before, Some(Token::Sign(')' | ']') | Token::Text(_))) => {
                return Err("only filters take something in parentheses".into());
            }
            Token::Word(word) => check_word(word, tokens, at)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_word(word: &str, tokens: &[Token<'_>], at: usize) -> Result<(), String> {
    let is_filter = at > 0 && tokens[at - 1] == Token::Sign('|');
    if word.starts_with("__") {
        return Err(format!("“{word}” is not a merge field"));
    }
    if is_filter && !FILTERS.contains(&word) {
        return Err(format!(
            "there is no filter “{word}”; known are {}",
            FILTERS.join(", ")
        ));
    }
    if is_filter || word == "not" {
        return Ok(());
    }
    if follows_is(tokens, at) {
        return match TESTS.contains(&word) {
            true => Ok(()),
            false => Err(format!(
                "there is no test “is {word}”; known are {}",
                TESTS.join(", ")
            )),
        };
    }
    match tokens.get(at + 1) {
        Some(Token::Sign('(')) if !WORDS.contains(&word) => {
            Err(format!("“{word}(…)” cannot be called here"))
        }
        _ => Ok(()),
    }
}

/// Whether the word at `at` names a test: it comes after `is` or `is not`.
fn follows_is(tokens: &[Token<'_>], at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).map(|at| tokens[at]);
    match word(1) {
        Some(Token::Word("is")) => true,
        Some(Token::Word("not")) => word(2) == Some(Token::Word("is")),
        _ => false,
    }
}

/// The first word of a statement, if it is one of ours.
pub(super) fn statement<'a>(tokens: &[Token<'a>]) -> Result<&'a str, String> {
    match tokens.first() {
        Some(Token::Word(word)) if STATEMENTS.contains(word) => Ok(word),
        Some(Token::Word(word)) => Err(format!(
            "“{word}” cannot be used in a template; known are {}",
            STATEMENTS.join(", ")
        )),
        _ => Err("a condition starts with if, elif, else, for, or with endif or endfor".into()),
    }
}

/// A plain field, `contact.first_name | default("there")`: its path and its fallback.
pub(super) fn field(tokens: &[Token<'_>]) -> Option<(String, Option<String>)> {
    let pipe = tokens.iter().position(|token| *token == Token::Sign('|'));
    let (path, filter) = tokens.split_at(pipe.unwrap_or(tokens.len()));
    let mut name = String::new();
    for (at, token) in path.iter().enumerate() {
        match (at % 2, *token) {
            (0, Token::Word(word)) if at > 0 || !WORDS.contains(&word.to_lowercase().as_str()) => {
                name.push_str(word);
            }
            (1, Token::Sign('.')) => name.push('.'),
            _ => return None,
        }
    }
    if path.len() % 2 == 0 {
        return None;
    }
    match *filter {
        [] => Some((name, None)),
        [
            _,
            Token::Word("default" | "d"),
            Token::Sign('('),
            Token::Text(text),
            Token::Sign(')'),
        ] if !text.contains('\\') => Some((name, Some(text.to_owned()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(inner: &str) -> bool {
        tokens(inner).is_ok_and(|tokens| check(&tokens).is_ok())
    }

    #[test]
    fn plain_fields_are_recognised() {
        let field = |inner| field(&tokens(inner).unwrap());
        assert_eq!(
            field(" contact.first_name "),
            Some(("contact.first_name".into(), None))
        );
        assert_eq!(
            field("contact.name | default('a \"b\"')"),
            Some(("contact.name".into(), Some("a \"b\"".into())))
        );
        for other in [
            "contact.name | upper",
            "none",
            "contact[0]",
            "contact.",
            "1",
            "a b",
            "x|default(y)",
            "x|default('\\n')",
            "a.b.0",
        ] {
            assert_eq!(field(other), None, "{other}");
        }
    }

    #[test]
    fn conditions_and_filters_are_allowed() {
        for inner in [
            "if contact.score > 10 and not (contact.city == 'Oslo' or contact.city is none)",
            "contact.tags | join(', ') | upper",
            "for tag in contact.tags",
            "contact.name is not defined",
            "if 'vip' in contact.tags",
            "contact.renewal | date('%d.%m.%Y')",
            "(contact.total / 100) | round(2)",
        ] {
            assert!(is_allowed(inner), "{inner}");
        }
    }

    #[test]
    fn what_could_grow_or_escape_is_refused() {
        for inner in [
            "'a' * 100000000",
            "a ~ a",
            "a + a",
            "range(10)",
            "contact.name.upper()",
            "x | safe",
            "x | map('y')",
            "__link_1",
            "x is callable",
            "contact['name'](1)",
            "'%s'('x')",
            "x | default(y)(z)",
            "{'a': 1}",
            "'open",
        ] {
            assert!(!is_allowed(inner), "{inner}");
        }
        for word in [
            "set x = 1",
            "with a",
            "include 'x'",
            "macro f",
            "raw",
            "filter upper",
            "",
            "1",
        ] {
            assert!(statement(&tokens(word).unwrap()).is_err(), "{word}");
        }
    }
}
