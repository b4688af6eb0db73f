//! Exports of our own lists, of each kind of record.

use super::Preset;

const NAME: &str = "Nexus";

pub const CONTACTS: Preset = Preset {
    name: NAME,
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
        "Nexus ID",
    ],
};

pub const COMPANIES: Preset = Preset {
    name: NAME,
    signatures: &[
        &["Name", "Type", "Tier", "Industry"],
        &["Name", "Domain", "Tier", "Engagement"],
    ],
    columns: &[
        ("Name", &["full_name"]),
        ("Type", &["kind"]),
        ("Postcode", &["postal_code"]),
        ("Parent company", &["parent"]),
        ("Description", &["notes"]),
        ("Nexus ID", &["id"]),
    ],
    ignored: &["Created", "Changed"],
};

pub const DEALS: Preset = Preset {
    name: NAME,
    signatures: &[
        &["Name", "Stage", "Amount", "Expected close"],
        &["Name", "Stage", "Pipeline", "Days in stage"],
        &["Name", "Stage", "Company", "Days in stage"],
    ],
    columns: &[
        ("Name", &["full_name"]),
        ("Stage", &["stage"]),
        ("Company", &["company"]),
        ("Primary contact", &["contact"]),
        ("Type", &["kind"]),
        ("Source", &["lead_source"]),
        ("Description", &["notes"]),
        ("Nexus ID", &["id"]),
    ],
    // The stage says whether it is won or lost, and when it came there is for the log to know.
    ignored: &[
        "Status",
        "Days in stage",
        "Stage since",
        "Closed",
        "Created",
        "Changed",
    ],
};

pub const TASKS: Preset = Preset {
    name: NAME,
    signatures: &[
        &["Name", "Status", "Due", "Priority"],
        &["Name", "Due", "Assignee", "About"],
    ],
    columns: &[
        ("Name", &["full_name"]),
        ("Status", &["done"]),
        ("Due", &["due"]),
        ("Type", &["kind"]),
        ("Assignee", &["owner"]),
        ("About", &["about"]),
        ("Reminder", &["remind_at"]),
        ("Description", &["notes"]),
        ("Nexus ID", &["id"]),
    ],
    // The rule by which a task repeats is exported in words for people.
    ignored: &["Repeats", "Done", "Done by", "Created", "Changed"],
};
