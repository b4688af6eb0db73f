//! The product's table of contents: one line for each resource, grouped by who it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use platform::dashboard::Card;
use platform::jobs::{Registry, housekeeping};
use platform::live::{Render, Room};
use platform::records::duplicates::{self, ScanNow};
use platform::records::kinds::{Kind, Kinds};
use platform::web::Routes;
use platform::web::assets;
use platform::web::help::{Topic, Topics};
use platform::web::navigation::{NavItem, Navigation};

use crate::workspaces::settings::SettingsPage;
use crate::{crm, identity, marketing, ops, workspaces};

/// Below a workspace, for people and, with `/api/v1` before it, for their programs.
fn of_workspace(r: &mut Routes) {
    workspaces::home::routes(r);
    workspaces::search::routes(r);
    workspaces::help::routes(r);
    workspaces::notifications::routes(r);
    workspaces::chat::routes(r);
    platform::live::routes(r);
    crm::imports::routes(r);
    crm::demo::routes(r);
    crm::contacts::routes(r);
    crm::relationships::routes(r);
    crm::companies::routes(r);
    crm::deals::routes(r);
    crm::pipelines::routes(r);
    marketing::scoring::routes(r);
    crm::tasks::routes(r);
    crm::follow_ups::routes(r);
    crm::playbooks::routes(r);
    marketing::forms::routes(r);
    marketing::sequences::routes(r);
    marketing::templates::routes(r);
    marketing::segments::routes(r);
    marketing::campaigns::routes(r);
    marketing::topics::routes(r);
    marketing::suppressions::routes(r);
    ops::jobs::routes(r);
    workspaces::settings::routes(r);
    workspaces::members::routes(r);
    workspaces::teams::routes(r);
    workspaces::assignment::routes(r);
    workspaces::roles::routes(r);
    workspaces::custom_fields::routes(r);
    workspaces::tags::routes(r);
    workspaces::api_keys::routes(r);
    workspaces::audit::routes(r);
    platform::records::routes(r);
}

/// For anybody.
fn public(r: &mut Routes) {
    identity::sessions::routes(r);
    identity::passwords::routes(r);
    identity::profile::routes(r);
    ops::health::routes(r);
    ops::reference::routes(r);
    ops::styleguide::routes(r);
    ops::mailbox::routes(r);
    workspaces::brand::routes(r);
    marketing::forms::public_routes(r);
    marketing::tracking::routes(r);
    r.get("/static/{name:.*}", assets::serve);
}

pub fn kinds() -> Kinds {
    Kinds::new(vec![
        crm::contacts::KIND,
        crm::companies::KIND,
        crm::deals::KIND,
        crm::tasks::KIND,
        marketing::forms::KIND,
        marketing::sequences::KIND,
        marketing::templates::KIND,
        marketing::segments::KIND,
        marketing::campaigns::KIND,
    ])
    .telling(crm::contacts::KIND.name, marketing::campaigns::mails_to)
    .telling_of_all(platform::records::activities::told)
    .telling_of_all(crm::tasks::told)
    .beside(crm::tasks::beside)
    .beside(crm::playbooks::beside)
    .beside(workspaces::chat::beside)
}

pub fn navigation() -> Navigation {
    let items = vec![
        workspaces::home::NAV,
        crm::tasks::DAY,
        workspaces::chat::NAV,
        crm::contacts::NAV,
        crm::companies::NAV,
        crm::deals::NAV,
        crm::tasks::NAV,
        crm::imports::NAV,
        marketing::sequences::NAV,
        marketing::forms::NAV,
        marketing::campaigns::NAV,
        marketing::segments::NAV,
        marketing::scoring::NAV,
        marketing::templates::NAV,
        marketing::topics::NAV,
        marketing::suppressions::NAV,
        ops::jobs::NAV,
        workspaces::settings::NAV,
    ];
    Navigation(items, help())
}

/// What each screen is for, and how its usual things are done.
fn help() -> Topics {
    let all = [
        workspaces::help::HELP,
        workspaces::home::HELP,
        workspaces::notifications::HELP,
        workspaces::chat::HELP,
        crm::contacts::HELP,
        crm::companies::HELP,
        crm::deals::HELP,
        crm::tasks::HELP,
        crm::imports::HELP,
        crm::demo::HELP,
        platform::records::HELP,
        marketing::sequences::HELP,
        marketing::forms::HELP,
        marketing::campaigns::HELP,
        marketing::segments::HELP,
        marketing::scoring::HELP,
        marketing::templates::HELP,
        marketing::topics::HELP,
        marketing::suppressions::HELP,
        ops::jobs::HELP,
        workspaces::settings::HELP,
        workspaces::members::HELP,
        workspaces::teams::HELP,
        workspaces::assignment::HELP,
        workspaces::roles::HELP,
        workspaces::custom_fields::HELP,
        crm::pipelines::HELP,
        crm::relationships::HELP,
        crm::follow_ups::HELP,
        crm::playbooks::HELP,
        workspaces::tags::HELP,
        workspaces::api_keys::HELP,
        workspaces::audit::HELP,
    ];
    Topics::new(all.concat())
}

