//! What slices put beside any record, above its timeline.

/// A part of what stands beside a record, given by a slice as it looks.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// What there is already, or nothing.
    pub part: String,
    pub composer: Option<Composer>,
}

/// One more way to write something down: a tab of the composer.
#[derive(Clone, Debug)]
pub struct Composer {
    /// The end of its id.
    pub key: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub html: String,
}
