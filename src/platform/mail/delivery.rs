//! Who a mail goes to, and what became of it.

use super::Address;

/// The sender and the one recipient that the server is told.
///
/// One recipient an envelope: so each mail has exactly one outcome. The same bytes may go out in several envelopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub from: Address,
    pub to: Address,
}

/// What became of one attempt to hand over one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took responsibility for it.
    Accepted { reply: String },
    /// The server refused it. Its words may quote the address: keep them with the recipient, out of the logs.
    Rejected {
        code: u16,
        permanent: bool,
        text: String,
    },
    /// The mail left, and no answer came: it may or may not have been accepted.
    Unanswered,
    /// Nothing left: no connection, or it broke before the mail's content was sent. Safe to try again.
    Unreachable { reason: String },
}

impl Delivery {
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Whether a later attempt can neither double the mail nor is known to be in vain.
    pub fn may_retry(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Rejected {
                    permanent: false,
                    ..
                }
        )
    }
}
