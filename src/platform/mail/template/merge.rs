//! Templates as pieces: text, merge fields, conditions. The markup around them is worked on with the pieces hidden.

use memchr::memmem;

use super::{engine, tokens};

/// A part of a template, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) enum Piece {
    Text(String),
    Field(Field),
    /// A value that takes the engine: `{{ contact.name | upper }}`.
    Output(String),
    /// A condition or loop, as written.
    Block(String),
    /// The address of the link with this number, from 1 on.
    Link(usize),
    /// The image that tells that the mail was opened.
    Pixel,
}

/// A plain merge field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) struct Field {
    /// `contact.first_name`
    pub path: String,
    pub fallback: Option<String>,
}

/// Where a template is wrong, by position in its source, and how.
pub(super) type Fault = (usize, String);

/// Takes a template apart and checks every merge field and condition in it.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    for (piece, _) in parts(source)? {
        push(&mut pieces, piece);
    }
    Ok(pieces)
}

/// The pieces beside what is written for them. A comment is an empty text.
pub(super) fn parts(source: &str) -> Result<Vec<(Piece, &str)>, Fault> {
    let mut parts = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(start) = next_tag(source, at) {
        let end = tag_end(source, start);
        let end = end.ok_or((
            start,
            "a merge field, condition or comment is not closed".into(),
        ))?;
        let written = &source[start..end];
        let piece = match written.starts_with("{#") {
            true => Piece::Text(String::new()),
            false => tag(written, start, &mut open).map_err(|fault| (start, fault))?,
        };
        parts.push((
            Piece::Text(source[at..start].to_owned()),
            &source[at..start],
        ));
        parts.push((piece, written));
        at = end;
    }
    parts.push((Piece::Text(source[at..].to_owned()), &source[at..]));
    match open.last() {
        Some((word, start)) => Err((*start, format!("“{word}” is never closed by “end{word}”"))),
        None => Ok(parts),
    }
}

/// Adds a piece; texts beside each other become one.
pub(super) fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), &piece) {
        (_, Piece::Text(text)) if text.is_empty() => {}
        (Some(Piece::Text(last)), Piece::Text(text)) => last.push_str(text),
        _ => pieces.push(piece),
    }
}

/// Where a field, a condition or a comment starts. A comment has a space behind `{#`; without one it is a style
/// sheet: `@media screen{#menu{…}}`.
fn next_tag(source: &str, from: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let braces = memchr::memchr_iter(b'{', &bytes[from..]).map(|at| from + at);
    let mut tags = braces.filter(|at| match bytes.get(at + 1) {
        Some(b'{' | b'%') => true,
        Some(b'#') => bytes.get(at + 2).is_some_and(u8::is_ascii_whitespace),
        _ => false,
    });
    tags.next()
}

/// Right behind the closing braces; those inside quotes don't count.
fn tag_end(source: &str, start: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let close = match bytes[start + 1] {
        b'{' => b"}}",
        b'%' => b"%}",
        _ => return memmem::find(&bytes[start + 2..], b"#}").map(|at| start + at + 4),
    };
    let mut quote = None;
    let mut at = start + 2;
    while at + 1 < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, _) if bytes[at..].starts_with(close) => return Some(at + 2),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// One merge field or condition. `open` holds the conditions that wait for their end.
fn tag(
    written: &str,
    start: usize,
    open: &mut Vec<(&'static str, usize)>,
) -> Result<Piece, String> {
    let inner = &written[2..written.len() - 2];
    let trims = |c: char| c == '-' || c == '+';
    let bare = inner.strip_prefix(trims).unwrap_or(inner);
    let bare = bare.strip_suffix(trims).unwrap_or(bare);
    // Visual editors write quotes and angles as entities, inside our braces too.
    let decoded = unescape(bare);
    let tokens = tokens::tokens(&decoded)?;
    if tokens.is_empty() {
        return Err("a merge field is empty".into());
    }
    tokens::check(&tokens)?;
    if written.starts_with("{%") {
        let word = tokens::statement(&tokens)?;
        balance(word, start, open)?;
        let written = unescape(written);
        match word {
            "if" => engine::check(&format!("{written}{{% endif %}}"))?,
            "elif" => engine::check(&format!("{{% if 1 %}}{written}{{% endif %}}"))?,
            "for" => engine::check(&format!("{written}{{% endfor %}}"))?,
            _ if tokens.len() > 1 => return Err(format!("nothing may follow “{word}”")),
            _ => {}
        }
        return Ok(Piece::Block(written));
    }
    match tokens::field(&tokens) {
        Some((path, fallback)) if bare.len() == inner.len() => {
            Ok(Piece::Field(Field { path, fallback }))
        }
        _ => {
            let written = unescape(written);
            engine::check(&written)?;
            Ok(Piece::Output(written))
        }
    }
}

fn balance(word: &str, start: usize, open: &mut Vec<(&'static str, usize)>) -> Result<(), String> {
    let innermost = open.last().map(|(word, _)| *word);
    match word {
        "if" => open.push(("if", start)),
        "for" => open.push(("for", start)),
        "elif" if innermost != Some("if") => return Err("“elif” stands outside of an “if”".into()),
        "else" if innermost.is_none() => return Err("“else” stands outside of an “if”".into()),
        "endif" | "endfor" => {
            if innermost != Some(&word[3..]) {
                return Err(format!("“{word}” has no “{}” before it", &word[3..]));
            }
            open.pop();
        }
        _ => {}
    }
    Ok(())
}

/// Undoes the few entities that editors write.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let quotes = text
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    let angles = quotes
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    angles.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(path: &str, fallback: Option<&str>) -> Piece {
        Piece::Field(Field {
            path: path.into(),
            fallback: fallback.map(str::to_owned),
        })
    }

    #[test]
    fn a_template_is_taken_apart() {
        let source = "Hi {{ contact.name | default(\"}} you\") }}{# note #}{% if x %}!{% endif %}{{-x}} {#a{b}";
        assert_eq!(
            pieces(source).unwrap(),
            [
                Piece::Text("Hi ".into()),
                field("contact.name", Some("}} you")),
                Piece::Block("{% if x %}".into()),
                Piece::Text("!".into()),
                Piece::Block("{% endif %}".into()),
                Piece::Output("{{-x}}".into()),
                Piece::Text(" {#a{b}".into()),
            ]
        );
    }

    #[test]
    fn entities_of_visual_editors_are_read() {
        assert_eq!(
            pieces("{{ a | default(&quot;R&amp;D&quot;) }}").unwrap(),
            [field("a", Some("R&D"))]
        );
    }

    #[test]
    fn faults_come_with_their_place() {
        for (source, at) in [
            ("ab{{ x", 2),
            ("a{% if x %}{% for y in z %}{% endfor %}", 1),
            ("{% endif %}", 0),
            ("{% if x %}{% endfor %}", 10),
            ("\n{{ }}", 1),
            ("{{ 'a' }}{{ x | nope }}", 9),
            ("{{ a b }}", 0),
            ("a{% if %}{% endif %}", 1),
            ("{% if a %}{% endif a %}", 10),
        ] {
            assert_eq!(pieces(source).unwrap_err().0, at, "{source}");
        }
    }
}
