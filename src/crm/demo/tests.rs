use std::collections::BTreeMap;

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use platform::db::Tx;
use platform::testing::{Answer, Browser, World};
use platform::world::{add_member, create_workspace};
use serde_json::{Value, json};

use super::set::Set;
use crate::testing::world;

/// A workspace of the test's own, since tests that run beside it would wait for the tags of this one; with its owner.
async fn land(world: &World, slug: &'static str) -> Land {
    world.leave_jobs();
    {
        let mut conn = world.app.pool.get().unwrap();
        let id = create_workspace(&mut conn, slug, slug).unwrap();
        for (email, role) in [
            ("owner@acme.test", "owner"),
            ("advisor@acme.test", "advisor"),
            ("agent@acme.test", "agent"),
            ("viewer@acme.test", "viewer"),
        ] {
            add_member(&mut conn, id, email, email, role, None).unwrap();
        }
    }
    Land {
        slug,
        alice: world.browser("owner@acme.test").await,
    }
}

struct Land {
    slug: &'static str,
    alice: Browser,
}

impl Land {
    fn url(&self, path: &str) -> String {
        format!("/w/{}{path}", self.slug)
    }

    async fn page(&self, path: &str) -> Answer {
        self.alice.get(&self.url(path)).await
    }

    async fn add(&self) -> Answer {
        self.alice.post(&self.url("/demo?_method=PUT"), &[]).await
    }

    async fn add_it(&self) {
        let added = self.add().await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    }

    async fn remove(&self) -> Answer {
        let url = self.url("/demo");
        self.alice.api(Method::DELETE, &url, json!({})).await
    }

    async fn remove_it(&self) {
        let gone = self.remove().await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    }

