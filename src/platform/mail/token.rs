//! Tokens that let a recipient open, click and unsubscribe without signing in.

use base64::prelude::*;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

const BODY: usize = 33;
const TAG: usize = 16;

/// How many characters a token has in a URL.
pub const TOKEN_LENGTH: usize = (BODY + TAG) * 4 / 3 + 1;

/// Whom a link in a mail speaks for. It carries its workspace, so that it needs no look-up outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    pub workspace: Uuid,
    /// The row of the mail that was sent: a campaign's recipient, a sequence's step, and so on.
    pub recipient: Uuid,
    pub purpose: Purpose,
}

/// Which table the recipient is a row of. The numbers are in mails that people have: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    Campaign = 1,
    Sequence = 2,
    /// Asks a form's visitor to confirm the address.
    Confirmation = 3,
    /// A mail of its own, such as a test send.
    Single = 4,
}

/// The key that tokens are signed with; ready for use, so that a token costs one pass of the hash.
#[derive(Clone)]
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    /// Derives the key from the application's secret, apart from all its other uses.
    pub fn derive(secret: &[u8]) -> Self {
        let mut root = keyed(secret);
        root.update(b"nexus mail token v1");
        Self(keyed(&root.finalize().into_bytes()))
    }

    pub fn sign(&self, token: &Token) -> String {
        let mut text = String::with_capacity(TOKEN_LENGTH);
        let mut bytes = [0; BODY + TAG];
        bytes[..BODY].copy_from_slice(&token.body());
        let tag = self.tag(&bytes[..BODY]).finalize().into_bytes();
        bytes[BODY..].copy_from_slice(&tag[..TAG]);
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }

    /// The token, if this key has signed it. Takes the same time whatever is wrong with the signature.
    pub fn verify(&self, text: &str) -> Option<Token> {
        if text.len() != TOKEN_LENGTH {
            return None;
        }
        let mut bytes = [0; BODY + TAG];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let (body, tag) = bytes.split_at(BODY);
        self.tag(body).verify_truncated_left(tag).ok()?;
        Token::from_body(body)
    }

    fn tag(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(body);
        mac
    }
}

impl Token {
    fn body(&self) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[..16].copy_from_slice(self.workspace.as_bytes());
        body[16..32].copy_from_slice(self.recipient.as_bytes());
        body[32] = self.purpose as u8;
        body
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        Some(Self {
            workspace: Uuid::from_slice(&body[..16]).ok()?,
            recipient: Uuid::from_slice(&body[16..32]).ok()?,
            purpose: match body[32] {
                1 => Purpose::Campaign,
                2 => Purpose::Sequence,
                3 => Purpose::Confirmation,
                4 => Purpose::Single,
                _ => return None,
            },
        })
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> Token {
        Token {
            workspace: Uuid::from_u128(7),
            recipient: Uuid::from_u128(42),
            purpose: Purpose::Campaign,
        }
    }

    #[test]
    fn a_signed_token_comes_back_and_fits_a_url() {
        let key = TokenKey::derive(b"secret");
        for purpose in [
            Purpose::Campaign,
            Purpose::Sequence,
            Purpose::Confirmation,
            Purpose::Single,
        ] {
            let token = Token { purpose, ..token() };
            let text = key.sign(&token);
            assert_eq!(key.verify(&text), Some(token));
            assert_eq!(text.len(), TOKEN_LENGTH);
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
        }
    }

    #[test]
    fn another_key_signs_differently() {
        let text = TokenKey::derive(b"one").sign(&token());
        assert_eq!(TokenKey::derive(b"two").verify(&text), None);
    }

    #[test]
    fn no_character_can_be_changed() {
        let key = TokenKey::derive(b"secret");
        let text = key.sign(&token());
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                key.verify(std::str::from_utf8(&changed).unwrap()),
                None,
                "at {at}"
            );
        }
        assert_eq!(key.verify(&text[1..]), None);
        assert_eq!(key.verify(&format!("{text}A")), None);
    }

    proptest! {
        #[test]
        fn nothing_made_up_is_accepted(text in "\\PC{0,80}|[A-Za-z0-9_-]{66}") {
            prop_assert_eq!(TokenKey::derive(b"secret").verify(&text), None);
        }
    }
}
