//! A table over as many pages as it needs, its head on each of them.

use super::canvas::Ink;
use super::fonts::Weight;
use super::page::{Document, FAINT, INK};
use super::shaping::Line;
use super::widths::{shares, sheets, wants};
use super::wrapping::wrap;

pub(super) const SIZE: f32 = 8.0;
pub(super) const PAD: f32 = 4.0;
const LEADING: f32 = 10.5;
/// A cell takes so many lines; what is longer ends in an ellipsis.
const LINES: usize = 3;

const HEAD: Ink = [0xf1, 0xed, 0xe3];
const HEAD_RULE: Ink = [0xc9, 0xa8, 0x4c];
const RULE: Ink = [0xe4, 0xdf, 0xd3];

#[derive(Clone, Debug)]
pub struct Column {
    pub label: String,
    /// Figures stand on the right.
    pub number: bool,
}

/// Rows of cells that are `clean`.
pub struct Table<'a> {
    pub columns: &'a [Column],
    pub rows: &'a [Vec<String>],
    /// The first columns stand again before each part of a table that is too wide for one page.
    pub kept: usize,
}

/// The columns of one part of a table: which they are, and where each begins and ends.
struct Part {
    columns: Vec<usize>,
    edges: Vec<(f32, f32)>,
}

impl Document {
    pub fn table(&mut self, table: &Table) {
        let wants = wants(&mut self.shaper, table);
        let sheets = sheets(&wants, table.kept, self.width());
        let count = sheets.len();
        for (number, columns) in sheets.into_iter().enumerate() {
            if number > 0 {
                self.turn();
            }
            if count > 1 {
                self.note(&format!("Part {} of {count} of the columns", number + 1));
            }
            self.space(8.0);
            let chosen: Vec<_> = columns.iter().map(|number| wants[*number]).collect();
            let part = Part::new(columns, &shares(&chosen, self.width()), self.left());
            self.part(table, &part);
        }
    }

    fn part(&mut self, table: &Table, part: &Part) {
        let head = part.lines(self, |n| table.columns[n].label.as_str(), Weight::Bold);
        self.head(table, part, &head);
        for row in table.rows {
            let cell = |n: usize| row.get(n).map_or("", String::as_str);
            let lines = part.lines(self, cell, Weight::Regular);
            if self.y - height(&lines) < self.bottom() {
                self.turn();
                self.head(table, part, &head);
            }
            self.row(table, part, &lines, INK);
            self.rule(RULE, 0.5);
        }
    }

    fn head(&mut self, table: &Table, part: &Part, lines: &[Vec<Line>]) {
        let (page, tall) = (self.page(), height(lines));
        let area = [self.left(), self.y - tall, self.width(), tall];
        self.canvas.fill(page, area, HEAD);
        self.row(table, part, lines, FAINT);
        self.rule(HEAD_RULE, 1.0);
    }

    fn row(&mut self, table: &Table, part: &Part, cells: &[Vec<Line>], ink: Ink) {
        let page = self.page();
        for ((lines, column), (from, to)) in cells.iter().zip(&part.columns).zip(&part.edges) {
            let mut y = self.y - PAD - SIZE * 0.85;
            for line in lines {
                let x = match table.columns[*column].number {
                    true => to - PAD - line.width * SIZE,
                    false => from + PAD,
                };
                self.canvas.write(page, line, (x, y), SIZE, ink);
                y -= LEADING;
            }
        }
        self.y -= height(cells);
    }

    fn rule(&mut self, ink: Ink, thick: f32) {
        let (page, area) = (self.page(), [self.left(), self.y, self.width(), thick]);
        self.canvas.fill(page, area, ink);
    }
}

impl Part {
    fn new(columns: Vec<usize>, shares: &[f32], left: f32) -> Part {
        let mut from = left;
        let edges = shares.iter().map(|share| {
            let edge = (from, from + share);
            from = edge.1;
            edge
        });
        Part {
            edges: edges.collect(),
            columns,
        }
    }

    fn lines<'a>(
        &self,
        document: &mut Document,
        cell: impl Fn(usize) -> &'a str,
        weight: Weight,
    ) -> Vec<Vec<Line>> {
        let columns = self.columns.iter().zip(&self.edges);
        columns
            .map(|(number, (from, to))| {
                let room = (to - from - 2.0 * PAD) / SIZE;
                match cell(*number) {
                    "" => Vec::new(),
                    text => wrap(&mut document.shaper, text, weight, room, LINES),
                }
            })
            .collect()
    }
}

fn height(cells: &[Vec<Line>]) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    lines as f32 * LEADING + 2.0 * PAD - (LEADING - SIZE)
}
