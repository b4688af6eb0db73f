//! What pages send of scripts, added up for each of them.

use std::collections::{HashMap, HashSet};

use actix_web::http::header;
use actix_web::test::TestRequest;
use platform::testing::Browser;

use super::{Problems, is_safe, scene, table, url};

/// What a page may send of scripts, all together and compressed.
const SCRIPTS: usize = 40_000;

/// The addresses of the scripts that a page loads: those it names, and those that come with what stands on it.
fn scripts_of(page: &str) -> Vec<String> {
    let (mut rest, mut parts) = (page.to_owned(), HashMap::new());
    if let Some((before, after)) = page.split_once("data-parts=\"") {
        let (list, after) = after.split_once('"').unwrap_or_default();
        parts = serde_json::from_str::<HashMap<String, String>>(&list.replace("&#34;", "\""))
            .unwrap_or_else(|error| panic!("{error}: {list}"));
        rest = before.to_owned() + after;
    }
    let named = ["src=\"", "data-script=\""]
        .into_iter()
        .flat_map(|attribute| {
            let all = rest.split(attribute).skip(1);
            all.filter_map(|after| after.split('"').next())
        });
    let named = named.filter(|url| url.starts_with("/static/") && url.contains(".js"));
    let theirs = |selector: &str| match selector.split_at(1) {
        ("#", id) => rest.contains(&format!("id=\"{id}\"")),
        (".", class) => rest.contains(&format!("class=\"{class}")),
        _ => rest.contains(&format!(" data-{selector}")),
    };
    let parts = parts.iter().filter(|(selector, _)| theirs(selector));
    let all: HashSet<String> = named
        .map(str::to_owned)
        .chain(parts.map(|(_, url)| url.clone()))
        .collect();
    all.into_iter().collect()
}

/// What a script weighs on its way, and what it imports.
async fn weight(browser: &Browser, url: &str) -> (usize, Vec<String>) {
    let packed = TestRequest::get()
        .uri(url)
        .insert_header((header::ACCEPT_ENCODING, "br"));
    let packed = browser.send(packed).await;
    assert_eq!(packed.header("content-encoding"), "br", "{url}");
    let source = browser.get(url).await.text;
    let imported = source.lines().filter(|line| line.starts_with("import "));
    let imported = imported.filter_map(|line| line.split('"').nth(1));
    let imported = imported.map(|path| path.replace("../../", "/static/"));
    (packed.bytes.len(), imported.collect())
}

#[actix_web::test]
async fn no_page_sends_more_scripts_than_it_may() {
    let (_world, alice, ids) = scene().await;
    let mut weights: HashMap<String, (usize, Vec<String>)> = HashMap::new();
    let mut problems = Problems::default();
    let mut board = 0;
    let pages = table().into_iter().filter(is_safe);
    for route in pages.filter(|r| !r.path.starts_with("/api/")) {
        let url = url(&route, "acme", |before, name| ids.at(before, name));
        let page = alice.get(&url).await;
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        let (mut wanted, mut total) = (scripts_of(&page.text), 0);
        let mut sent = Vec::new();
        while let Some(script) = wanted.pop() {
            if !weights.contains_key(&script) {
                weights.insert(script.clone(), weight(&alice, &script).await);
            }
            let (bytes, imported) = &weights[&script];
            total += bytes;
            wanted.extend(imported.iter().cloned());
            sent.push((script, *bytes));
        }
        problems.unless(total <= SCRIPTS, &route, || {
            format!("sends {total} bytes of scripts: {sent:?}")
        });
        if url.ends_with("/deals/board") {
            board = total;
            let drags = sent.iter().any(|(script, _)| script.contains("draggle"));
            assert!(drags, "{sent:?}");
        }
    }
    assert!(board > 30_000, "what a page sends is counted: {board}");
    problems.none();
}
