//! Signing in and out.

mod credentials;
mod handlers;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub fn routes(r: &mut Routes) {
    r.get("/", handlers::start)
        .get("/login", handlers::new)
        .post("/login", handlers::create)
        .post("/logout", handlers::destroy)
        .post("/api/v1/auth/token", handlers::token)
        .post("/api/v1/auth/refresh", handlers::refresh);
}
