//! Exports of Zendesk's users.

use super::Preset;

pub const PRESET: Preset = Preset {
    name: "Zendesk",
    signatures: &[
        &["name", "email", "organization", "role", "external_id"],
        &["name", "email", "role", "time_zone", "restricted_agent"],
        &["id", "name", "email", "role", "organization_id"],
    ],
    columns: &[
        ("id", &["external_id"]),
        ("external_id", &["external_id"]),
        ("name", &["full_name"]),
        ("organization", &["company"]),
        ("details", &["notes"]),
        ("notes", &["notes"]),
        ("locale", &["language"]),
    ],
    ignored: &[
        "url",
        "role",
        "role_type",
        "custom_role_id",
        "restricted_agent",
        "ticket_restriction",
        "only_private_comments",
        "organization_id",
        "default_group_id",
        "created_at",
        "updated_at",
        "last_login_at",
        "two_factor_auth_enabled",
        "shared",
        "shared_agent",
        "suspended",
        "moderator",
        "active",
        "verified",
        "signature",
        "photo",
    ],
};
