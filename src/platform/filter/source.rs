//! Where a field's values are. All SQL in here is written in the program; what people write is bound.

use uuid::Uuid;

/// The place of a field's values.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A column, or an expression in parentheses.
    Column { sql: &'static str, stored: Stored },
    /// One key of a jsonb column, and the field by whose id the values are kept in `custom_values` too, where they are.
    Custom {
        column: &'static str,
        key: String,
        kept: Option<Uuid>,
    },
    /// A column of rows that belong to the record.
    Related {
        from: &'static str,
        on: &'static str,
        of: Box<Source>,
    },
    /// Rows that tell that something happened.
    Behaviour {
        from: &'static str,
        on: &'static str,
        at: &'static str,
    },
}

/// What a column promises beyond its field's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    Plain,
    /// Text in lower case.
    Folded,
    /// An integer of any size, counting the field's last decimal.
    Whole,
    /// An id, of a row that is chosen as one of a few.
    Id,
}

impl Source {
    pub fn column(sql: &'static str) -> Self {
        Self::Column {
            sql,
            stored: Stored::Plain,
        }
    }

    /// The same place with what its column promises; a custom value promises nothing.
    pub fn of(self, stored: Stored) -> Self {
        match self {
            Self::Column { sql, .. } => Self::Column { sql, stored },
            Self::Related { from, on, of } => Self::Related {
                from,
                on,
                of: Box::new(of.of(stored)),
            },
            other => other,
        }
    }
}
