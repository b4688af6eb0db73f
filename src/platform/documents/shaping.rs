//! A line of text as glyphs: each run in its direction and its font, in the order in which it is seen.

use std::collections::HashMap;
use std::ops::Range;

use rustybuzz::{Direction, GlyphBuffer, Script, ShapePlan, UnicodeBuffer, shape_with_plan};
use unicode_bidi::BidiInfo;
use unicode_normalization::char::is_combining_mark;

use super::fonts::{Font, Weight};

/// Measures are in parts of the size of the text.
#[derive(Clone, Debug)]
pub struct Glyph {
    pub id: u16,
    pub advance: f32,
    pub dx: f32,
    pub dy: f32,
}

/// Glyphs that stand for a piece of the text together.
#[derive(Clone)]
pub struct Cluster {
    pub font: &'static Font,
    pub text: Range<usize>,
    pub glyphs: Range<usize>,
    pub advance: f32,
}

#[derive(Clone, Default)]
pub struct Line {
    pub text: String,
    /// From left to right.
    pub clusters: Vec<Cluster>,
    pub glyphs: Vec<Glyph>,
    pub width: f32,
}

impl Line {
    pub fn text_of(&self, cluster: &Cluster) -> &str {
        self.text.get(cluster.text.clone()).unwrap_or_default()
    }

    pub fn glyphs_of(&self, cluster: &Cluster) -> &[Glyph] {
        self.glyphs.get(cluster.glyphs.clone()).unwrap_or_default()
    }
}

#[derive(Default)]
pub struct Shaper {
    plans: HashMap<(usize, bool, Script), ShapePlan>,
    buffer: UnicodeBuffer,
}

impl Shaper {
    pub fn line(&mut self, text: &str, weight: Weight) -> Line {
        let mut line = Line {
            text: text.to_owned(),
            ..Line::default()
        };
        for (run, backwards) in directions(text) {
            let mut parts = fonts(text, run, weight);
            if backwards {
                parts.reverse();
            }
            for (part, font) in parts {
                self.run(&mut line, part, font, backwards);
            }
        }
        line.width = line.clusters.iter().map(|cluster| cluster.advance).sum();
        line
    }

    fn run(&mut self, line: &mut Line, part: Range<usize>, font: &'static Font, backwards: bool) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.push_str(&line.text[part.clone()]);
        buffer.guess_segment_properties();
        buffer.set_direction(match backwards {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        });
        let (direction, script) = (buffer.direction(), buffer.script());
        let plan = self.plans.entry((font.number, backwards, script));
        let plan =
            plan.or_insert_with(|| ShapePlan::new(&font.face, direction, Some(script), None, &[]));
        let shaped = shape_with_plan(&font.face, plan, buffer);
        take(line, &shaped, part, font);
        self.buffer = shaped.clear();
    }
}

/// Takes over what was shaped of `part`, cluster by cluster.
fn take(line: &mut Line, shaped: &GlyphBuffer, part: Range<usize>, font: &'static Font) {
    let em = font.face.units_per_em() as f32;
    let infos = shaped.glyph_infos();
    let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    for (info, at) in infos.iter().zip(shaped.glyph_positions()) {
        let from = info.cluster as usize;
        let next = starts.partition_point(|start| *start <= from);
        let upto = starts.get(next).copied().unwrap_or(part.len());
        let text = part.start + from..part.start + upto;
        let advance = at.x_advance as f32 / em;
        line.glyphs.push(Glyph {
            id: u16::try_from(info.glyph_id).unwrap_or_default(),
            advance,
            dx: at.x_offset as f32 / em,
            dy: at.y_offset as f32 / em,
        });
        let count = line.glyphs.len();
        match line.clusters.last_mut() {
            Some(last) if last.text == text => {
                last.glyphs.end = count;
                last.advance += advance;
            }
            _ => line.clusters.push(Cluster {
                font,
                text,
                glyphs: count - 1..count,
                advance,
            }),
        }
    }
}

/// The runs of one direction, from left to right, and whether they are read backwards.
fn directions(text: &str) -> Vec<(Range<usize>, bool)> {
    // Below U+0590 nothing is written from right to left.
    if text.chars().all(|c| c < '\u{590}') {
        return vec![(0..text.len(), false)];
    }
    let info = BidiInfo::new(text, None);
    let mut all = Vec::new();
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        let runs = runs.into_iter();
        all.extend(runs.map(|run| {
            let backwards = levels.get(run.start).is_some_and(|level| level.is_rtl());
            (run, backwards)
        }));
    }
    all
}

/// The parts of a run by the font that has their letters. Marks and spaces stay with what they follow.
fn fonts(text: &str, run: Range<usize>, weight: Weight) -> Vec<(Range<usize>, &'static Font)> {
    let mut parts: Vec<(Range<usize>, &'static Font)> = Vec::new();
    for (at, c) in text[run.clone()].char_indices() {
        let (from, upto) = (run.start + at, run.start + at + c.len_utf8());
        if let Some((part, font)) = parts.last_mut()
            && (is_combining_mark(c) || c.is_whitespace() || c == '\u{200d}')
            && font.has(c)
        {
            part.end = upto;
            continue;
        }
        let Some(font) = Font::of(c, weight) else {
            continue;
        };
        match parts.last_mut() {
            Some((part, last)) if last.number == font.number => part.end = upto,
            _ => parts.push((from..upto, font)),
        }
    }
    parts
}
