//! A document as it is written, from the top of its first page to the foot of its last.

use chrono::{DateTime, Utc};

use super::canvas::{Canvas, Ink, Paper};
use super::fonts::Weight;
use super::shaping::{Line, Shaper};
use super::wrapping::{clean, wrap};

const MARGIN: f32 = 36.0;
/// What is kept free at the foot for the number of the page.
const FOOT: f32 = 18.0;

pub(super) const INK: Ink = [0x14, 0x1b, 0x2d];
pub(super) const FAINT: Ink = [0x45, 0x4e, 0x66];

/// How a piece of text stands: its weight, size and colour, the space above it, and how many lines it may take.
#[derive(Clone, Copy, Debug)]
struct Style {
    weight: Weight,
    size: f32,
    ink: Ink,
    above: f32,
    lines: usize,
}

const TITLE: Style = Style {
    weight: Weight::Bold,
    size: 16.0,
    ink: INK,
    above: 0.0,
    lines: 2,
};
const SMALL: Style = Style {
    weight: Weight::Regular,
    size: 8.5,
    ink: FAINT,
    above: 2.0,
    lines: 3,
};
const PLAIN: Style = Style {
    weight: Weight::Regular,
    size: 9.5,
    ink: INK,
    above: 6.0,
    lines: 200,
};

pub struct Document {
    title: String,
    made: DateTime<Utc>,
    pub(super) canvas: Canvas,
    pub(super) shaper: Shaper,
    /// How far down the page is written.
    pub(super) y: f32,
}

impl Document {
    /// One that is called `title`, which stands at its head and at the foot of each page.
    pub fn new(title: &str, paper: Paper, made: DateTime<Utc>) -> Document {
        let mut document = Document {
            title: clean(title, 200),
            made,
            canvas: Canvas::new(paper),
            shaper: Shaper::default(),
            y: 0.0,
        };
        document.turn();
        let title = document.title.clone();
        document.put(&title, TITLE);
        document
    }

    /// What is said about the document below its title.
    pub fn note(&mut self, text: &str) {
        self.put(text, SMALL);
    }

    pub fn text(&mut self, text: &str) {
        self.put(text, PLAIN);
    }

    pub fn space(&mut self, points: f32) {
        self.y -= points;
    }

    pub fn pages(&self) -> usize {
        self.canvas.pages()
    }

    /// The file, each of its pages numbered.
    pub fn finish(mut self) -> Vec<u8> {
        let pages = self.canvas.pages();
        let (left, right) = (MARGIN, self.right());
        let size = 7.5;
        let room = (self.width() - 100.0) / size;
        let title = wrap(&mut self.shaper, &self.title, Weight::Regular, room, 1);
        for page in 0..pages {
            let number = format!("Page {} of {pages}", page + 1);
            let number = self.shaper.line(&number, Weight::Regular);
            let at = right - number.width * size;
            self.canvas
                .write(page, &number, (at, MARGIN - 10.0), size, FAINT);
            for title in &title {
                self.canvas
                    .write(page, title, (left, MARGIN - 10.0), size, FAINT);
            }
        }
        self.canvas.finish(&self.title, self.made)
    }

    fn put(&mut self, text: &str, style: Style) {
        let text = clean(text, 20_000);
        if text.is_empty() {
            return;
        }
        let room = self.width() / style.size;
        let lines = wrap(&mut self.shaper, &text, style.weight, room, style.lines);
        self.y -= style.above;
        for line in lines {
            let height = style.size * 1.35;
            if self.y - height < self.bottom() {
                self.turn();
            }
            self.y -= height;
            self.line(&line, (MARGIN, self.y + height - style.size), style);
        }
    }

    fn line(&mut self, line: &Line, at: (f32, f32), style: Style) {
        let page = self.page();
        self.canvas.write(page, line, at, style.size, style.ink);
    }

    /// On to a new page.
    pub(super) fn turn(&mut self) {
        self.canvas.turn();
        self.y = self.canvas.paper.height - MARGIN;
    }

    pub(super) fn page(&self) -> usize {
        self.canvas.pages().saturating_sub(1)
    }

    pub(super) fn left(&self) -> f32 {
        MARGIN
    }

    pub(super) fn right(&self) -> f32 {
        self.canvas.paper.width - MARGIN
    }

    pub(super) fn width(&self) -> f32 {
        self.canvas.paper.width - 2.0 * MARGIN
    }

    pub(super) fn bottom(&self) -> f32 {
        MARGIN + FOOT
    }
}
