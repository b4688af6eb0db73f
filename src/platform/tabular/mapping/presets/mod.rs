//! The columns of other programs' exports, as their public documentation names them.

mod google;
mod hubspot;
mod nexus;
mod outlook;
mod pipedrive;
mod salesforce;
mod zendesk;
mod zoho;

use super::headers::Header;
use super::synonyms::canonical;

/// A program's export: what gives it away, and which of its columns is which field, best first.
pub struct Preset {
    pub name: &'static str,
    /// Each set of columns is enough to recognise it.
    signatures: &'static [&'static [&'static str]],
    columns: &'static [(&'static str, &'static [&'static str])],
    /// Kept by the program for itself; of no use elsewhere.
    ignored: &'static [&'static str],
}

impl Preset {
    /// How far down a field is in the list of what a column is good for; 0 is best.
    pub fn rank(&self, header: &Header, key: &str) -> Option<usize> {
        let (_, keys) = self.columns.iter().find(|(name, _)| is(header, name))?;
        keys.iter().position(|known| *known == canonical(key))
    }

    pub fn ignores(&self, header: &Header) -> bool {
        self.ignored.iter().any(|name| is(header, name))
    }
}

/// The first preset one of whose signatures is wholly in the header.
pub fn recognise(header: &[String]) -> Option<&'static Preset> {
    let has = |name: &&str| {
        header
            .iter()
            .any(|column| column.trim().eq_ignore_ascii_case(name))
    };
    PRESETS.into_iter().find(|preset| {
        preset
            .signatures
            .iter()
            .any(|signature| signature.iter().all(&has))
    })
}

fn is(header: &Header, name: &str) -> bool {
    header.label.trim().eq_ignore_ascii_case(name)
}

/// In this order: the later ones have plainer signatures.
const PRESETS: [&Preset; 11] = [
    &google::PRESET,
    &pipedrive::PRESET,
    &zoho::PRESET,
    &hubspot::PRESET,
    &salesforce::PRESET,
    &outlook::PRESET,
    &zendesk::PRESET,
    &nexus::CONTACTS,
    &nexus::COMPANIES,
    &nexus::DEALS,
    &nexus::TASKS,
];
