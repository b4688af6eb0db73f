//! What other kinds of record are filtered and listed by of the company that they belong to.

use platform::filter::{Field, FieldType};

use super::choices::CompanyKind;

/// `of` says which company is theirs: `companies.workspace_id = … and companies.id = …`.
pub fn related(of: &'static str) -> [Field; 3] {
    use FieldType::*;
    let field =
        |key, label, kind, column| Field::related(key, label, kind, "companies", of, column);
    [
        field("company.name", "Company name", Text, "companies.name"),
        field(
            "company.industry",
            "Company industry",
            Text,
            "companies.industry",
        ),
        field("company.kind", "Company type", Choice, "companies.kind")
            .choices(CompanyKind::options()),
    ]
}
