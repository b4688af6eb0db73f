//! PostgreSQL: the private one, the pool, the migrations, and the tenant transaction.

mod condition;
pub mod embedded;
pub mod fixed;
pub mod json;
pub mod migrate;
mod named;
pub mod pool;
mod settings;
mod statement;
pub mod text_enum;
pub mod tx;

pub use crate::config::Database;
pub(crate) use condition::condition;
pub use fixed::{Fixed, fixed};
pub use json::Json;
pub use pool::{Pool, Pooled};
pub use statement::Statement;
pub use tx::{Origin, Scope, Tx};
