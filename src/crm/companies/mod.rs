//! Companies.

use platform::records::kinds::Kind;
use platform::web::Routes;
use platform::web::shell::NavItem;

pub const KIND: Kind = crate::routes::kind(
    "company",
    ["company", "companies"],
    "companies",
    "building-2",
);
pub const NAV: NavItem =
    crate::routes::nav("CRM", "Companies", "/companies", "building-2", "companies");

pub fn routes(_: &mut Routes) {}
