//! What stands around a page: breadcrumbs, the bell, the toast, and the frame with the navigation.

use askama::{DynTemplate, Template};
use serde::{Deserialize, Serialize};

use super::access::Identity;
use super::can::Member;
use super::filters;
use super::link;
use super::navigation::{NavEntry, NavSection, creations, sections};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    pub fn to(label: impl Into<String>, href: impl Into<String>) -> Crumb {
        Crumb {
            label: label.into(),
            href: Some(href.into()),
        }
    }
    pub fn here(label: impl Into<String>) -> Crumb {
        Crumb {
            label: label.into(),
            href: None,
        }
    }
}

/// A word about what was just done, with a way back where there is one.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    /// `success`, `info`, `warning` or `danger`.
    pub tone: String,
    /// A URL to POST to.
    pub undo: Option<String>,
}

impl Toast {
    pub fn done(text: impl Into<String>) -> Toast {
        Toast {
            text: text.into(),
            tone: "success".into(),
            undo: None,
        }
    }
    pub fn undo(mut self, url: impl Into<String>) -> Toast {
        self.undo = Some(url.into());
        self
    }
    /// With the way back, where there is one; whoever takes it is at `back` afterwards.
    pub fn undone_at(self, undo: Option<String>, back: Option<&str>) -> Toast {
        match undo {
            Some(undo) => self.undo(link::with(&undo, back.iter().map(|back| ("back", back)))),
            None => self,
        }
    }
    pub fn toned(mut self, tone: &str) -> Toast {
        self.tone = tone.into();
        self
    }
}

#[derive(Clone, Debug)]
pub struct WorkspaceRef {
    pub name: String,
    pub slug: String,
    pub accent: Option<String>,
    pub logo: Option<String>,
}

#[derive(Clone, Debug)]
pub struct PersonRef {
    pub name: String,
    pub email: String,
    pub initials: String,
    pub theme: String,
    pub density: String,
    pub shortcuts: bool,
}

/// The fields of every layout.
#[derive(Clone, Debug)]
pub struct Frame {
    pub title: String,
    pub request_id: String,
    pub workspace: Option<WorkspaceRef>,
    pub workspaces: Vec<WorkspaceRef>,
    pub person: PersonRef,
    pub nav: Vec<NavSection>,
    pub crumbs: Vec<Crumb>,
    pub create: Vec<NavEntry>,
    pub unread: i64,
    /// Whether there is a search to offer.
    pub finds: bool,
    /// Where help with this screen is, or nothing.
    pub help: String,
    pub toast: Option<Toast>,
    pub live: String,
}

macro_rules! layouts {
    ($($(#[$meta:meta])* $name:ident = $path:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Template)]
        #[template(path = $path)]
        pub struct $name {
            pub title: String,
            pub request_id: String,
            pub workspace: Option<WorkspaceRef>,
            pub workspaces: Vec<WorkspaceRef>,
            pub person: PersonRef,
            pub nav: Vec<NavSection>,
            pub crumbs: Vec<Crumb>,
            pub create: Vec<NavEntry>,
            pub unread: i64,
            pub finds: bool,
            pub help: String,
            pub toast: Option<Toast>,
            pub live: String,
        }
        impl From<Frame> for $name {
            fn from(f: Frame) -> Self {
                Self { title: f.title, request_id: f.request_id, workspace: f.workspace,
                    workspaces: f.workspaces, person: f.person, nav: f.nav, crumbs: f.crumbs,
                    create: f.create, unread: f.unread, finds: f.finds, help: f.help, toast: f.toast, live: f.live }
            }
        }
    )+};
}

layouts! {
    /// A page of the application.
    Shell = "layouts/app.html";
    /// What an htmx navigation gets instead of the whole shell.
    Fragment = "layouts/fragment.html";
    /// Sign-in and its neighbours.
    Auth = "layouts/auth.html";
    /// What the public meets, in the workspace's brand.
    PublicPage = "layouts/public.html";
    /// A page without any frame.
    Bare = "layouts/bare.html";
}

/// The toast for a part of a page, which has no layout around it.
#[derive(Template)]
#[template(path = "layouts/told.html")]
pub struct Told<'a> {
    pub toast: &'a Toast,
}

