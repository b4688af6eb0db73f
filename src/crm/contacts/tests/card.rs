//! The card of a contact: there and back.

use actix_web::http::{Method, StatusCode};
use platform::testing::Browser;
use serde_json::{Value, json};

use crate::crm::imports::tests::import;
use crate::testing::world;

const LIST: &str = "/api/v1/w/acme/contacts";

async fn added(browser: &Browser, body: Value) -> Value {
    let added = browser.api(Method::POST, LIST, body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    added.json()
}

#[actix_web::test]
async fn a_contact_leaves_as_a_vcard_and_comes_back_the_same() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let zoe = added(
        &alice,
        json!({
            "first_name": "Zoë", "last_name": "O'Brien; junior", "email": "zoe@example.com", "phone": "+4930123456",
            "job_title": "Captain, retired", "birthday": "1980-05-03", "tags": ["vip"], "description": "One\nTwo, three",
            "city": "Berlin", "more_emails": [{"label": "home", "value": "zoe@home.example"}],
            "addresses": [{"street": "Main St 1", "city": "Berlin", "postcode": "10115", "country": "DE"}],
        }),
    )
    .await;
    let id = zoe["id"].as_str().unwrap();
    let card = alice.get(&format!("/w/acme/contacts/{id}/vcard")).await;
    assert_eq!(card.header("content-type"), "text/vcard; charset=utf-8");
    assert!(card.header("content-disposition").contains("attachment"));
    assert!(
        card.text.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\n"),
        "{}",
        card.text
    );
    assert!(card.text.contains("O'Brien\\; junior;Zoë"), "{}", card.text);

    alice
        .api(Method::DELETE, &format!("{LIST}/{id}"), json!({}))
        .await;
    let done = import(
        &world,
        &alice,
        "zoe.vcf",
        card.text.as_bytes(),
        &[("duplicates", "create")],
    )
    .await;
    assert_eq!(done["created"], 1, "{done}");
    let list = alice.get_json(LIST).await.json();
    let back = &list["items"][0];
    let url = format!("{LIST}/{}", back["id"].as_str().unwrap());
    let back = alice.get_json(&url).await.json();
    for field in [
        "first_name",
        "last_name",
        "email",
        "phone",
        "job_title",
        "birthday",
        "tags",
        "description",
        "city",
    ] {
        assert_eq!(back[field], zoe[field], "{field}");
    }
    assert_eq!(back["more_emails"][0]["value"], "zoe@home.example");
    assert_eq!(back["addresses"][0]["street"], "Main St 1");
}

#[actix_web::test]
async fn the_code_is_a_picture_and_strangers_find_no_card() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let zoe = added(
        &alice,
        json!({"first_name": "Zoë", "description": "x".repeat(20_000)}),
    )
    .await;
    let url = format!("/w/acme/contacts/{}", zoe["id"].as_str().unwrap());
    let page = alice.get(&format!("{url}/card")).await;
    assert!(page.says(&format!("src=\"{url}/qr\"")), "{}", page.text);
    let code = alice.get(&format!("{url}/qr")).await;
    assert_eq!(code.header("content-type"), "image/svg+xml");
    assert!(code.says("<svg") && !code.says("xxxx"));
    let mallory = world.browser("owner@globex.test").await;
    for part in ["card", "vcard", "qr"] {
        let asked = mallory.get(&format!("{url}/{part}")).await;
        assert_eq!(asked.status, StatusCode::NOT_FOUND, "{part}");
    }
}
