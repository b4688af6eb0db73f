//! What readers do with a mail: open it, follow its links, leave. By signed token, without signing in.

mod opens;
mod reader;
mod subscription;
#[cfg(test)]
pub(in crate::marketing) mod tests;

use platform::web::Routes;

/// For anybody.
pub fn routes(r: &mut Routes) {
    r.get("/o/{token}.gif", opens::pixel)
        .get("/t/{token}/{number}", opens::link)
        .get("/unsubscribe/{token}", subscription::show)
        .post("/unsubscribe/{token}", subscription::unsubscribe)
        .post("/unsubscribe/{token}/return", subscription::resubscribe)
        .post("/unsubscribe/{token}/topic", subscription::refuse)
        .get("/preferences/{token}", subscription::show)
        .post("/preferences/{token}", subscription::prefer);
}
