//! Templates with their fields out of sight, for work on the markup around them.

use super::merge::{Fault, Piece, parts, pieces, push};

/// A template whose fields and conditions are hidden behind plain words, so that markup can be parsed and changed.
pub(super) struct Hidden {
    pub text: String,
    pieces: Vec<Piece>,
    word: String,
    /// Where in `text` a piece hides line ends of the source, and how many.
    swallowed: Vec<(usize, usize)>,
}

impl Hidden {
    /// Hides everything but text. `sources` are all texts that will be worked on together.
    pub(super) fn new(source: &str, sources: &[&str]) -> Result<Self, Fault> {
        let mut hidden = Self {
            text: String::with_capacity(source.len()),
            pieces: Vec::new(),
            word: unused_word(sources),
            swallowed: Vec::new(),
        };
        for (piece, written) in parts(source)? {
            if let Piece::Text(text) = &piece
                && !text.is_empty()
            {
                hidden.text.push_str(text);
                continue;
            }
            hidden
                .swallowed
                .push((hidden.text.len(), written.matches('\n').count()));
            let word = hidden.hide(piece);
            hidden.text.push_str(&word);
        }
        Ok(hidden)
    }

    /// A further template, hidden the same way.
    pub(super) fn also(&mut self, source: &str) -> Result<String, Fault> {
        let mut text = String::with_capacity(source.len());
        for piece in pieces(source)? {
            match piece {
                Piece::Text(plain) => text.push_str(&plain),
                piece => text.push_str(&self.hide(piece)),
            }
        }
        Ok(text)
    }

    /// The word that stands for a piece.
    pub(super) fn hide(&mut self, piece: Piece) -> String {
        self.pieces.push(piece);
        format!("{}{}z", self.word, self.pieces.len() - 1)
    }

    /// The line in the source that a position in `text` comes from.
    pub(super) fn line(&self, position: usize) -> usize {
        let end = position.min(self.text.len());
        let seen = self.text.as_bytes()[..end]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        let before = self.swallowed.iter().take_while(|(at, _)| *at < end);
        1 + seen + before.map(|(_, lines)| lines).sum::<usize>()
    }

    /// The pieces of a text that has hidden ones in it.
    pub(super) fn reveal(&self, text: &str) -> Vec<Piece> {
        let mut revealed = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(&self.word) {
            let tail = &rest[at + self.word.len()..];
            let digits = tail
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(tail.len());
            let piece = tail[..digits]
                .parse()
                .ok()
                .and_then(|n: usize| self.pieces.get(n));
            push(&mut revealed, Piece::Text(rest[..at].to_owned()));
            if let Some(piece) = piece {
                push(&mut revealed, piece.clone());
            }
            rest = tail[digits..].strip_prefix('z').unwrap_or(&tail[digits..]);
        }
        push(&mut revealed, Piece::Text(rest.to_owned()));
        revealed
    }
}

/// A word that no markup parser changes and that none of the sources contains.
fn unused_word(sources: &[&str]) -> String {
    (0..)
        .map(|n| format!("mf{n}q"))
        .find(|word| !sources.iter().any(|source| source.contains(word.as_str())))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_comes_back_in_its_place() {
        let source = "mf0q a{{ x }}b\n{{ y\n| upper }}\n{% if z %}c{% endif %}";
        let mut hidden = Hidden::new(source, &[source]).unwrap();
        assert!(!hidden.text.contains(['{', '}']));
        assert_eq!(hidden.reveal(&hidden.text), pieces(source).unwrap());
        let link = hidden.hide(Piece::Link(3));
        assert_eq!(hidden.reveal(&format!("<{link}>"))[1], Piece::Link(3));
        let end = hidden.text.find('c').unwrap();
        assert_eq!(hidden.line(end), 4);
    }
}
