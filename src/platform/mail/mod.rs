//! Mail from template to wire: content, addresses, transports and the record of what left the building.
//!
//! A transactional mail is an [`Outgoing`] whose bytes go through a [`Transport`]; a campaign compiles its content
//! once and fills in one mail after another. Nothing here knows the database: callers bring ids and contexts, and
//! keep what happened.

pub mod address;
pub mod campaign;
pub mod delivery;
pub mod fence;
mod header;
pub mod journal;
pub mod mailbox;
pub mod message;
pub mod outbound;
mod qp;
#[cfg(debug_assertions)]
pub mod sink;
pub mod smtp;
pub mod template;
pub mod token;
pub mod transport;

pub use address::{Address, AddressError, Mailbox};
pub use campaign::{Campaign, Recipient, Sender};
pub use delivery::{Delivery, Envelope};
pub use journal::Journal;
pub use mailbox::LocalMailbox;
pub use message::{ListId, MessageError, Outgoing, message_id};
pub use outbound::Outbound;
pub use smtp::{SmtpPool, SmtpUrl};
pub use template::{CompiledTemplate, Links, Rendered, TemplateError};
pub use token::{Purpose, Token, TokenKey};
pub use transport::Transport;
