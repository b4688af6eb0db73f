//! Exports of HubSpot.

use super::Preset;

pub const PRESET: Preset = Preset {
    name: "HubSpot",
    signatures: &[
        &["Record ID", "Lifecycle Stage"],
        &["Record ID", "Contact owner"],
        &["Record ID", "Company owner"],
        &["Record ID", "Lead Status"],
        &["Record ID", "Associated Company"],
        &["Email", "Marketing contact status"],
    ],
    columns: &[
        ("Record ID", &["external_id"]),
        ("Phone Number", &["phone"]),
        ("Mobile Phone Number", &["mobile", "phone_2", "phone"]),
        ("Contact owner", &["owner"]),
        ("Company owner", &["owner"]),
        ("Associated Company", &["company"]),
        ("Company Name", &["company", "full_name"]),
        ("Street Address", &["street"]),
        ("Street Address 2", &["street_2"]),
        ("State/Region", &["region"]),
        ("Country/Region", &["country"]),
        ("Original Source", &["lead_source"]),
        ("Original Traffic Source", &["lead_source"]),
        ("Website URL", &["website"]),
        ("Company Domain Name", &["domain", "website"]),
        ("Unsubscribed from all email", &["email_opt_out"]),
        ("Message", &["notes"]),
    ],
    ignored: &[
        "Associated Company IDs",
        "Associated Contact IDs",
        "Associated Deal IDs",
        "Associated Note IDs",
        "Marketing contact status",
        "Last Activity Date",
        "Create Date",
        "Last Modified Date",
        "Original Source Drill-Down 1",
        "Original Source Drill-Down 2",
        "Number of Associated Deals",
    ],
};