    async fn made(&self, collection: &str, body: Value) -> Value {
        let url = format!("/api/v1{}", self.url(&format!("/{collection}")));
        let answer = self.alice.api(Method::POST, &url, body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        answer.json()
    }

    /// The id of the first record that is found so.
    async fn first(&self, collection: &str, search: &str) -> String {
        let url = format!(
            "/api/v1{}",
            self.url(&format!("/{collection}?search={search}"))
        );
        let list = self.alice.get_json(&url).await.json();
        list["items"][0]["id"].as_str().unwrap().to_owned()
    }

    /// What is there of everything that demo data brings, but for what is archived.
    fn counts(&self, world: &World) -> BTreeMap<String, i64> {
        let rows = world.within(self.slug, |tx: &mut Tx| {
            let sql = "
                select 'contacts' what, count(*) from contacts where archived_at is null
                union all select 'companies', count(*) from companies where archived_at is null
                union all select 'deals', count(*) from deals where archived_at is null
                union all select 'tasks', count(*) from tasks where archived_at is null
                union all select 'records', count(*) from records where archived_at is null
                union all select 'activities', count(*) from activities
                union all select 'tags', count(*) from tags
                union all select 'notifications', count(*) from notifications
                union all select 'demo', count(*) from demo_records
                union all select 'demo tags', count(*) from demo_tags";
            Ok(sql_query(sql).load::<Row>(&mut **tx)?)
        });
        rows.into_iter().map(|row| (row.what, row.count)).collect()
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[test]
fn the_set_is_whole_and_all_its_addresses_lead_nowhere() {
    let set = Set::read().unwrap();
    let counts = set.counts();
    assert_eq!((counts.contacts, counts.companies), (60, 15));
    assert_eq!((counts.deals, counts.tasks), (20, 20));
    for contact in &set.contacts {
        let email = contact.form.email.as_deref().unwrap();
        assert!(email.ends_with(".example"), "{email}");
    }
    for company in &set.companies {
        let domain = company.form.domain.as_deref().unwrap();
        assert!(domain.ends_with(".example"), "{domain}");
    }
}

#[actix_web::test]
async fn after_adding_and_removing_everything_is_as_before() {
    let world = world();
    let land = land(&world, "demo-whole").await;
    let own = json!({"first_name": "Own", "tags": ["newsletter"]});
    land.made("contacts", own).await;
    let before = land.counts(&world);
    let page = land.page("/demo").await;
    assert!(page.says("What comes") && page.says("Add the demo data"));
    land.add_it().await;
    let with = land.counts(&world);
    for (what, more) in [
        ("contacts", 60),
        ("companies", 15),
        ("deals", 20),
        ("tasks", 20),
    ] {
        assert_eq!(with[what], before[what] + more, "{what}");
    }
    assert!(with["tags"] > before["tags"] && with["activities"] > 10);
    let board = land.page("/deals/board").await;
    assert!(board.says("Refit of 14 delivery vans"));
    land.remove_it().await;
    assert_eq!(land.counts(&world), before);
    for path in [
        "",
        "/contacts",
        "/companies",
        "/deals",
        "/deals/board",
        "/tasks",
        "/tasks/today",
        "/activities",
        "/search?q=Brightwater",
    ] {
        let page = land.page(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for trace in [
            "Brightwater Logistics",
            "Refit of 14",
            "Saskia de Vries",
            "Send the revised offer",
        ] {
            assert!(!page.says(trace), "{path} shows {trace}");
        }
    }
}

#[actix_web::test]
async fn what_was_changed_and_what_hangs_on_it_goes_too() {
    let world = world();
    let land = land(&world, "demo-changed").await;
    let before = land.counts(&world);
    land.add_it().await;
    let saskia = land.first("contacts", "Saskia").await;
    let given =
        json!({"job_title": "Somebody else’s", "owner_id": world.person("agent@acme.test")});
    let url = format!("/api/v1{}", land.url(&format!("/contacts/{saskia}")));
    let changed = land.alice.api(Method::PATCH, &url, given).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert!(land.counts(&world)["notifications"] > 0);
    let task = json!({"name": "Mine about her", "record_id": saskia});
    land.made("tasks", task).await;
    let call = json!({"kind": "call", "subject": "Mine"});
    land.made(&format!("records/contact/{saskia}/activities"), call)
        .await;
    let page = land.page("/demo").await;
    assert!(page.says("What goes") && page.says("<span>21</span>"));
    land.remove_it().await;
    assert_eq!(land.counts(&world), before);
}

#[actix_web::test]
async fn what_is_ones_own_stays() {
    let world = world();
    let land = land(&world, "demo-own").await;
    land.add_it().await;
    let company = land.first("companies", "Kestrel").await;
    let contact = json!({"first_name": "Own", "company_id": company});
    land.made("contacts", contact).await;
    let deal = json!({"name": "Own deal", "company_id": company});
    land.made("deals", deal).await;
    let task = json!({"name": "Own task", "tags": ["trade fair"]});
    land.made("tasks", task).await;
    land.remove_it().await;
    let left = land.counts(&world);
    assert_eq!((left["contacts"], left["deals"], left["tasks"]), (1, 1, 1));
    assert_eq!(left["tags"], 1, "a tag that is in use stays");
}

#[actix_web::test]
async fn one_into_which_somebodys_own_was_merged_stays() {
    let world = world();
    let land = land(&world, "demo-merged").await;
    land.add_it().await;
    let saskia = land.first("contacts", "Saskia").await;
    let own = json!({"first_name": "Own", "email": "own@here.example"});
    let own = land.made("contacts", own).await;
    let merged = json!({"ids": [own["id"]]});
    land.made(&format!("contacts/{saskia}/merge"), merged).await;
    land.remove_it().await;
    assert_eq!(land.counts(&world)["contacts"], 1);
}

#[actix_web::test]
async fn it_is_added_once_and_again_after_it_went() {
    let world = world();
    let land = land(&world, "demo-twice").await;
    assert_eq!(land.remove().await.status, StatusCode::CONFLICT);
    land.add_it().await;
    let twice = land.add().await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.says("The demo data is here already."));
    assert_eq!(land.counts(&world)["contacts"], 60);
    land.remove_it().await;
    land.add_it().await;
    assert_eq!(land.counts(&world)["contacts"], 60);
}

#[actix_web::test]
async fn it_counts_for_no_first_step_and_the_start_page_tells_of_it() {
    let world = world();
    let land = land(&world, "demo-steps").await;
    let page = land.page("").await;
    assert!(page.says("Try it with demo data") && page.says("2 of 7 done"));
    land.add_it().await;
    let page = land.page("").await;
    assert!(page.says("2 of 7 done") && page.says("This workspace has demo data in it."));
    land.remove_it().await;
    let page = land.page("").await;
    assert!(!page.says("This workspace has demo data in it."));
}

#[actix_web::test]
async fn it_takes_the_rights_to_all_of_it() {
    let world = world();
    let land = land(&world, "demo-rights").await;
    for email in ["agent@acme.test", "viewer@acme.test"] {
        let browser = world.browser(email).await;
        let page = browser.get(&land.url("/demo")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        let refused = browser.post(&land.url("/demo?_method=PUT"), &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let home = browser.get(&land.url("")).await;
        assert!(!home.says("Try it with demo data"));
    }
    let adam = world.browser("advisor@acme.test").await;
    let list = adam.get(&land.url("/contacts")).await;
    assert!(list.says("Try it with demo data"));
    let added = adam.post(&land.url("/demo?_method=PUT"), &[]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER);
    land.remove_it().await;
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let world = world();
    let here = land(&world, "demo-here").await;
    let there = land(&world, "demo-there").await;
    let before = there.counts(&world);
    here.add_it().await;
    assert_eq!(there.counts(&world), before);
    assert!(there.page("/demo").await.says("What comes"));
    let with = here.counts(&world);
    there.add_it().await;
    there.remove_it().await;
    assert_eq!(here.counts(&world), with);
    let mallory = world.browser("owner@globex.test").await;
    let refused = mallory.post(&here.url("/demo?_method=PUT"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}
