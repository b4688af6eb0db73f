//! Text in lines: cleaned of what can't be printed, and broken to a width.

use unicode_normalization::char::is_combining_mark;

use super::fonts::Weight;
use super::shaping::{Line, Shaper};

/// So many marks on one letter; more would be drawn over its neighbours.
const MARKS: usize = 3;
const ELLIPSIS: &str = "…";

/// At most `most` characters of a text as one line of it: breaks are spaces, and what steers a terminal or turns the
/// direction of what follows is left out.
pub fn clean(text: &str, most: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(4 * most));
    let (mut count, mut marks) = (0, 0);
    for c in text.chars().filter(|c| is_shown(*c)) {
        let space = is_space(c);
        if space && (clean.is_empty() || clean.ends_with(' ')) {
            continue;
        }
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > MARKS {
            continue;
        }
        if count == most {
            clean.push_str(ELLIPSIS);
            break;
        }
        count += 1;
        clean.push(if space { ' ' } else { c });
    }
    clean.truncate(clean.trim_end_matches(' ').len());
    clean
}

fn is_space(c: char) -> bool {
    let kept = matches!(c, '\u{a0}' | '\u{202f}');
    c.is_whitespace() && !kept
}

fn is_shown(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let empty = matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    );
    let none = matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    !turns && !empty && !none && (!c.is_control() || is_space(c))
}

/// The text in at most `most` lines of a width; the last ends in an ellipsis where there is more.
pub fn wrap(shaper: &mut Shaper, text: &str, weight: Weight, width: f32, most: usize) -> Vec<Line> {
    let whole = shaper.line(text, weight);
    if whole.width <= width || most == 0 {
        return vec![whole];
    }
    let mut steps: Vec<(usize, usize, f32)> = whole
        .clusters
        .iter()
        .map(|cluster| (cluster.text.start, cluster.text.end, cluster.advance))
        .collect();
    steps.sort_by_key(|step| step.0);
    let mut lines = Vec::new();
    let mut rest = steps.as_slice();
    while let Some(first) = rest.first() {
        if lines.len() + 1 == most {
            lines.push(last(shaper, text, weight, width, rest));
            break;
        }
        let count = fitting(text, width, rest);
        let end = rest[count - 1].1;
        let part = text.get(first.0..end).unwrap_or_default();
        lines.push(shaper.line(part.trim(), weight));
        rest = &rest[count..];
    }
    lines
}

/// The longest piece of a text that is not broken, by its letters.
pub fn longest(text: &str) -> &str {
    let mut longest = (0, "");
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        if next.is_none_or(|next| breaks(c, next)) {
            let word = text[from..end].trim();
            let letters = word.chars().count();
            if letters > longest.0 {
                longest = (letters, word);
            }
            from = end;
        }
    }
    longest.1
}

/// How many clusters stand on a line: up to the last place to break, or as many as there is room for.
fn fitting(text: &str, width: f32, rest: &[(usize, usize, f32)]) -> usize {
    let (mut used, mut chosen) = (0.0, 0);
    for (index, (from, to, advance)) in rest.iter().enumerate() {
        let letters = text.get(*from..*to).unwrap_or_default();
        used += advance;
        // A space at the end of a line takes no room.
        if used > width && letters != " " {
            return match chosen {
                0 => index.max(1),
                chosen => chosen,
            };
        }
        let next = text[*to..].chars().next();
        if let (Some(last), Some(next)) = (letters.chars().next_back(), next)
            && breaks(last, next)
        {
            chosen = index + 1;
        }
    }
    rest.len()
}

/// The last line there is room for.
fn last(
    shaper: &mut Shaper,
    text: &str,
    weight: Weight,
    width: f32,
    rest: &[(usize, usize, f32)],
) -> Line {
    let from = rest.first().map_or(0, |step| step.0);
    let all: f32 = rest.iter().map(|step| step.2).sum();
    if all <= width {
        return shaper.line(text[from..].trim(), weight);
    }
    let room = width - shaper.line(ELLIPSIS, weight).width;
    let (mut used, mut end) = (0.0, from);
    for (_, to, advance) in rest {
        used += advance;
        if used > room {
            break;
        }
        end = *to;
    }
    let part = text.get(from..end).unwrap_or_default().trim();
    shaper.line(&format!("{part}{ELLIPSIS}"), weight)
}

/// Whether a line may end between these two.
fn breaks(c: char, next: char) -> bool {
    let wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}');
    let closes = matches!(
        next,
        '、' | '。' | '，' | '．' | '）' | '」' | '！' | '？' | '：' | '；'
    );
    let joins = matches!(c, '-' | '–' | '/' | '@') && next.is_alphanumeric();
    is_space(c) || joins || ((wide(c) || wide(next)) && !closes)
}
