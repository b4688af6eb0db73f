//! How wide the columns of a table are, by what stands in them, and which of them fit beside each other.

use super::fonts::Weight;
use super::shaping::Shaper;
use super::table::{PAD, SIZE, Table};
use super::wrapping::longest;

/// So many rows are measured, from all over the table.
const MEASURED: usize = 300;
/// One cell in so many may take a second line.
const FEW: usize = 20;
/// No column asks for more than this, and none needs more than that.
const MOST: f32 = 190.0;
const ENOUGH: f32 = 100.0;
const LEAST: f32 = 26.0;

/// What a column would like and what it needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Want {
    pub natural: f32,
    pub least: f32,
}

pub fn wants(shaper: &mut Shaper, table: &Table) -> Vec<Want> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(index, column)| {
            let (cells, word) = measured(shaper, table, index);
            let mut label = |text: &str| shaper.line(text, Weight::Bold).width * SIZE + 0.5;
            let natural = cells.max(label(&column.label)).clamp(LEAST, MOST);
            let least = word.max(label(longest(&column.label)));
            Want {
                natural: natural + 2.0 * PAD,
                least: least.clamp(LEAST, ENOUGH).min(natural) + 2.0 * PAD,
            }
        })
        .collect()
}

/// How wide most cells of a column are, and its longest word.
fn measured(shaper: &mut Shaper, table: &Table, column: usize) -> (f32, f32) {
    let step = table.rows.len().div_ceil(MEASURED).max(1);
    let rows = table.rows.iter().step_by(step);
    let (mut widths, mut word) = (Vec::with_capacity(MEASURED), "");
    for cell in rows.filter_map(|row| row.get(column)) {
        // Nobody sees the end of a cell that is wider than the widest column.
        let begins = cell.get(..120).unwrap_or(cell);
        widths.push(shaper.line(begins, Weight::Regular).width * SIZE + 0.5);
        let long = longest(cell);
        if long.len() > word.len() {
            word = long;
        }
    }
    widths.sort_by(f32::total_cmp);
    let most = widths.len().saturating_sub(widths.len() / FEW + 1);
    let most = widths.get(most).copied().unwrap_or_default();
    (most, shaper.line(word, Weight::Regular).width * SIZE + 0.5)
}

/// The columns, by their numbers, that stand beside each other: all, or where there is no room for all some at a time, each
/// time behind the first `kept`.
pub fn sheets(wants: &[Want], kept: usize, width: f32) -> Vec<Vec<usize>> {
    let needed = |numbers: &[usize]| -> f32 { numbers.iter().map(|n| wants[*n].least).sum() };
    let mut first: Vec<usize> = (0..kept.min(wants.len())).collect();
    if needed(&first) > width / 2.0 {
        first.clear();
    }
    let mut sheets = Vec::new();
    let mut sheet = first.clone();
    for (number, want) in wants.iter().enumerate().skip(first.len()) {
        let full = needed(&sheet) + want.least > width;
        if full && sheet.len() > first.len() {
            sheets.push(std::mem::replace(&mut sheet, first.clone()));
        }
        sheet.push(number);
    }
    sheets.push(sheet);
    sheets
}

/// What each gets of the width.
pub fn shares(wants: &[Want], width: f32) -> Vec<f32> {
    let natural: f32 = wants.iter().map(|want| want.natural).sum();
    let least: f32 = wants.iter().map(|want| want.least).sum();
    if natural <= width {
        let stretched = width / natural.max(1.0);
        return wants.iter().map(|want| want.natural * stretched).collect();
    }
    if least >= width {
        let shrunk = width / least;
        return wants.iter().map(|want| want.least * shrunk).collect();
    }
    // Who wants little gets it; the others are cut to the same width.
    let given = |most: f32| {
        let share = move |want: &Want| want.natural.min(most).max(want.least);
        wants.iter().map(share)
    };
    let (mut low, mut high) = (0.0, width);
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        match given(middle).sum::<f32>() > width {
            true => high = middle,
            false => low = middle,
        }
    }
    given(low).collect()
}
