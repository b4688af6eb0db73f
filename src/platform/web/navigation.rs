//! The ways through a workspace: the sidebar, and what can be created from anywhere.

use super::can::Member;
use super::help::Topics;

/// An entry of the sidebar, given by a slice at start. It is shown to those who hold the right to view it.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    pub section: &'static str,
    pub label: &'static str,
    /// Below `/w/{workspace}`.
    pub path: &'static str,
    pub icon: &'static str,
    pub resource: &'static str,
    pub action: &'static str,
    /// The shortcut, such as `g c`.
    pub keys: &'static str,
    /// What '+ New' calls it and where its form is, for what can be created from anywhere.
    pub create: Option<(&'static str, &'static str)>,
    /// What counts what is new there: the id of the element, and where it is asked for.
    pub count: Option<(&'static str, &'static str)>,
}

/// The ways through a workspace, and the help on the way.
#[derive(Clone, Debug, Default)]
pub struct Navigation(pub Vec<NavItem>, pub Topics);

impl Navigation {
    /// Where somebody with these rights starts: the first entry that they may see.
    pub fn first(&self, may: impl Fn(&str, &str) -> bool) -> Option<&'static str> {
        let seen = self.0.iter().find(|item| may(item.resource, item.action));
        seen.map(|item| item.path)
    }

    pub fn topics(&self) -> &Topics {
        let Navigation(_, topics) = self;
        topics
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavEntry {
    pub label: String,
    pub href: String,
    pub icon: String,
    pub active: bool,
    pub keys: String,
    /// A pinned view: it stands below the list that it shows.
    pub under: bool,
    /// The id of the element that counts what is new there, and where it is asked for.
    pub count: Option<(&'static str, String)>,
}

#[derive(Clone, Debug)]
pub struct NavSection {
    pub label: String,
    pub entries: Vec<NavEntry>,
}

/// The sidebar as somebody sees it.
pub(super) fn sections(member: &Member) -> Vec<NavSection> {
    let mut sections: Vec<NavSection> = Vec::new();
    let here = nearest(
        &member.app.navigation.0,
        &member.asked.path,
        &member.url(""),
    );
    for item in &member.app.navigation.0 {
        if !member.may(item.resource, item.action) {
            continue;
        }
        let href = member.url(item.path);
        let entry = NavEntry {
            label: item.label.to_owned(),
            active: here == Some(item.path),
            href,
            icon: item.icon.to_owned(),
            keys: item.keys.to_owned(),
            under: false,
            count: item.count.map(|(id, path)| (id, member.url(path))),
        };
        let pins: Vec<NavEntry> = pinned(member, item).collect();
        // The pinned view says more exactly where one is.
        let entry = NavEntry {
            active: entry.active && !pins.iter().any(|pin| pin.active),
            ..entry
        };
        let entries = std::iter::once(entry).chain(pins);
        match sections.iter_mut().find(|s| s.label == item.section) {
            Some(section) => section.entries.extend(entries),
            None => sections.push(NavSection {
                label: item.section.to_owned(),
                entries: entries.collect(),
            }),
        }
    }
    sections
}

/// The pinned views of the list that `item` leads to.
fn pinned(member: &Member, item: &NavItem) -> impl Iterator<Item = NavEntry> {
    let kind = member
        .app
        .kinds
        .of_collection(item.path.trim_start_matches('/'));
    let asked = format!("{}?{}", member.asked.path, member.asked.query);
    kind.into_iter().flat_map(move |kind| {
        let asked = asked.clone();
        member.views.pinned(kind.name).map(move |view| {
            let href = member.url(&view.path(kind.collection));
            NavEntry {
                label: view.name.clone(),
                active: href == asked,
                href,
                icon: "pin".to_owned(),
                keys: String::new(),
                under: true,
                count: None,
            }
        })
    })
}

/// The entry that a page belongs to: of `/contacts` and `/contacts/imports` the longer one that it stands below.
fn nearest(items: &[NavItem], path: &str, base: &str) -> Option<&'static str> {
    let below = path.strip_prefix(base)?;
    let stands = |item: &&str| match below.strip_prefix(*item) {
        Some(rest) if item.is_empty() => rest.is_empty(),
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    };
    let paths = items.iter().map(|i| i.path);
    paths.filter(stands).max_by_key(|p| p.len())
}

/// What can be created from anywhere.
pub(super) fn creations(member: &Member) -> Vec<NavEntry> {
    let items = member
        .app
        .navigation
        .0
        .iter()
        .filter(|i| member.may(i.resource, "create"));
    items
        .filter_map(|item| {
            let (label, path) = item.create?;
            Some(NavEntry {
                label: label.to_owned(),
                href: member.url(path),
                icon: item.icon.to_owned(),
                active: false,
                keys: String::new(),
                under: false,
                count: None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_the_first_page_that_may_be_seen() {
        let item = |path, resource| NavItem {
            path,
            resource,
            section: "",
            label: "",
            icon: "",
            action: "view",
            keys: "",
            create: None,
            count: None,
        };
        let navigation = Navigation(
            vec![item("", "dashboard"), item("/contacts", "contacts")],
            Topics::default(),
        );
        assert_eq!(navigation.first(|_, _| true), Some(""));
        let contacts = |resource: &str, _: &str| resource == "contacts";
        assert_eq!(navigation.first(contacts), Some("/contacts"));
        assert_eq!(navigation.first(|_, _| false), None);
    }

    #[test]
    fn a_collection_is_current_for_its_records() {
        let items = ["", "/contacts", "/contacts/imports"].map(|path| NavItem {
            section: "",
            label: "",
            path,
            icon: "",
            resource: "",
            action: "view",
            keys: "",
            create: None,
            count: None,
        });
        let at = |path| nearest(&items, path, "/w/acme");
        assert_eq!(at("/w/acme/contacts/1"), Some("/contacts"));
        assert_eq!(at("/w/acme/contacts/imports/1"), Some("/contacts/imports"));
        assert_eq!(at("/w/acme"), Some(""));
        assert_eq!(at("/w/acme/contacts-x"), None);
    }
}
