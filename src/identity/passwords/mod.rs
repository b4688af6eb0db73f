//! Passwords: their rules, and the links by which a lost one is reset and a first one is set.

mod breached;
mod handlers;
mod mail;
pub mod password;
pub mod rules;
#[cfg(test)]
mod tests;
mod token;

use platform::web::Routes;

pub use mail::{SendInvitation, SendReset};

pub fn routes(r: &mut Routes) {
    r.get("/password", handlers::new)
        .post("/password", handlers::create)
        .get("/password/{token}", handlers::edit)
        .post("/password/{token}", handlers::update);
}
