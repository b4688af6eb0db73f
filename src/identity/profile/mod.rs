//! What is one's own: name, looks, password, devices.

mod devices;
mod form;
mod handlers;
mod password;
#[cfg(test)]
mod tests;

use platform::web::{Crumb, Routes};

pub use form::is_zone;

pub fn routes(r: &mut Routes) {
    r.get("/profile", handlers::edit)
        .patch("/profile", handlers::update)
        .post("/profile/theme", handlers::theme)
        .get("/profile/password", password::edit)
        .put("/profile/password", password::update)
        .get("/profile/devices", devices::index)
        .delete("/profile/devices", devices::destroy_others)
        .delete("/profile/devices/{id}", devices::destroy);
}

fn crumbs(here: &str) -> Vec<Crumb> {
    vec![Crumb::to("Profile", "/profile"), Crumb::here(here)]
}
