//! People who are here already.

use diesel::prelude::*;
use platform::schema::contacts;

use crate::crm::imports::tests::{import, number};
use crate::testing::world;

#[actix_web::test]
async fn known_people_are_left_filled_in_or_added_again() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let first = "Email,First name,City,Tags\nann@x.example,Ann,Split,a\n";
    import(&world, &alice, "first.csv", first.as_bytes(), &[]).await;
    let second = "Email,First name,City,Tags\n ANN@x.example ,Anna,,b\nbea@x.example,Bea,Oslo,\nbea@x.example,Bea,Bergen,\n";
    let skipped = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "skip")],
    )
    .await;
    assert_eq!(
        (number(&skipped, "created"), number(&skipped, "skipped")),
        (1, 2),
        "{skipped}"
    );
    let updated = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "update")],
    )
    .await;
    assert_eq!(
        (number(&updated, "created"), number(&updated, "updated")),
        (0, 3),
        "{updated}"
    );
    let ann: (String, String, Vec<String>) = world.within("acme", |tx| {
        let ann = contacts::table.filter(contacts::email.eq("ann@x.example"));
        Ok(ann
            .select((contacts::first_name, contacts::city, contacts::tags))
            .first(&mut **tx)?)
    });
    assert_eq!(
        ann,
        ("Anna".into(), "Split".into(), vec!["a".into(), "b".into()])
    );
    let again = import(
        &world,
        &alice,
        "second.csv",
        second.as_bytes(),
        &[("duplicates", "create")],
    )
    .await;
    assert_eq!(number(&again, "created"), 3, "{again}");
}
