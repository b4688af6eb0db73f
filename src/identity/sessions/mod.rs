//! Signing in and out.

mod credentials;
mod device;
mod handlers;
mod journal;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub use credentials::verify;
pub use device::{Device, end_all};
pub use journal::{Outcome, log, log_of};

pub fn routes(r: &mut Routes) {
    r.get("/", handlers::start)
        .get("/login", handlers::new)
        .post("/login", handlers::create)
        .post("/logout", handlers::destroy)
        .post("/api/v1/auth/token", handlers::token)
        .takes::<credentials::Credentials>()
        .shows::<handlers::Tokens>()
        .post("/api/v1/auth/refresh", handlers::refresh)
        .takes::<handlers::Refresh>()
        .shows::<handlers::Tokens>();
}
