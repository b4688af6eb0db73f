//! What every slice borrows; it knows no domain.
