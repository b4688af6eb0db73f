//! From the request to the answer: guards, forms, pages, routes, and the middleware around them.

pub mod access;
pub mod app;
pub mod assets;
pub mod can;
mod cors;
pub mod download;
mod failure;
pub mod fields;
pub mod filters;
pub mod form;
pub mod help;
pub mod id;
pub mod idempotency;
pub mod kept;
pub mod limits;
pub mod link;
pub mod meters;
pub mod middleware;
pub mod navigation;
pub mod openapi;
pub mod page;
pub mod request;
pub mod routes;
pub mod server;
pub mod session;
pub mod shell;

pub use app::App;
pub use can::{Action, Can, Developer, Guard, Machine, Public, Resource, SignedIn};
pub use form::Form;
pub use id::Id;
pub use navigation::NavEntry;
pub use page::{Page, View};
pub use routes::Routes;
pub use shell::{Crumb, Toast};
