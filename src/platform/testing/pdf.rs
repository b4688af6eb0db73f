//! Reads the documents that we write: the text of each page, as whoever searches or copies it gets it.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

/// An object of the file: what it says of itself, and its stream unpacked.
#[derive(Default)]
struct Object {
    says: String,
    stream: Vec<u8>,
}

type Objects = HashMap<u32, Object>;

/// The pages in their order, each piece of text on a line of its own.
pub fn pages(file: &[u8]) -> Vec<String> {
    assert!(file.starts_with(b"%PDF-"), "no PDF");
    let objects = objects(file);
    let tree = objects.values().find(|o| o.says.contains("/Type /Pages"));
    let kids = references(&tree.expect("the file has pages").says, "/Kids");
    kids.iter().map(|id| text(&objects, &objects[id])).collect()
}

fn objects(file: &[u8]) -> Objects {
    let mut objects = Objects::new();
    let mut rest = file;
    while let Some(at) = memchr::memmem::find(rest, b" 0 obj\n") {
        let before = rest[..at].rsplit(|b| !b.is_ascii_digit()).next();
        let id = before.and_then(|digits| String::from_utf8_lossy(digits).parse().ok());
        rest = &rest[at + 7..];
        let end = memchr::memmem::find(rest, b"endobj").expect("an object ends");
        let begins = memchr::memmem::find(&rest[..end], b"\nstream\n");
        let mut object = Object::default();
        match begins {
            Some(begins) => {
                object.says = String::from_utf8_lossy(&rest[..begins]).into_owned();
                let packed = &rest[begins + 8..][..length(&object.says)];
                let unpacked = ZlibDecoder::new(packed).read_to_end(&mut object.stream);
                unpacked.expect("a stream unpacks");
                rest = &rest[begins + 8 + packed.len()..];
            }
            None => object.says = String::from_utf8_lossy(&rest[..end]).into_owned(),
        }
        objects.insert(id.expect("an object has a number"), object);
    }
    objects
}

fn length(says: &str) -> usize {
    let after = says
        .split("/Length ")
        .nth(1)
        .expect("a stream has a length");
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a length is a number")
}

/// The objects that `key` refers to, up to the end of its value.
fn references(says: &str, key: &str) -> Vec<u32> {
    let value = says.split(key).nth(1).unwrap_or_default();
    let end = value.find([']', '/', '>']).unwrap_or(value.len());
    let parts: Vec<&str> = value[..end].split([' ', '[', '\n']).collect();
    let ids = parts.windows(3).filter(|w| w[1] == "0" && w[2] == "R");
    ids.filter_map(|w| w[0].parse().ok()).collect()
}

/// What the glyphs of each font stand for.
fn letters(objects: &Objects, page: &Object) -> HashMap<String, HashMap<u16, String>> {
    let fonts = page.says.split("/F").skip(1);
    let fonts = fonts.filter_map(|font| {
        let mut words = font.split_whitespace();
        let number: u32 = words.next()?.parse().ok()?;
        let id: u32 = words.next()?.parse().ok()?;
        let cmap = references(&objects.get(&id)?.says, "/ToUnicode");
        let cmap = String::from_utf8_lossy(&objects.get(cmap.first()?)?.stream).into_owned();
        let pairs = cmap.lines().filter_map(|line| {
            let (glyph, text) = line.strip_prefix('<')?.split_once("> <")?;
            let glyph = u16::from_str_radix(glyph, 16).ok()?;
            Some((glyph, utf16(&hex(text.strip_suffix('>')?))))
        });
        Some((format!("F{number}"), pairs.collect()))
    });
    fonts.collect()
}

fn text(objects: &Objects, page: &Object) -> String {
    let letters = letters(objects, page);
    let content = &objects[&references(&page.says, "/Contents")[0]].stream;
    let (mut out, mut name, mut font) = (String::new(), String::new(), String::new());
    let (mut at, mut said, mut last) = (0, false, Vec::new());
    while at < content.len() {
        match content[at] {
            b'(' | b'<' if content.get(at + 1) != Some(&b'<') => {
                let bytes = string(content, &mut at);
                if name != "ActualText" && !said {
                    let known = letters.get(&font);
                    for pair in bytes.chunks_exact(2) {
                        let glyph = u16::from_be_bytes([pair[0], pair[1]]);
                        out += known.and_then(|l| l.get(&glyph)).map_or("", |t| t);
                    }
                }
                last = bytes;
            }
            b'<' => at += 2,
            b'/' => name = word(content, &mut at, 1),
            b if b.is_ascii_alphabetic() => match word(content, &mut at, 0).as_str() {
                "Tf" => font.clone_from(&name),
                "BDC" => {
                    said = true;
                    out += &match last.strip_prefix(&[0xfe, 0xff]) {
                        Some(wide) => utf16(wide),
                        None => String::from_utf8_lossy(&last).into_owned(),
                    };
                    name.clear();
                }
                "EMC" => said = false,
                "ET" => out.push('\n'),
                _ => {}
            },
            _ => at += 1,
        }
    }
    out
}

fn word(content: &[u8], at: &mut usize, skipped: usize) -> String {
    let from = *at + skipped;
    let ends = |b: &u8| !b.is_ascii_alphanumeric();
    let end = content[from..].iter().position(ends);
    *at = end.map_or(content.len(), |end| from + end);
    String::from_utf8_lossy(&content[from..*at]).into_owned()
}

/// A string of the content, in either way to write one.
fn string(content: &[u8], at: &mut usize) -> Vec<u8> {
    if content[*at] == b'<' {
        let end = content[*at..].iter().position(|b| *b == b'>');
        let (from, to) = (*at + 1, *at + end.expect("a string ends"));
        *at = to + 1;
        return hex(&String::from_utf8_lossy(&content[from..to]));
    }
    let (mut bytes, mut depth) = (Vec::new(), 0);
    loop {
        let byte = content[*at];
        *at += 1;
        match byte {
            b'\\' => {
                let escaped = content[*at];
                *at += 1;
                if escaped.is_ascii_digit() {
                    let octal = String::from_utf8_lossy(&content[*at - 1..*at + 2]);
                    bytes.push(u8::from_str_radix(&octal, 8).expect("three octal digits"));
                    *at += 2;
                    continue;
                }
                bytes.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    other => other,
                });
                continue;
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        match (byte, depth) {
            (b'(', 1) => {}
            (_, 0) => return bytes,
            _ => bytes.push(byte),
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(&String::from_utf8_lossy(pair), 16);
    digits.filter_map(|pair| byte(pair).ok()).collect()
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2);
    let units: Vec<u16> = units.map(|p| u16::from_be_bytes([p[0], p[1]])).collect();
    String::from_utf16_lossy(&units)
}
