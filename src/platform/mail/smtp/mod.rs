//! Sending over SMTP: a small pool of connections that are kept busy.
//!
//! lettre speaks TLS, AUTH and reads replies; the dialogue for a mail is ours, because lettre's own pool waits some
//! 44 ms a mail for a delayed acknowledgement: here each step is one write on a socket without Nagle's delay.

mod connection;
mod pool;
#[cfg(test)]
mod tests;
mod tls;
mod url;
mod wire;

pub use pool::{Limits, SmtpPool};
pub use url::{Security, SmtpUrl, SmtpUrlError};
