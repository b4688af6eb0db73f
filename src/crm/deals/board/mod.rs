//! The board: a column for each stage, with its cards and what they add up to.

mod cards;
mod columns;
pub mod handlers;
