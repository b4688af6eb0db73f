//! Pages to draw on, and the file that they become.

use std::io::Write;

use chrono::{DateTime, Datelike, Timelike, Utc};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::embedding::Embedded;
use super::fonts::Font;
use super::shaping::{Cluster, Line};

/// Red, green and blue, each of 255.
pub type Ink = [u8; 3];

/// A sheet of paper in points, 72 of which are an inch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    pub width: f32,
    pub height: f32,
}

impl Paper {
    pub const A4: Paper = Paper {
        width: 595.28,
        height: 841.89,
    };

    pub fn landscape(self) -> Paper {
        Paper {
            width: self.height,
            height: self.width,
        }
    }
}

/// Drawn from the lower left corner, as PDF counts.
pub struct Canvas {
    pub paper: Paper,
    pages: Vec<Content>,
    fonts: Vec<Embedded>,
}

/// What stands on a line so far and isn't written yet.
#[derive(Default)]
struct Pending {
    items: Vec<Item>,
    /// Where the next glyph would come by itself, and where it is to come.
    natural: f32,
    pen: f32,
}

enum Item {
    Show(Vec<u8>),
    Adjust(f32),
}

impl Canvas {
    pub fn new(paper: Paper) -> Canvas {
        Canvas {
            paper,
            pages: Vec::new(),
            fonts: Vec::new(),
        }
    }

    pub fn turn(&mut self) {
        self.pages.push(Content::new());
    }

    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    pub fn fill(&mut self, page: usize, [x, y, width, height]: [f32; 4], ink: Ink) {
        let Some(content) = self.pages.get_mut(page) else {
            return;
        };
        colour(content, ink);
        content.rect(x, y, width, height).fill_nonzero();
    }

    /// Writes a line that begins at `x` and stands on `y`.
    pub fn write(&mut self, page: usize, line: &Line, (x, y): (f32, f32), size: f32, ink: Ink) {
        let Some(content) = self.pages.get_mut(page) else {
            return;
        };
        if line.clusters.is_empty() {
            return;
        }
        content.begin_text();
        colour(content, ink);
        let mut pending = Pending::default();
        let mut current = None;
        for cluster in &line.clusters {
            let index = embedded(&mut self.fonts, cluster.font);
            if current != Some(index) {
                pending.put(content);
                pending.natural = pending.pen;
                content.set_font(Name(name(index).as_bytes()), size);
                place(content, (x, y), pending.pen * size, 0.0);
                current = Some(index);
            }
            let font = &mut self.fonts[index];
            pending.cluster(content, font, line, cluster, (x, y), size);
        }
        pending.put(content);
        content.end_text();
    }

    /// The file, with a title that readers show.
    pub fn finish(self, title: &str, made: DateTime<Utc>) -> Vec<u8> {
        let mut last = 0;
        let mut next = move || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree, info) = (next(), next(), next());
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(tree);
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.document_info(info)
            .title(TextStr(title))
            .creator(TextStr("Nexus"))
            .creation_date(date(made));
        let fonts: Vec<Ref> = self.fonts.iter().map(|_| next()).collect();
        let mut kids = Vec::with_capacity(self.pages.len());
        for content in self.pages {
            let (page, stream) = (next(), next());
            kids.push(page);
            let mut writer = pdf.page(page);
            writer
                .parent(tree)
                .media_box(Rect::new(0.0, 0.0, self.paper.width, self.paper.height))
                .contents(stream);
            let mut resources = writer.resources();
            let mut named = resources.fonts();
            for (index, id) in fonts.iter().enumerate() {
                named.pair(Name(name(index).as_bytes()), *id);
            }
            named.finish();
            resources.finish();
            writer.finish();
            pdf.stream(stream, &deflated(&content.finish()))
                .filter(Filter::FlateDecode);
        }
        let count = kids.len() as i32;
        pdf.pages(tree).kids(kids).count(count);
        for (font, id) in self.fonts.iter().zip(fonts) {
            font.write(&mut pdf, id, &mut next);
        }
        pdf.finish()
    }
}

impl Pending {
    fn cluster(
        &mut self,
        content: &mut Content,
        font: &mut Embedded,
        line: &Line,
        cluster: &Cluster,
        origin: (f32, f32),
        size: f32,
    ) {
        let (glyphs, text) = (line.glyphs_of(cluster), line.text_of(cluster));
        let plain = matches!(glyphs, [only] if font.says(only.id, text));
        if !plain {
            self.put(content);
            let mut span = content.begin_marked_content_with_properties(Name(b"Span"));
            span.properties().actual_text(TextStr(text));
        }
        for glyph in glyphs {
            let (id, natural) = (font.glyph(glyph.id), font.advance(glyph.id));
            if glyph.dx != 0.0 || glyph.dy != 0.0 {
                self.put(content);
                let right = (self.pen + glyph.dx) * size;
                place(content, origin, right, glyph.dy * size);
                content.show(Str(&id.to_be_bytes()));
                self.pen += glyph.advance;
                place(content, origin, self.pen * size, 0.0);
                self.natural = self.pen;
                continue;
            }
            self.show(id);
            self.natural += natural;
            self.pen += glyph.advance;
        }
        if !plain {
            self.put(content);
            content.end_marked_content();
        }
    }

    fn show(&mut self, glyph: u16) {
        let gap = self.natural - self.pen;
        if gap.abs() > 0.000_5 {
            self.items.push(Item::Adjust(gap * 1_000.0));
            self.natural = self.pen;
        }
        match self.items.last_mut() {
            Some(Item::Show(bytes)) => bytes.extend(glyph.to_be_bytes()),
            _ => self.items.push(Item::Show(glyph.to_be_bytes().to_vec())),
        }
    }

    fn put(&mut self, content: &mut Content) {
        if self.items.is_empty() {
            return;
        }
        let mut positioned = content.show_positioned();
        let mut items = positioned.items();
        for item in self.items.drain(..) {
            match item {
                Item::Show(bytes) => items.show(Str(&bytes)),
                Item::Adjust(amount) => items.adjust(amount),
            };
        }
    }
}

fn place(content: &mut Content, (x, y): (f32, f32), right: f32, up: f32) {
    content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x + right, y + up]);
}

fn embedded(fonts: &mut Vec<Embedded>, font: &'static Font) -> usize {
    let known = fonts.iter();
    let known = known
        .map(|known| known.font.number)
        .position(|n| n == font.number);
    known.unwrap_or_else(|| {
        fonts.push(Embedded::new(font));
        fonts.len() - 1
    })
}

fn name(font: usize) -> String {
    format!("F{font}")
}

fn colour(content: &mut Content, ink: Ink) {
    let [red, green, blue] = ink.map(|part| f32::from(part) / 255.0);
    content.set_fill_rgb(red, green, blue);
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    // Into memory nothing fails.
    let _ = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

fn date(at: DateTime<Utc>) -> Date {
    Date::new(at.year() as u16)
        .month(at.month() as u8)
        .day(at.day() as u8)
        .hour(at.hour() as u8)
        .minute(at.minute() as u8)
        .second(at.second() as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
