//! Things in an order that people choose: the step that is asked for, and the places that are kept.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::db::Tx;
use crate::error::Result;

/// A step up (-1) or down (1).
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct Shift {
    #[validate(range(min = -1, max = 1, message = "A step is -1 or 1."))]
    pub by: i32,
}

/// Writes the places, from 1, into the column `position` of a table.
pub fn arrange(tx: &mut Tx, table: &'static str, order: &[Uuid]) -> Result<()> {
    sql_query(format!(
        "update {table} t set position = o.place::int from unnest($1) with ordinality o (id, place) \
         where t.id = o.id and t.position is distinct from o.place::int"
    ))
    .bind::<Array<SqlUuid>, _>(order)
    .execute(&mut **tx)?;
    Ok(())
}

/// Moves one of them by a step; gives its place before and after where it could move.
pub fn shift(
    tx: &mut Tx,
    table: &'static str,
    mut order: Vec<Uuid>,
    one: Uuid,
    by: i32,
) -> Result<Option<(usize, usize)>> {
    let from = order.iter().position(|id| *id == one);
    let to = from.and_then(|from| shifted(from, by, order.len()));
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(None);
    };
    order.swap(from, to);
    arrange(tx, table, &order)?;
    Ok(Some((from + 1, to + 1)))
}

/// The place one up or down, if there is one.
fn shifted(from: usize, by: i32, len: usize) -> Option<usize> {
    let to = from.checked_add_signed(by.signum() as isize)?;
    (to < len && to != from).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::shifted;

    #[test]
    fn a_step_stays_within_the_list() {
        assert_eq!(shifted(0, -1, 3), None);
        assert_eq!(shifted(0, 1, 3), Some(1));
        assert_eq!(shifted(2, 1, 3), None);
        assert_eq!(shifted(2, -1, 3), Some(1));
        assert_eq!(shifted(1, 0, 3), None);
    }
}
