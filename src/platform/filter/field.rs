//! What can be filtered by: the fields of a kind of record, each with its type and the place where its values are.

use std::sync::Arc;

use uuid::Uuid;

use super::source::{Source, Stored};

/// What a field holds, which decides its operators and its control in the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    Text,
    LongText,
    Number,
    Money,
    Date,
    DateTime,
    Choice,
    MultiChoice,
    Checkbox,
    Url,
    Email,
    Phone,
    /// A member of the workspace.
    Person,
    /// A record of the kind named; `record` where it may be of several.
    Record(&'static str),
    Tags,
    /// Something that happens any number of times, such as opening an e-mail.
    Behaviour,
}

impl FieldType {
    /// The type a custom field was given, by the name it is stored under; `record` is the kind such a field links to.
    pub fn named(name: &str, record: &'static str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "long_text" => Self::LongText,
            "number" => Self::Number,
            "money" => Self::Money,
            "date" => Self::Date,
            "choice" => Self::Choice,
            "multi_choice" => Self::MultiChoice,
            "checkbox" => Self::Checkbox,
            "url" => Self::Url,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "person" => Self::Person,
            "record" => Self::Record(record),
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Number => "number",
            Self::Money => "money",
            Self::Date => "date",
            Self::DateTime => "date_time",
            Self::Choice => "choice",
            Self::MultiChoice => "multi_choice",
            Self::Checkbox => "checkbox",
            Self::Url => "url",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Person => "person",
            Self::Record(_) => "record",
            Self::Tags => "tags",
            Self::Behaviour => "behaviour",
        }
    }
}

/// One of the values a field may have, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// How it stands out, where it does.
    pub tone: &'static str,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub key: String,
    pub label: String,
    pub kind: FieldType,
    /// The heading it stands under in the editor.
    pub group: String,
    /// For choices all there are, and nothing else is accepted; for people, records and tags those to pick from.
    pub choices: Vec<Choice>,
    /// How many digits after the point the stored whole number holds: money is kept in cents.
    pub decimals: u32,
    /// The kinds of records that it points at, where they are several.
    pub kinds: &'static [&'static str],
    /// The address that searches for records to point at, or empty.
    pub finder: String,
    pub(super) source: Source,
}

impl Field {
    /// A field kept in a column, named with its table (`contacts.email`).
    pub fn column(key: &str, label: &str, kind: FieldType, column: &'static str) -> Self {
        Self::new(
            key,
            label,
            kind,
            "Fields",
            Source::column(column).of(stored(kind)),
        )
    }

    /// A field that the workspace made itself, kept under `key` in the jsonb `column`. Its key here is `custom.<key>`.
    /// None if the key is not one that a custom field can have.
    pub fn custom(column: &'static str, key: &str, label: &str, kind: FieldType) -> Option<Self> {
        let valid = (1..=63).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let source = Source::Custom {
            column,
            key: key.to_owned(),
            kept: None,
        };
        valid.then(|| {
            Self::new(
                &format!("custom.{key}"),
                label,
                kind,
                "Custom fields",
                source,
            )
        })
    }

    /// A field of rows that belong to the record: those of `from` (with its joins) for which `on` holds.
    pub fn related(
        key: &str,
        label: &str,
        kind: FieldType,
        from: &'static str,
        on: &'static str,
        column: &'static str,
    ) -> Self {
        let of = Box::new(Source::column(column).of(stored(kind)));
        Self::new(
            key,
            label,
            kind,
            "Related",
            Source::Related { from, on, of },
        )
    }

    /// Something that happened: a row of `from` for which `on` holds, at the time in the column `at`.
    pub fn behaviour(
        key: &str,
        label: &str,
        from: &'static str,
        on: &'static str,
        at: &'static str,
    ) -> Self {
        let source = Source::Behaviour { from, on, at };
        Self::new(key, label, FieldType::Behaviour, "Activity", source)
    }

    fn new(key: &str, label: &str, kind: FieldType, group: &str, source: Source) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            kind,
            group: group.to_owned(),
            choices: Vec::new(),
            decimals: if kind == FieldType::Money { 2 } else { 0 },
            kinds: &[],
            finder: String::new(),
            source,
        }
    }

    pub fn group(mut self, group: &str) -> Self {
        self.group = group.to_owned();
        self
    }

    /// The record may be of any of these kinds; `finder` searches for one, below the workspace.
    pub fn pointing_at(mut self, kinds: &'static [&'static str], finder: &str) -> Self {
        self.kinds = kinds;
        self.finder = finder.to_owned();
        self
    }

    /// The values there are, with their labels.
    pub fn choices<V, L>(mut self, choices: impl IntoIterator<Item = (V, L)>) -> Self
    where
        V: ToString,
        L: Into<String>,
    {
        self.choices = choices
            .into_iter()
            .map(|(value, label)| Choice {
                value: value.to_string(),
                label: label.into(),
                tone: "",
            })
            .collect();
        self
    }

    /// The same where each of them has its tone.
    pub fn offering(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    pub fn decimals(mut self, decimals: u32) -> Self {
        self.decimals = decimals.min(3);
        self
    }

    /// The column holds text in lower case only, so that equality needs no pattern and any index serves.
    pub fn folded(mut self) -> Self {
        self.source = self.source.of(Stored::Folded);
        self
    }

    /// A custom field whose values are all in `custom_values` as well, where an index finds them.
    pub fn kept(mut self, id: Uuid) -> Self {
        if let Source::Custom { kept, .. } = &mut self.source {
            *kept = Some(id);
        }
        self
    }

    /// A choice whose values are ids of rows that the workspace has set up, such as the stages of its pipelines.
    pub fn of_ids(mut self) -> Self {
        self.source = self.source.of(Stored::Id);
        self
    }

    /// The column is an integer, so that comparing needs no cast and any index serves.
    pub fn whole(mut self) -> Self {
        self.source = self.source.of(Stored::Whole);
        self
    }

    /// How a value is called: its choice's label, or the value itself.
    pub(super) fn name_of<'a>(&'a self, value: &'a str) -> &'a str {
        self.choices
            .iter()
            .find(|choice| choice.value == value)
            .map_or(value, |choice| &choice.label)
    }
}

fn stored(kind: FieldType) -> Stored {
    match kind {
        FieldType::Money => Stored::Whole,
        _ => Stored::Plain,
    }
}

/// The fields of one kind of record, in the order in which the editor offers them.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    fields: Vec<Arc<Field>>,
}

impl Catalogue {
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Self {
        fields.into_iter().collect()
    }

    /// Adds a field; a key that is taken keeps its first meaning.
    pub fn add(&mut self, field: Field) {
        if self.get(&field.key).is_none() {
            self.fields.push(Arc::new(field));
        }
    }

    pub fn get(&self, key: &str) -> Option<&Arc<Field>> {
        self.fields.iter().find(|field| field.key == key)
    }

    pub fn fields(&self) -> &[Arc<Field>] {
        &self.fields
    }
}

impl FromIterator<Field> for Catalogue {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let mut catalogue = Self::default();
        catalogue.extend(fields);
        catalogue
    }
}

impl Extend<Field> for Catalogue {
    fn extend<I: IntoIterator<Item = Field>>(&mut self, fields: I) {
        for field in fields {
            self.add(field);
        }
    }
}
