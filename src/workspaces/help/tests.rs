use std::collections::HashSet;

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use platform::testing::{Answer, Browser};
use platform::web::help::{Help, Topics};

use crate::routes;
use crate::testing::world;

fn topics() -> Topics {
    routes::navigation().topics().clone()
}

fn of_screen(path: &str) -> Option<Help> {
    topics().of_screen(path, |_| true).cloned()
}

/// What htmx gets for the element of that id.
async fn part(browser: &Browser, url: &str, id: &str) -> Answer {
    let request = TestRequest::get().uri(url);
    let request = request.insert_header(("hx-request", "true"));
    browser.send(request.insert_header(("hx-target", id))).await
}

/// Whether a route answers a GET of this address below a workspace.
fn leads_somewhere(path: &str) -> bool {
    let fits = |pattern: &str| {
        let (pattern, path) = (pattern.split('/'), path.split('/'));
        pattern.clone().count() == path.clone().count()
            && pattern
                .zip(path)
                .all(|(p, s)| p == s || (p.starts_with('{') && !s.is_empty()))
    };
    let all = routes::tables().into_iter().flat_map(|t| t.table);
    let mut gets = all.filter(|route| route.method == "GET");
    gets.any(|route| {
        let below = route.path.strip_prefix("/w/{workspace}");
        below.is_some_and(fits)
    })
}

#[test]
fn every_page_of_the_sidebar_and_the_settings_is_explained() {
    for item in routes::navigation().0 {
        let help = of_screen(item.path).unwrap_or_else(|| panic!("no help to {:?}", item.path));
        let own = help.topic.screens.contains(&item.path);
        assert!(own, "{:?} has only the help of another screen", item.path);
        assert_eq!(help.topic.resource, item.resource, "{}", item.path);
    }
    for page in routes::settings() {
        let help = of_screen(page.path).unwrap_or_else(|| panic!("no help to {:?}", page.path));
        let own = help.topic.screens.contains(&page.path);
        assert!(own, "{:?} has only the help of another screen", page.path);
    }
}

#[test]
fn every_topic_says_something_and_is_there_once() {
    let mut keys = HashSet::new();
    for help in topics().all() {
        let key = help.topic.key;
        assert!(keys.insert(key), "{key} is there twice");
        assert!(help.topic.text.starts_with("# "), "{key} has no title");
        assert!(
            help.plain().split_whitespace().count() > 30,
            "{key} says little"
        );
        for screen in help.topic.screens {
            let address = screen.replace('*', "1");
            let stands = leads_somewhere(&address)
                || routes::tables()[0].table.iter().any(|route| {
                    let below = route.path.trim_start_matches("/w/{workspace}");
                    let named = below.split('/').zip(address.split('/'));
                    below.split('/').count() > address.split('/').count()
                        && named.into_iter().all(|(p, s)| p == s || p.starts_with('{'))
                });
            assert!(stands, "{key} is about {screen}, which is nowhere");
        }
    }
}

#[test]
fn every_link_in_a_topic_leads_to_a_page() {
    let topics = topics();
    let mut followed = 0;
    for help in topics.all() {
        for link in help.links() {
            let path = link.split(['?', '#']).next().unwrap_or_default();
            assert!(
                leads_somewhere(path),
                "{}: {link} leads nowhere",
                help.topic.key
            );
            if let Some(key) = path.strip_prefix("/help/") {
                assert!(
                    topics.find(key).is_some(),
                    "{}: no topic {key}",
                    help.topic.key
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 60, "{followed}");
}

#[actix_web::test]
async fn topics_are_listed_by_section_and_searched() {
    let alice = world().browser("owner@acme.test").await;
    let page = alice.get("/w/acme/help").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Finding your way", "Marketing", "/w/acme/help/api-keys"] {
        assert!(page.text.contains(part), "{part}");
    }
    let found = alice.get("/w/acme/help?q=postal+address").await;
    assert!(found.text.contains("/w/acme/help/workspace"));
    let results = found.text.split("id=\"results\"").nth(1).unwrap();
    assert!(!results.contains("/w/acme/help/chat\""), "{results}");
    let none = alice.get("/w/acme/help?q=submarine").await;
    assert!(none.says("No topic holds “submarine”."));
}

#[actix_web::test]
async fn every_topic_is_shown_as_a_page_and_beside_one() {
    let alice = world().browser("owner@acme.test").await;
    for help in topics().all() {
        let url = format!("/w/acme/help/{}", help.topic.key);
        let page = alice.get(&url).await;
        assert_eq!(page.status, StatusCode::OK, "{url}");
        assert!(!page.text.contains("href=\"/contacts"), "{url}");
        let beside = part(&alice, &url, "help-body").await;
        assert!(beside.text.contains(&help.title), "{url}");
        assert!(!beside.text.contains("<html"), "{url}");
    }
    let gone = alice.get("/w/acme/help/submarines").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn every_page_leads_to_its_own_help() {
    let alice = world().browser("owner@acme.test").await;
    for (path, key) in [
        ("", "/home"),
        ("/contacts", "/contacts"),
        ("/deals/board", "/board"),
        ("/settings/custom-fields/new", "/custom-fields"),
        ("/help", ""),
    ] {
        let page = alice.get(&format!("/w/acme{path}")).await;
        let link = format!("id=\"help-link\" href=\"/w/acme/help{key}\"");
        assert!(page.text.contains(&link), "{path}");
        let part = part(&alice, &format!("/w/acme{path}"), "main").await;
        assert!(part.text.contains(&link), "{path} by htmx");
    }
}

#[actix_web::test]
async fn help_to_what_one_may_not_see_is_not_there() {
    let carol = world().browser("viewer@acme.test").await;
    let page = carol.get("/w/acme/help").await;
    assert!(page.text.contains("/w/acme/help/contacts"));
    assert!(!page.text.contains("/w/acme/help/audit\""));
    let hidden = carol.get("/w/acme/help/audit").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let mallory = world().browser("owner@globex.test").await;
    for path in ["/w/acme/help", "/w/acme/help/contacts"] {
        assert_eq!(mallory.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[actix_web::test]
async fn the_palette_finds_topics_too() {
    let alice = world().browser("owner@acme.test").await;
    let part = part(&alice, "/w/acme/search?q=duplicates", "palette-results").await;
    assert!(
        part.text.contains("/w/acme/help/duplicates"),
        "{}",
        part.text
    );
}
