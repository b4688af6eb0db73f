//! Is the first row a header, and what are its columns called.

use std::collections::HashSet;

use csv::StringRecord;

use super::guard::unguard;
use super::values::{self, Shape};

/// Without signs to the contrary the first row is taken for a header, as it nearly always is.
pub fn is_header(rows: &[StringRecord]) -> bool {
    let Some((first, rest)) = rows.split_first() else {
        return true;
    };
    let shapes: Vec<Shape> = first.iter().map(name_shape).collect();
    if shapes
        .iter()
        .any(|shape| matches!(shape, Shape::Email | Shape::Url))
    {
        return false;
    }
    let typed = |shape: &Shape| !matches!(shape, Shape::Text | Shape::Empty);
    let (mut same, mut differs) = (0, 0);
    for (column, shape) in shapes.iter().enumerate() {
        if column_is_typed(rest, column) {
            if typed(shape) {
                same += 1;
            } else {
                differs += 1;
            }
        }
    }
    let all_typed = shapes.iter().any(typed) && !shapes.contains(&Shape::Text);
    same <= differs && !all_typed
}

fn shape(cell: &str) -> Shape {
    values::shape(unguard(cell))
}

/// Years are names as often as numbers: `Revenue, 2023, 2024`.
fn name_shape(cell: &str) -> Shape {
    match cell.trim().parse() {
        Ok(1900..=2100) => Shape::Text,
        _ => shape(cell),
    }
}

fn column_is_typed(rows: &[StringRecord], column: usize) -> bool {
    let filled = rows
        .iter()
        .filter_map(|row| row.get(column))
        .map(shape)
        .filter(|shape| *shape != Shape::Empty);
    let (mut all, mut typed) = (0, 0);
    for shape in filled {
        all += 1;
        typed += usize::from(shape != Shape::Text);
    }
    all > 0 && typed * 5 >= all * 4
}

/// One distinct, printable name per column.
pub fn names<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for (index, cell) in cells.enumerate() {
        let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = if cell.is_empty() {
            format!("Column {}", index + 1)
        } else {
            cell
        };
        names.push(distinct(name, &mut taken));
    }
    names
}

fn distinct(name: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(name.clone()) {
        return name;
    }
    let mut number = 2;
    loop {
        let next = format!("{name} ({number})");
        if taken.insert(next.clone()) {
            return next;
        }
        number += 1;
    }
}
