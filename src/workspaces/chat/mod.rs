//! Team chat: channels, conversations between a few, and one on any record (CRM-15).

mod beside;
mod channel;
mod channels;
mod conversation;
mod demo;
mod direct;
mod discussion;
mod finding;
mod handlers;
mod lines;
mod message;
mod messages;
mod shown;
mod telling;
#[cfg(test)]
mod tests;

use platform::web::Routes;
use platform::web::help::Topic;
use platform::web::navigation::NavItem;

pub use beside::beside;
pub use demo::demo;
pub use telling::{ROOM, live};

/// The element that counts what is unread, and where it is asked for.
const COUNT: (&str, &str) = ("chat-count", "/chat/unread");

pub const NAV: NavItem = NavItem {
    keys: "g x",
    count: Some(COUNT),
    ..crate::routes::nav("", "Chat", "/chat", "message-square", "chat")
};

pub const HELP: &[Topic] = &[crate::routes::topic(
    "chat",
    "Everyday",
    "message-square",
    &["/chat", "/channels"],
    "chat",
    include_str!("help.md"),
)];

pub fn routes(r: &mut Routes) {
    r.get("/chat", handlers::index)
        .get("/chat/unread", handlers::unread)
        .get("/chat/search", finding::index)
        .get("/chat/direct/new", direct::new)
        .post("/chat/direct", direct::create)
        .get("/chat/{id}", handlers::show)
        .get("/chat/{id}/messages", messages::index)
        .post("/chat/{id}/messages", messages::create)
        .get("/chat/{id}/messages/{message}", messages::show)
        .get("/chat/{id}/messages/{message}/edit", messages::edit)
        .patch("/chat/{id}/messages/{message}", messages::update)
        .delete("/chat/{id}/messages/{message}", messages::remove);
    r.get("/channels", channels::index)
        .post("/channels", channels::create)
        .get("/channels/new", channels::new)
        .get("/channels/{id}", channels::show)
        .get("/channels/{id}/edit", channels::edit)
        .patch("/channels/{id}", channels::update)
        .delete("/channels/{id}", channels::archive)
        .post("/channels/{id}/restoration", channels::restore)
        .delete("/channels/{id}/membership", channels::leave);
    r.get("/records/{kind}/{id}/discussion", discussion::show)
        .post("/records/{kind}/{id}/discussion", discussion::create);
}
