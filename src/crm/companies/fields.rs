//! What companies are filtered, sorted and listed by.

use platform::filter::{Field, FieldType};
use platform::records::list::Sort;

use super::choices::{CompanyKind, Engagement, Status, Tier};

pub fn fields() -> Vec<Field> {
    use FieldType::*;
    vec![
        Field::column("name", "Name", Text, "companies.name"),
        Field::column("domain", "Domain", Text, "companies.domain").folded(),
        Field::column("kind", "Type", Choice, "companies.kind").choices(CompanyKind::options()),
        Field::column("status", "Status", Choice, "companies.status").choices(Status::options()),
        Field::column("tier", "Tier", Choice, "companies.tier").choices(Tier::options()),
        Field::column("engagement", "Engagement", Choice, "companies.engagement")
            .choices(Engagement::options()),
        Field::column("industry", "Industry", Text, "companies.industry"),
        Field::column("employees", "Employees", Number, "companies.employees").whole(),
        Field::column("phone", "Phone", Phone, "companies.phone"),
        Field::column("website", "Website", Url, "companies.website"),
        Field::column(
            "address.street",
            "Street",
            Text,
            "(companies.address ->> 'street')",
        ),
        Field::column(
            "address.postcode",
            "Postcode",
            Text,
            "(companies.address ->> 'postcode')",
        ),
        Field::column(
            "address.city",
            "City",
            Text,
            "(companies.address ->> 'city')",
        ),
        Field::column(
            "address.region",
            "Region",
            Text,
            "(companies.address ->> 'region')",
        ),
        Field::column(
            "address.country",
            "Country",
            Text,
            "(companies.address ->> 'country')",
        ),
        Field::column(
            "parent_id",
            "Parent company",
            Record("company"),
            "companies.parent_id",
        ),
        Field::column("owner_id", "Owner", Person, "companies.owner_id"),
        Field::column("tags", "Tags", Tags, "companies.tags"),
        Field::column(
            "description",
            "Description",
            LongText,
            "companies.description",
        ),
        Field::column("created_at", "Created", DateTime, "companies.created_at"),
        Field::column("updated_at", "Changed", DateTime, "companies.updated_at"),
    ]
}

pub const SORTS: [Sort; 3] = [
    Sort {
        key: "created_at",
        column: "companies.created_at",
        cast: "timestamptz",
    },
    Sort {
        key: "updated_at",
        column: "companies.updated_at",
        cast: "timestamptz",
    },
    Sort {
        key: "name",
        column: "companies.name",
        cast: "text",
    },
];

pub const COLUMNS: [&str; 6] = [
    "kind",
    "tier",
    "industry",
    "domain",
    "owner_id",
    "created_at",
];
