//! Exports of our own lists.

use super::Preset;

pub const PRESET: Preset = Preset {
    name: "Nexus",
    signatures: &[
        &["First name", "Last name", "Stage", "Owner"],
        &["First name", "Last name", "Stage", "Source"],
        &["First name", "Last name", "Stage since"],
    ],
    columns: &[
        ("Stage", &["lifecycle_stage"]),
        ("Source", &["lead_source"]),
        ("Description", &["notes"]),
    ],
    // What comes about by itself, and consent, which is given and not filed.
    ignored: &[
        "Role there",
        "Score",
        "Temperature",
        "Consent to e-mail",
        "Consent to SMS",
        "Consent to calls",
        "Created",
        "Changed",
        "Stage since",
        "Last activity",
    ],
};
