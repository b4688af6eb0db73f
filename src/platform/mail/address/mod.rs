//! E-mail addresses as people type them, validated and comparable.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;
const MAX_NAME: usize = 200;

/// An address that a mail server can be given: the local part as typed, the domain in lower-case ASCII.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(lettre::Address);

/// Why a text is not an address, as a sentence for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("An e-mail address looks like name@example.com.")]
    Malformed,
    #[error("The part before the @ is not valid in an e-mail address.")]
    Local,
    #[error("The part after the @ is not a domain name.")]
    Domain,
    #[error("An e-mail address has at most 254 characters.")]
    TooLong,
}

impl Address {
    /// Reads an address, turning an international domain into the ASCII form that mail servers understand.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        // Checked before any work, so that a megabyte in a form field costs nothing.
        if text.len() > 4 * MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Malformed);
        }
        let local: String = local.nfc().collect();
        if local.len() > MAX_LOCAL || local.chars().any(char::is_control) {
            return Err(AddressError::Local);
        }
        let domain = ascii_domain(domain).ok_or(AddressError::Domain)?;
        let address = lettre::Address::new(local, domain).map_err(|error| match error {
            lettre::address::AddressError::InvalidUser => AddressError::Local,
            lettre::address::AddressError::InvalidDomain => AddressError::Domain,
            _ => AddressError::Malformed,
        })?;
        let text: &str = address.as_ref();
        if text.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        Ok(Self(address))
    }

    /// What two spellings of one address have in common: use it to compare, to look up and to suppress.
    pub fn key(&self) -> String {
        format!("{}@{}", self.0.user().to_lowercase(), self.0.domain())
    }

    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// Whether a server has to speak SMTPUTF8 to take it.
    pub fn is_international(&self) -> bool {
        !self.as_str().is_ascii()
    }

    pub(super) fn lettre(&self) -> lettre::Address {
        self.0.clone()
    }
}

/// Lower-cased and, for an international name, in its `xn--` form. IP addresses are no domain for mail here.
fn ascii_domain(domain: &str) -> Option<String> {
    // `Host::parse` would decode percent signs; a domain has none.
    if domain.contains(['%', '[', ']']) {
        return None;
    }
    match url::Host::parse(domain.trim_end_matches('.')).ok()? {
        url::Host::Domain(domain) => Some(domain),
        url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Debug output reaches logs, and logs hold no addresses.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…@{})", self.domain())
    }
}

/// An address with the name to show beside it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mailbox {
    name: Option<String>,
    address: Address,
}

impl Mailbox {
    /// Keeps of the name what fits on one header line: no control characters, one space between words.
    pub fn new(name: Option<&str>, address: Address) -> Self {
        let name = name
            .map(|name| single_line(name, MAX_NAME))
            .filter(|name| !name.is_empty());
        Self { name, address }
    }

    /// Reads `Name <name@example.com>` or a bare address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let Some((name, rest)) = text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) else {
            return Ok(Self::new(None, Address::parse(text)?));
        };
        let name = name.trim();
        let name = name
            .strip_prefix('"')
            .and_then(|n| n.strip_suffix('"'))
            .unwrap_or(name);
        Ok(Self::new(Some(name), Address::parse(rest)?))
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn lettre(&self) -> lettre::message::Mailbox {
        lettre::message::Mailbox::new(self.name.clone(), self.address.lettre())
    }
}

impl FromStr for Mailbox {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl From<Address> for Mailbox {
    fn from(address: Address) -> Self {
        Self {
            name: None,
            address,
        }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox({:?})", self.address)
    }
}

/// One line of at most `max` characters: control characters and runs of white space become single spaces.
pub(super) fn single_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * max));
    let spaced = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in spaced.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(max) {
        Some((end, _)) => line[..end].trim_end().to_owned(),
        None => line,
    }
}
