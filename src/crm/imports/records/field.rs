//! A field that a column can go to, and how a cell of it gets into the form.

use platform::db::text_enum::Choice;
use platform::tabular::mapping::{Kind, Target};

#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub key: &'static str,
    label: &'static str,
    /// What other programs call it.
    aliases: &'static [&'static str],
    pub to: To,
}

/// Where a cell goes; the names are those of fields of the form.
#[derive(Clone, Copy, Debug)]
pub enum To {
    /// As it stands.
    Text(&'static str),
    /// Below what other columns gave already.
    Lines(&'static str),
    /// Behind what other columns gave already, with a comma.
    Part(&'static str),
    Choice(&'static str, &'static [Choice]),
    Day(&'static str),
    Moment(&'static str),
    /// A day, and a time of day where there is one.
    DayAndTime(&'static str, &'static str),
    Whole(&'static str),
    /// And its currency, where the cell names it.
    Amount(&'static str, &'static str),
    Domain(&'static str),
    Web(&'static str),
    Tags,
    Owner,
    /// Something else that is here, by its name.
    Named(Named),
    /// The id that the record had in an export.
    Id,
    /// Whether it is done already.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Company,
    CompanyDomain,
    Parent,
    Contact,
    People,
    /// A record of one of these kinds.
    About(&'static [&'static str]),
    Stage,
    Pipeline,
    Reason,
}

impl Field {
    pub const fn new(key: &'static str, label: &'static str, to: To) -> Field {
        Field {
            key,
            label,
            aliases: &[],
            to,
        }
    }

    pub const fn called(self, aliases: &'static [&'static str]) -> Field {
        Field { aliases, ..self }
    }

    pub fn target(&self) -> Target {
        let target = Target::new(self.key, self.label, self.to.kind());
        self.aliases.iter().copied().fold(target, Target::alias)
    }
}

impl To {
    fn kind(self) -> Kind {
        match self {
            To::Text(_) | To::Part(_) | To::Id => Kind::Text,
            To::Lines(_) => Kind::LongText,
            To::Choice(..) | To::Done => Kind::Choice,
            To::Day(_) => Kind::Date,
            To::Moment(_) | To::DayAndTime(..) => Kind::DateTime,
            To::Whole(_) => Kind::Number,
            To::Amount(..) => Kind::Money,
            To::Domain(_) | To::Web(_) => Kind::Url,
            To::Tags => Kind::Tags,
            To::Owner | To::Named(_) => Kind::Reference,
        }
    }

    /// The field of the form that the cell decides.
    pub fn field(self) -> &'static str {
        match self {
            To::Text(field)
            | To::Lines(field)
            | To::Part(field)
            | To::Choice(field, _)
            | To::Day(field)
            | To::Moment(field)
            | To::DayAndTime(field, _)
            | To::Whole(field)
            | To::Amount(field, _)
            | To::Domain(field)
            | To::Web(field) => field,
            To::Tags => "tags",
            To::Owner => "owner_id",
            To::Named(named) => named.field(),
            To::Id => "id",
            To::Done => "done",
        }
    }
}

impl Named {
    pub fn field(self) -> &'static str {
        match self {
            Named::Company | Named::CompanyDomain => "company_id",
            Named::Parent => "parent_id",
            Named::Contact => "contact_id",
            Named::People => "people",
            Named::About(_) => "record_id",
            Named::Stage | Named::Pipeline => "stage_id",
            Named::Reason => "reason_id",
        }
    }
}
