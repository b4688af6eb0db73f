//! A whole import is taken back.

use actix_web::http::{Method, StatusCode};
use diesel::prelude::*;
use platform::schema::{companies, contacts};
use serde_json::json;
use uuid::Uuid;

use super::{URL, live_contacts};
use crate::crm::imports::tests::{id, import, number};
use crate::testing::world;

#[actix_web::test]
async fn an_import_can_be_undone_without_undoing_what_people_did_since() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let before = "Email,First name,City\nann@x.example,Ann,Split\nbob@x.example,Bob,Rijeka\n";
    import(&world, &alice, "before.csv", before.as_bytes(), &[]).await;
    let csv = "Email,First name,City,Company\nann@x.example,Anna,Zadar,Acme\nbob@x.example,Rob,Pula,Acme\ncy@x.example,Cy,Hvar,Acme\ndi@x.example,Di,Hvar,Acme\n";
    let done = import(
        &world,
        &alice,
        "second.csv",
        csv.as_bytes(),
        &[("duplicates", "update")],
    )
    .await;
    assert_eq!(
        (number(&done, "created"), number(&done, "updated")),
        (2, 2),
        "{done}"
    );
    let find = |email: &'static str| {
        world.within("acme", move |tx| {
            let one = contacts::table.filter(contacts::email.eq(email));
            Ok(one
                .select((contacts::id, contacts::first_name, contacts::city))
                .first::<(Uuid, String, String)>(&mut **tx)?)
        })
    };
    for (email, city) in [("bob@x.example", "Vis"), ("di@x.example", "Vis")] {
        let url = format!("/api/v1/w/acme/contacts/{}", find(email).0);
        let answer = alice
            .api(Method::PATCH, &url, json!({ "city": city }))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    alice
        .api(
            Method::POST,
            &format!("{URL}/{}/undo", id(&done)),
            json!({}),
        )
        .await;
    world.run_jobs().await;
    let undone = alice.get_json(&format!("{URL}/{}", id(&done))).await.json();
    assert_eq!(undone["state"], "undone", "{undone}");
    assert_eq!(
        (number(&undone, "undone"), number(&undone, "kept")),
        (2, 2),
        "{undone}"
    );
    let (_, name, city) = find("ann@x.example");
    assert_eq!((name.as_str(), city.as_str()), ("Ann", "Split"));
    let (_, name, city) = find("bob@x.example");
    assert_eq!(
        (name.as_str(), city.as_str()),
        ("Bob", "Vis"),
        "field by field"
    );
    assert_eq!(live_contacts(&world), 3, "Cy is gone, Di was changed since");
    let live: i64 = world.within("acme", |tx| {
        let live = companies::table.filter(companies::archived_at.is_null());
        Ok(live.count().get_result(&mut **tx)?)
    });
    assert_eq!(live, 1, "Di works there");
}
