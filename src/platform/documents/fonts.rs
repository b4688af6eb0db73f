//! The fonts that text is set in: ours, and for what they lack those of the system.

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use fontdb::{Database, FaceInfo, Source, Style};
use rustybuzz::Face;
use rustybuzz::ttf_parser::{self, Permissions};
use subsetter::GlyphRemapper;

/// So many fonts of the system are looked into; those most like ours come first.
const MOST: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Regular,
    Bold,
}

/// A font for as long as the process lives.
pub struct Font {
    pub face: Face<'static>,
    pub data: &'static [u8],
    pub index: u32,
    /// What tells it from the others.
    pub number: usize,
}

impl Font {
    fn new(data: &'static [u8], index: u32, number: usize) -> Option<Font> {
        Some(Font {
            face: Face::from_slice(data, index)?,
            data,
            index,
            number,
        })
    }

    pub fn has(&self, c: char) -> bool {
        self.face.glyph_index(c).is_some()
    }

    /// The font for a letter; ours, with its empty box, where no font has it.
    pub fn of(c: char, weight: Weight) -> Option<&'static Font> {
        let ours = Font::ours(weight)?;
        match ours.has(c) {
            true => Some(ours),
            false => Some(System::font(c).unwrap_or(ours)),
        }
    }

    pub fn ours(weight: Weight) -> Option<&'static Font> {
        static REGULAR: LazyLock<Option<Font>> = LazyLock::new(|| {
            let data = include_bytes!("faces/DejaVuSansCondensed-2.37.ttf");
            Font::new(data, 0, 0)
        });
        static BOLD: LazyLock<Option<Font>> = LazyLock::new(|| {
            let data = include_bytes!("faces/DejaVuSansCondensed-Bold-2.37.ttf");
            Font::new(data, 0, 1)
        });
        match weight {
            Weight::Regular => REGULAR.as_ref(),
            Weight::Bold => BOLD.as_ref(),
        }
    }
}

/// A font of the system, read once one of its letters is wanted.
struct System {
    source: Source,
    index: u32,
    number: usize,
    /// The letters that it has, from and to.
    letters: Vec<(u32, u32)>,
    font: OnceLock<Option<Font>>,
}

impl System {
    fn font(c: char) -> Option<&'static Font> {
        static ALL: LazyLock<Vec<System>> = LazyLock::new(System::all);
        let mut having = ALL.iter().filter(|system| system.has(c));
        having.find_map(System::read)
    }

    fn all() -> Vec<System> {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        let mut faces: Vec<&FaceInfo> = fonts.faces().collect();
        faces.sort_by_key(|face| unlikeness(face));
        let known = faces.into_iter().take(MOST).enumerate();
        let known = known.filter_map(|(number, face)| {
            let letters = fonts.with_face_data(face.id, letters)?;
            Some(System {
                source: face.source.clone(),
                index: face.index,
                number: number + 2,
                letters,
                font: OnceLock::new(),
            })
        });
        known.collect()
    }

    fn has(&self, c: char) -> bool {
        let c = u32::from(c);
        let after = self.letters.partition_point(|(from, _)| *from <= c);
        after > 0 && self.letters[after - 1].1 >= c
    }

    fn read(&self) -> Option<&Font> {
        let font = self.font.get_or_init(|| {
            let data = std::fs::read(self.path()?).ok()?;
            // What can't be cut down can't be put into a document either.
            subsetter::subset(&data, self.index, &GlyphRemapper::new()).ok()?;
            Font::new(Box::leak(data.into()), self.index, self.number)
        });
        font.as_ref()
    }

    fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) | Source::SharedFile(path, _) => Some(path),
            Source::Binary(_) => None,
        }
    }
}

/// How far a font is from an upright, even one without serifs.
fn unlikeness(face: &FaceInfo) -> (bool, bool, bool, u16, String) {
    let name = face.families.first().map_or("", |(name, _)| name.as_str());
    (
        face.style != Style::Normal,
        face.monospaced,
        name.contains("Serif"),
        face.weight.0.abs_diff(400),
        name.to_owned(),
    )
}

/// The letters of a font that has outlines and may be put into documents.
fn letters(data: &[u8], index: u32) -> Vec<(u32, u32)> {
    let Ok(face) = ttf_parser::Face::parse(data, index) else {
        return Vec::new();
    };
    let tables = face.tables();
    let drawn = tables.glyf.is_some() || tables.cff.is_some();
    let refused = face.permissions() == Some(Permissions::Restricted);
    if !drawn || refused || !face.is_subsetting_allowed() {
        return Vec::new();
    }
    let mut letters = Vec::new();
    for table in tables.cmap.into_iter().flat_map(|cmap| cmap.subtables) {
        if table.is_unicode() {
            table.codepoints(|c| letters.push(c));
        }
    }
    letters.sort_unstable();
    stretches(&letters)
}

fn stretches(sorted: &[u32]) -> Vec<(u32, u32)> {
    let mut stretches: Vec<(u32, u32)> = Vec::new();
    for &c in sorted {
        match stretches.last_mut() {
            Some((_, to)) if c <= *to + 1 => *to = c,
            _ => stretches.push((c, c)),
        }
    }
    stretches
}
