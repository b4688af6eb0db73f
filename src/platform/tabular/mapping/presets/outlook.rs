//! Exports of Outlook.

use super::Preset;

pub const PRESET: Preset = Preset {
    name: "Outlook",
    signatures: &[
        &[
            "First Name",
            "Last Name",
            "E-mail Address",
            "Business Phone",
        ],
        &[
            "First Name",
            "Last Name",
            "E-mail Address",
            "E-mail Display Name",
        ],
    ],
    columns: &[
        ("Title", &["salutation"]),
        ("E-mail Address", &["email"]),
        ("E-mail 2 Address", &["email_2"]),
        ("E-mail 3 Address", &["email_3"]),
        ("Business Phone", &["phone"]),
        ("Mobile Phone", &["mobile", "phone_2", "phone"]),
        ("Home Phone", &["phone_2"]),
        ("Company", &["company"]),
        ("Business Street", &["street"]),
        ("Business City", &["city"]),
        ("Business State", &["region"]),
        ("Business Postal Code", &["postal_code"]),
        ("Business Country/Region", &["country"]),
        ("Web Page", &["website"]),
        ("Categories", &["tags"]),
    ],
    ignored: &[
        "E-mail Type",
        "E-mail Display Name",
        "E-mail 2 Type",
        "E-mail 2 Display Name",
        "E-mail 3 Type",
        "E-mail 3 Display Name",
        "Initials",
        "Priority",
        "Private",
        "Sensitivity",
    ],
};
