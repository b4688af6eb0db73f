//! How a field can be compared: the operators of each type, and what each of them asks for.

use super::field::FieldType;

/// A comparison. The negative ones also find the rows that have no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Is,
    IsNot,
    IsAnyOf,
    IsNoneOf,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    On,
    Before,
    After,
    InLast,
    InNext,
    MoreThanAgo,
    Today,
    ThisWeek,
    ThisMonth,
    ThisQuarter,
    ThisYear,
    HasAny,
    HasAll,
    HasNone,
    IsTrue,
    IsFalse,
    IsMe,
    Happened,
    NotHappened,
    AtLeast,
    FewerThan,
    IsEmpty,
    IsNotEmpty,
}

use Operator::*;

const TEXT: &[Operator] = &[
    Contains,
    NotContains,
    Is,
    IsNot,
    StartsWith,
    EndsWith,
    IsAnyOf,
    IsEmpty,
    IsNotEmpty,
];
const NUMBER: &[Operator] = &[Eq, Ne, Lt, Lte, Gt, Gte, Between, IsEmpty, IsNotEmpty];
const DATE: &[Operator] = &[
    InLast,
    InNext,
    MoreThanAgo,
    Today,
    ThisWeek,
    ThisMonth,
    ThisQuarter,
    ThisYear,
    On,
    Before,
    After,
    Between,
    IsEmpty,
    IsNotEmpty,
];
const ONE_OF: &[Operator] = &[Is, IsNot, IsAnyOf, IsNoneOf, IsEmpty, IsNotEmpty];
const SOME_OF: &[Operator] = &[HasAny, HasAll, HasNone, IsEmpty, IsNotEmpty];
const CHECKBOX: &[Operator] = &[IsTrue, IsFalse];
const PERSON: &[Operator] = &[IsMe, Is, IsNot, IsAnyOf, IsNoneOf, IsEmpty, IsNotEmpty];
const BEHAVIOUR: &[Operator] = &[Happened, NotHappened, AtLeast, FewerThan];

/// What an operator wants to be given, and so which control the editor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    Nothing,
    Text,
    /// Texts, one a line.
    Texts,
    Number,
    Numbers,
    Day,
    Days,
    Span,
    One,
    Many,
    /// Ever, or within a span.
    Within,
    /// A number of times, ever or within a span.
    Times,
}

impl Input {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Text => "text",
            Self::Texts => "texts",
            Self::Number => "number",
            Self::Numbers => "numbers",
            Self::Day => "day",
            Self::Days => "days",
            Self::Span => "span",
            Self::One => "one",
            Self::Many => "many",
            Self::Within => "within",
            Self::Times => "times",
        }
    }
}

impl Operator {
    /// The operators of a type, the most useful first.
    pub fn of(kind: FieldType) -> &'static [Self] {
        match kind {
            FieldType::Text
            | FieldType::LongText
            | FieldType::Url
            | FieldType::Email
            | FieldType::Phone => TEXT,
            FieldType::Number | FieldType::Money => NUMBER,
            FieldType::Date | FieldType::DateTime => DATE,
            FieldType::Choice | FieldType::Record(_) => ONE_OF,
            FieldType::MultiChoice | FieldType::Tags => SOME_OF,
            FieldType::Checkbox => CHECKBOX,
            FieldType::Person => PERSON,
            FieldType::Behaviour => BEHAVIOUR,
        }
    }

    /// The operator of that name, if a field of that type has it.
    pub fn named(name: &str, kind: FieldType) -> Option<Self> {
        Self::of(kind).iter().copied().find(|op| op.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Is => "is",
            IsNot => "is_not",
            IsAnyOf => "is_any_of",
            IsNoneOf => "is_none_of",
            Contains => "contains",
            NotContains => "not_contains",
            StartsWith => "starts_with",
            EndsWith => "ends_with",
            Eq => "eq",
            Ne => "ne",
            Lt => "lt",
            Lte => "lte",
            Gt => "gt",
            Gte => "gte",
            Between => "between",
            On => "on",
            Before => "before",
            After => "after",
            InLast => "in_last",
            InNext => "in_next",
            MoreThanAgo => "more_than_ago",
            Today => "today",
            ThisWeek => "this_week",
            ThisMonth => "this_month",
            ThisQuarter => "this_quarter",
            ThisYear => "this_year",
            HasAny => "has_any",
            HasAll => "has_all",
            HasNone => "has_none",
            IsTrue => "is_true",
            IsFalse => "is_false",
            IsMe => "is_me",
            Happened => "happened",
            NotHappened => "not_happened",
            AtLeast => "at_least",
            FewerThan => "fewer_than",
            IsEmpty => "is_empty",
            IsNotEmpty => "is_not_empty",
        }
    }

    /// The operator as it reads between a field and a value.
    pub fn label(self) -> &'static str {
        match self {
            Is => "is",
            IsNot => "is not",
            IsAnyOf => "is any of",
            IsNoneOf => "is none of",
            Contains => "contains",
            NotContains => "does not contain",
            StartsWith => "starts with",
            EndsWith => "ends with",
            Eq => "=",
            Ne => "≠",
            Lt => "<",
            Lte => "≤",
            Gt => ">",
            Gte => "≥",
            Between => "between",
            On => "on",
            Before => "before",
            After => "after",
            InLast => "in the last",
            InNext => "in the next",
            MoreThanAgo => "more than … ago",
            Today => "today",
            ThisWeek => "this week",
            ThisMonth => "this month",
            ThisQuarter => "this quarter",
            ThisYear => "this year",
            HasAny => "has any of",
            HasAll => "has all of",
            HasNone => "has none of",
            IsTrue => "is checked",
            IsFalse => "is not checked",
            IsMe => "is me",
            Happened => "happened",
            NotHappened => "did not happen",
            AtLeast => "happened at least",
            FewerThan => "happened fewer than",
            IsEmpty => "is empty",
            IsNotEmpty => "is not empty",
        }
    }

    pub fn input(self, kind: FieldType) -> Input {
        let date = matches!(kind, FieldType::Date | FieldType::DateTime);
        match self {
            Contains | NotContains | StartsWith | EndsWith => Input::Text,
            Is | IsNot if Self::of(kind) == TEXT => Input::Text,
            Is | IsNot => Input::One,
            IsAnyOf if Self::of(kind) == TEXT => Input::Texts,
            IsAnyOf | IsNoneOf | HasAny | HasAll | HasNone => Input::Many,
            Eq | Ne | Lt | Lte | Gt | Gte => Input::Number,
            Between if date => Input::Days,
            Between => Input::Numbers,
            On | Before | After => Input::Day,
            InLast | InNext | MoreThanAgo => Input::Span,
            Happened | NotHappened => Input::Within,
            AtLeast | FewerThan => Input::Times,
            Today | ThisWeek | ThisMonth | ThisQuarter | ThisYear | IsTrue | IsFalse | IsMe
            | IsEmpty | IsNotEmpty => Input::Nothing,
        }
    }

    /// The operator without its negation, and whether there was one.
    pub(super) fn affirmed(self) -> (Self, bool) {
        match self {
            IsNot => (Is, true),
            IsNoneOf => (IsAnyOf, true),
            NotContains => (Contains, true),
            Ne => (Eq, true),
            HasNone => (HasAny, true),
            IsFalse => (IsTrue, true),
            NotHappened => (Happened, true),
            FewerThan => (AtLeast, true),
            IsEmpty => (IsNotEmpty, true),
            positive => (positive, false),
        }
    }
}
