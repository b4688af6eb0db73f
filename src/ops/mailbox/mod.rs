//! `/dev/mailbox`: what was sent, where no mail server is configured.

mod handlers;
#[cfg(test)]
mod tests;

use platform::web::Routes;

pub fn routes(r: &mut Routes) {
    r.get("/dev/mailbox", handlers::index)
        .delete("/dev/mailbox", handlers::clear)
        .get("/dev/mailbox/{id}", handlers::show)
        .get("/dev/mailbox/{id}/html", handlers::html)
        .get("/dev/mailbox/{id}/raw", handlers::raw)
        .get(
            "/dev/mailbox/{id}/attachments/{place}",
            handlers::attachment,
        );
}
