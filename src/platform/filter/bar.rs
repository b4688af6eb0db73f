//! The filter of a list: a chip for each part of it, and the editor, which opens in place.

use askama::Template;
use url::form_urlencoded::Serializer;

use super::draft::Draft;
use super::editor::FilterEditor;
use super::field::Catalogue;
use super::rule::Filter;

/// A part of the filter, and the address of the list without it.
pub struct BarChip {
    pub text: String,
    pub without: String,
}

#[derive(Template)]
#[template(path = "ui/filter_bar.html")]
pub struct FilterBar<'a> {
    name: &'a str,
    action: &'a str,
    kept: &'a [(String, String)],
    editor: FilterEditor<'a>,
    filter: Filter,
    open: bool,
}

impl<'a> FilterBar<'a> {
    /// The bar of the list at `action`, which sends the filter as `name` and keeps the parameters `kept`.
    pub fn new(
        catalogue: &'a Catalogue,
        name: &'a str,
        draft: &Draft,
        action: &'a str,
        kept: &'a [(String, String)],
    ) -> Self {
        let (filter, problems) = draft.check(catalogue);
        Self {
            name,
            action,
            kept,
            editor: FilterEditor::new(catalogue, name, draft),
            filter,
            open: draft.editing || !problems.is_empty(),
        }
    }

    fn chips(&self) -> Vec<BarChip> {
        let chips = self.filter.chips().into_iter();
        let chip = |chip: super::Chip| BarChip {
            without: self.url(&chip.rest, false),
            text: chip.text,
        };
        chips.map(chip).collect()
    }

    /// The list without a filter.
    fn all(&self) -> String {
        self.url(&Filter::default(), false)
    }

    /// The list with its editor open.
    fn edit(&self) -> String {
        self.url(&self.filter, true)
    }

    fn url(&self, filter: &Filter, open: bool) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.kept);
        if !filter.is_empty() {
            query.append_pair(self.name, &filter.to_json().to_string());
        }
        if open {
            query.append_pair(&format!("{}.do", self.name), "open");
        }
        format!("{}?{}", self.action, query.finish())
    }
}