/// Where a layout has its page. Nothing that is shown can hold it, since what is shown is escaped.
const PLACE: &str = "<!--page-->";

/// Bytes of a full list of fifty rows in its shell. Growing to that would copy it each time.
const LARGE: usize = 128 * 1024;

/// Writes a page to the end of a text.
pub type Writing<'a> = &'a mut dyn FnMut(&mut String) -> askama::Result<()>;

/// A page written straight into its layout: copying a full list costs as much as making a tenth of it.
pub fn framed(layout: &dyn DynTemplate, page: Writing<'_>) -> askama::Result<String> {
    let mut text = String::with_capacity(LARGE);
    layout.dyn_render_into(&mut text)?;
    let place = text.find(PLACE).ok_or(askama::Error::Fmt)?;
    let after = text.split_off(place + PLACE.len());
    text.truncate(place);
    page(&mut text)?;
    text.push_str(&after);
    Ok(text)
}

impl Frame {
    /// A frame for nobody in particular.
    pub fn public(title: &str) -> Frame {
        Frame {
            title: title.to_owned(),
            request_id: String::new(),
            workspace: None,
            workspaces: Vec::new(),
            person: PersonRef {
                name: String::new(),
                email: String::new(),
                initials: String::new(),
                theme: "system".into(),
                density: "comfortable".into(),
                shortcuts: true,
            },
            nav: Vec::new(),
            crumbs: Vec::new(),
            create: Vec::new(),
            unread: 0,
            finds: false,
            help: String::new(),
            toast: None,
            live: String::new(),
        }
    }

    /// A frame for a page of ours that belongs to no workspace.
    pub fn ours(title: &str) -> Frame {
        Frame::public(&format!("{title} · Nexus"))
    }

    pub fn signed_in(identity: &Identity, title: &str) -> Frame {
        let person = &identity.person;
        let workspaces = identity.memberships.iter().map(|(m, _)| WorkspaceRef {
            name: m.workspace_name.clone(),
            slug: m.slug.clone(),
            accent: m.accent.clone(),
            logo: None,
        });
        Frame {
            workspaces: workspaces.collect(),
            person: PersonRef {
                name: person.name.clone(),
                email: person.email.clone(),
                initials: initials(&person.name),
                theme: person.theme.clone(),
                density: person.density.clone(),
                shortcuts: person.shortcuts,
            },
            ..Frame::ours(title)
        }
    }

    pub fn of_member(member: &Member, title: &str, crumbs: Vec<Crumb>) -> Frame {
        let mut frame = Frame::signed_in(&member.identity, title);
        frame.workspace = frame
            .workspaces
            .iter()
            .find(|w| w.slug == member.membership.slug)
            .cloned();
        // Tabs of two workspaces are told apart.
        frame.title = format!("{title} · {}", member.membership.workspace_name);
        frame.nav = sections(member);
        frame.create = creations(member);
        frame.request_id = member.origin.request_id.clone().unwrap_or_default();
        frame.crumbs = crumbs;
        frame.finds = member.may("dashboard", "view");
        if frame.finds {
            frame.help = member.help_url();
        }
        if member.may("notifications", "view") {
            frame.live = member.url("/live");
        }
        frame
    }
}

/// `Ann O'Brien` → `AO`.
pub fn initials(name: &str) -> String {
    let letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
    let mut letters = name.split_whitespace().filter_map(letter);
    let (first, last) = (letters.next(), letters.next_back());
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        let got: Vec<_> = [
            "Ann O'Brien",
            "李雷",
            "mary jane watson",
            "",
            "(Sales) \"Jo\" -",
        ]
        .map(initials)
        .into();
        assert_eq!(got, ["AO", "李", "MW", "", "SJ"]);
    }
}