/// What people may put on their dashboard, in the order in which it is there unasked.
pub fn cards() -> Vec<Card> {
    vec![
        crm::deals::REVENUE,
        crm::deals::DEALS,
        crm::contacts::NEW,
        crm::tasks::TASKS,
        platform::records::activities::CARD,
        crm::tasks::DAY_CARD,
        crm::contacts::LEADS,
        workspaces::home::NEWS,
        workspaces::home::RECENT,
        marketing::campaigns::CARD,
    ]
}

/// What slices show live when one of their events is committed.
pub fn live() -> Vec<Render> {
    vec![workspaces::live::timeline, workspaces::chat::live]
}

/// Live rooms that are about no record.
pub fn rooms() -> Vec<Room> {
    vec![crm::imports::ROOM, workspaces::chat::ROOM]
}

/// Everything that runs off the request path: `.job::<…>()` for each kind of job, `.schedule(…)` for what recurs.
pub fn jobs() -> Registry {
    let registry = Registry::new()
        .job::<ops::ping::Ping>()
        .job::<identity::passwords::SendReset>()
        .job::<identity::passwords::SendInvitation>()
        .schedules(housekeeping::schedules())
        .schedules(crm::tasks::schedules())
        .schedule(crm::follow_ups::schedule())
        .schedule(crm::deals::schedule())
        .job::<marketing::sequences::SendStep>()
        .job::<marketing::templates::SendTrial>()
        .job::<marketing::campaigns::sending::SendCampaign>()
        .schedule(marketing::campaigns::sending::schedule())
        .job::<ScanNow<crm::contacts::Contact>>()
        .job::<ScanNow<crm::companies::Company>>()
        .schedule(duplicates::schedule::<crm::contacts::Contact>())
        .schedule(duplicates::schedule::<crm::companies::Company>());
    let registry = platform::records::jobs(registry);
    let registry = workspaces::assignment::jobs(registry);
    let registry = marketing::scoring::jobs(registry);
    crm::imports::jobs(registry)
}

/// What the settings page leads to.
pub fn settings() -> Vec<SettingsPage> {
    vec![
        workspaces::settings::SETTINGS,
        workspaces::members::SETTINGS,
        workspaces::teams::SETTINGS,
        workspaces::assignment::SETTINGS,
        workspaces::roles::SETTINGS,
        workspaces::custom_fields::SETTINGS,
        crm::pipelines::SETTINGS,
        crm::relationships::SETTINGS,
        crm::follow_ups::SETTINGS,
        crm::playbooks::SETTINGS,
        workspaces::tags::SETTINGS,
        workspaces::api_keys::SETTINGS,
        workspaces::audit::SETTINGS,
    ]
}

/// Every right that a route asks for: the actions of each resource.
pub fn rights() -> &'static BTreeMap<String, BTreeSet<String>> {
    static RIGHTS: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
        let mut rights: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for route in tables().into_iter().flat_map(|t| t.table) {
            // `{kind}.view` asks for the right of whichever kind the address names.
            if let Some((resource, action)) = route.permission.split_once('.')
                && !resource.starts_with('{')
            {
                let actions = rights.entry(resource.to_owned()).or_default();
                actions.insert(action.to_owned());
            }
        }
        for (resource, action) in crm::imports::rights() {
            let actions = rights.entry(resource.to_owned()).or_default();
            actions.insert(action.to_owned());
        }
        rights
    });
    &RIGHTS
}

/// The same handlers serve pages and the API: the table is mounted twice.
pub fn tables() -> Vec<Routes> {
    let mut people = Routes::under("/w/{workspace}");
    of_workspace(&mut people);
    let mut programs = Routes::under("/api/v1/w/{workspace}");
    of_workspace(&mut programs);
    let mut anybody = Routes::under("");
    public(&mut anybody);
    vec![people, programs, anybody]
}

/// `nexus routes`.
pub fn print() {
    for route in tables().iter().flat_map(|t| &t.table) {
        println!(
            "{:<7} {:<60} {:<10} {}",
            route.method, route.path, route.audience, route.permission
        );
    }
}

/// What a slice says of its kind of record and its place in the sidebar.
pub const fn kind(
    name: &'static str,
    words: [&'static str; 2],
    collection: &'static str,
    icon: &'static str,
) -> Kind {
    Kind {
        name,
        singular: words[0],
        plural: words[1],
        collection,
        icon,
        table: collection,
        custom: "",
        fields: Vec::new,
        sorts: &[],
        named: &["name"],
        rows: None,
        settable: &[],
        each: &[],
        lists: platform::records::kinds::no_lists,
        layouts: &[],
        workload: "",
        joined: false,
        tried: "",
    }
}

/// What a slice says of one of its screens: the screens are addresses below `/w/{workspace}`.
pub const fn topic(
    key: &'static str,
    section: &'static str,
    icon: &'static str,
    screens: &'static [&'static str],
    resource: &'static str,
    text: &'static str,
) -> Topic {
    Topic {
        key,
        section,
        icon,
        screens,
        resource,
        text,
    }
}

pub const fn nav(
    section: &'static str,
    label: &'static str,
    path: &'static str,
    icon: &'static str,
    resource: &'static str,
) -> NavItem {
    NavItem {
        section,
        label,
        path,
        icon,
        resource,
        action: "view",
        keys: "",
        create: None,
        count: None,
    }
}
