//! Enums that PostgreSQL keeps as text under a check constraint.

/// One choice of an enum as forms, filters and pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Choice {
    pub key: &'static str,
    pub label: &'static str,
}

/// Declares an enum stored as text: `text_enum! { pub enum Stage { Lead => "lead", "Lead"; … } }`.
/// The first variant is the default; the strings are the stored key and the label people see.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident => $key:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $(#[serde(rename = $key)] $variant,)+ }

        impl $name {
            pub const CHOICES: &'static [$crate::db::text_enum::Choice] =
                &[$($crate::db::text_enum::Choice { key: $key, label: $label },)+];

            /// The choices as a select takes them.
            pub fn options() -> Vec<(&'static str, &'static str)> {
                Self::CHOICES.iter().map(|choice| (choice.key, choice.label)).collect()
            }
            pub fn key(self) -> &'static str { match self { $(Self::$variant => $key,)+ } }
            pub fn label(self) -> &'static str { match self { $(Self::$variant => $label,)+ } }
            pub fn parse(key: &str) -> Option<Self> { match key { $($key => Some(Self::$variant),)+ _ => None } }
        }

        impl Default for $name {
            fn default() -> Self { [$(Self::$variant,)+][0] }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.label()) }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.key().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let key = std::str::from_utf8(bytes.as_bytes())?;
                Self::parse(key).ok_or_else(|| format!("{key:?} is no {}", stringify!($name)).into())
            }
        }
    };
}
