//! A font as a document holds it: the glyphs that are shown, and which letters they stand for.

use std::collections::HashMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use rustybuzz::ttf_parser::{RawFace, Tag};
use subsetter::GlyphRemapper;

use super::canvas::deflated;
use super::fonts::Font;

const IDENTITY: SystemInfo = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

pub struct Embedded {
    pub font: &'static Font,
    glyphs: GlyphRemapper,
    /// By the glyph's number in the document.
    texts: HashMap<u16, String>,
}

impl Embedded {
    pub fn new(font: &'static Font) -> Embedded {
        Embedded {
            font,
            glyphs: GlyphRemapper::new(),
            texts: HashMap::new(),
        }
    }

    /// The number of a glyph in the document.
    pub fn glyph(&mut self, id: u16) -> u16 {
        self.glyphs.remap(id)
    }

    /// Whether this glyph alone says that it stands for `text`; a box, or one that stands for something else already,
    /// doesn't.
    pub fn says(&mut self, id: u16, text: &str) -> bool {
        if id == 0 || text.is_empty() {
            return false;
        }
        let glyph = self.glyphs.remap(id);
        self.texts.entry(glyph).or_insert_with(|| text.to_owned()) == text
    }

    /// How far the document goes on after a glyph, in parts of the size.
    pub fn advance(&self, id: u16) -> f32 {
        let advance = self
            .font
            .face
            .glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(id));
        f32::from(advance.unwrap_or_default()) / self.em()
    }

    fn em(&self) -> f32 {
        self.font.face.units_per_em() as f32
    }

    /// Writes the font into the document as `id`.
    pub fn write(&self, pdf: &mut Pdf, id: Ref, mut next: impl FnMut() -> Ref) {
        let (cid, descriptor, file, cmap) = (next(), next(), next(), next());
        let name = format!("NEXUSA+F{}", self.font.number);
        let name = Name(name.as_bytes());
        pdf.type0_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let outlined = self.font.face.tables().glyf.is_some();
        let mut cid_font = pdf.cid_font(cid);
        cid_font
            .subtype(match outlined {
                true => CidFontType::Type2,
                false => CidFontType::Type0,
            })
            .base_font(name)
            .system_info(IDENTITY)
            .font_descriptor(descriptor)
            .default_width(0.0);
        if outlined {
            cid_font.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let widths = self.glyphs.remapped_gids();
        let widths = widths.map(|id| self.advance(id) * 1_000.0);
        cid_font.widths().consecutive(0, widths);
        cid_font.finish();
        self.describe(pdf, descriptor, name, (file, outlined));
        self.write_file(pdf, file, outlined);
        pdf.cmap(cmap, &deflated(&self.cmap()))
            .filter(Filter::FlateDecode);
    }

    fn describe(&self, pdf: &mut Pdf, id: Ref, name: Name, (file, outlined): (Ref, bool)) {
        let face = &self.font.face;
        let scaled = |units: i16| f32::from(units) / self.em() * 1_000.0;
        let bounds = face.global_bounding_box();
        let mut descriptor = pdf.font_descriptor(id);
        descriptor
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(
                scaled(bounds.x_min),
                scaled(bounds.y_min),
                scaled(bounds.x_max),
                scaled(bounds.y_max),
            ))
            .italic_angle(0.0)
            .ascent(scaled(face.ascender()))
            .descent(scaled(face.descender()))
            .cap_height(scaled(face.capital_height().unwrap_or(face.ascender())))
            .stem_v(80.0);
        match outlined {
            true => descriptor.font_file2(file),
            false => descriptor.font_file3(file),
        };
    }

    fn write_file(&self, pdf: &mut Pdf, id: Ref, outlined: bool) {
        let font = subsetter::subset(self.font.data, self.font.index, &self.glyphs);
        let font = font.unwrap_or_default();
        if outlined {
            let length = font.len() as i32;
            let packed = deflated(&font);
            let mut stream = pdf.stream(id, &packed);
            stream.filter(Filter::FlateDecode);
            stream.pair(Name(b"Length1"), length);
            return;
        }
        let table = RawFace::parse(&font, 0).ok();
        let table = table.and_then(|face| face.table(Tag::from_bytes(b"CFF ")));
        let packed = deflated(table.unwrap_or_default());
        let mut stream = pdf.stream(id, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }

    /// Which letters the glyphs stand for, for whoever searches or copies.
    fn cmap(&self) -> Vec<u8> {
        let mut cmap = UnicodeCmap::new(Name(b"Nexus-UCS"), IDENTITY);
        let mut texts: Vec<_> = self.texts.iter().collect();
        texts.sort();
        for (glyph, text) in texts {
            cmap.pair_with_multiple(*glyph, text.chars());
        }
        cmap.finish().to_vec()
    }
}
