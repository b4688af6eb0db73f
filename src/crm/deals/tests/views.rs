//! Views of deals keep the layout that they were saved from.

use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::add;
use crate::testing::world;

#[actix_web::test]
async fn a_view_opens_in_the_layout_that_it_was_saved_from() {
    let alice = world().browser("owner@acme.test").await;
    add(&alice, json!({"name": "Regatta"})).await;
    add(&alice, json!({"name": "Winter"})).await;
    for layout in ["board", "calendar", "forecast"] {
        let page = alice
            .get(&format!("/w/acme/deals/{layout}?search=reg"))
            .await;
        let field = format!("name=\"layout\" value=\"{layout}\"");
        assert!(page.says(&field), "{layout}: {}", page.text);
        let form = [
            ("record_kind", "deal"),
            ("name", layout),
            ("search", "reg"),
            ("layout", layout),
            ("pinned", "true"),
            ("is_default", "true"),
        ];
        let saved = alice.post("/w/acme/views", &form).await;
        let at = saved.header("location").to_owned();
        assert!(
            at.starts_with(&format!("/w/acme/deals/{layout}?view=")),
            "{at}"
        );
        assert_eq!(alice.get("/w/acme/deals").await.header("location"), at);
        let shown = alice.get(&at).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(!shown.says("Save changes"), "it is as it was saved");
        assert!(
            shown.text.matches(&*at).count() > 1,
            "among the tabs and pinned"
        );
        if layout != "forecast" {
            assert!(!shown.says("Winter"), "{layout}");
        }
        // The same view as a list is another arrangement of it.
        let list = at.replace(&format!("/{layout}"), "");
        let list = alice.get(&list).await;
        assert!(list.says("Regatta") && list.says("Save changes"));
    }
    // What a kind has no page for is no layout.
    for (kind, layout) in [("deal", "map"), ("company", "board"), ("task", "board")] {
        let body = json!({"record_kind": kind, "name": "X", "layout": layout});
        let refused = alice.api(Method::POST, "/w/acme/views", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        assert_eq!(refused.json()["errors"][0]["field"], "layout");
    }
    let body =
        json!({"record_kind": "task", "name": "Month", "layout": "calendar", "shared": true});
    let made = alice.api(Method::POST, "/w/acme/views", body).await.json();
    assert_eq!(made["layout"], "calendar");
    let at = format!(
        "/w/acme/tasks/calendar?view={}",
        made["id"].as_str().unwrap()
    );
    assert!(alice.get("/w/acme/tasks").await.says(&at));
}
