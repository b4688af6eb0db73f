//! The board: its columns, their sums, its pages and its moves.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{add, page, stage, url};
use crate::testing::world;

const BOARD: &str = "/w/acme/deals/board";

fn column<'a>(board: &'a Value, name: &str) -> &'a Value {
    let columns = board["columns"].as_array().unwrap();
    let found = columns.iter().find(|c| c["stage"]["name"] == name);
    found.unwrap_or_else(|| panic!("no column {name} in {board}"))
}

#[actix_web::test]
async fn columns_count_and_add_up_by_currency() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = stage(&alice, "Proposal").await;
    for (name, amount, currency) in [
        ("A", 100_000, "EUR"),
        ("B", 50_050, "EUR"),
        ("C", 70_000, "USD"),
    ] {
        add(
            &alice,
            json!({"name": name, "amount": amount, "currency": currency, "stage_id": proposal}),
        )
        .await;
    }
    let gone = add(
        &alice,
        json!({"name": "Gone", "amount": 1, "stage_id": proposal}),
    )
    .await;
    alice.api(Method::DELETE, &url(&gone), json!({})).await;
    let board = alice.get_json(BOARD).await.json();
    let all = column(&board, "Proposal");
    assert_eq!(all["count"], 3);
    assert_eq!(
        all["totals"],
        json!([{"currency": "EUR", "count": 2, "amount": 150_050, "weighted": 75_025},
            {"currency": "USD", "count": 1, "amount": 70_000, "weighted": 35_000}])
    );
    assert_eq!(all["cards"][0]["name"], "C", "the last arrival is on top");
    let html = alice.get(BOARD).await;
    for words in ["EUR 1,500.50 + USD 700", "EUR 750.25 + USD 350<"] {
        assert!(html.says(words), "{words}: {}", html.text);
    }
    let found = alice.get_json(&format!("{BOARD}?search=A")).await.json();
    assert_eq!(
        column(&found, "Proposal")["count"],
        1,
        "a search narrows the sums too"
    );
}

#[actix_web::test]
async fn a_long_column_comes_page_by_page() {
    let alice = world().browser("owner@acme.test").await;
    for n in 0..53 {
        add(&alice, json!({"name": format!("Deal {n}")})).await;
    }
    let board = alice.get_json(BOARD).await.json();
    let first = column(&board, "New");
    assert_eq!(
        (first["cards"].as_array().unwrap().len(), &first["count"]),
        (50, &json!(53))
    );
    let id = first["stage"]["id"].as_str().unwrap();
    let place = first["next_cursor"].as_str().unwrap();
    let more = format!("{BOARD}?stage={id}&after={place}");
    let rest = alice.get_json(&more).await.json();
    let rest = column(&rest, "New");
    assert_eq!(rest["cards"].as_array().unwrap().len(), 3);
    assert_eq!(rest["cards"][2]["name"], "Deal 0");
    assert_eq!(rest["next_cursor"], Value::Null);
    let request = TestRequest::get()
        .uri(&more)
        .insert_header(("hx-request", "true"))
        .insert_header(("hx-target", format!("more-{id}").as_str()));
    let part = alice.send(request).await;
    assert!(
        part.says("Deal 0") && !part.says("<main") && !part.says("board__head"),
        "{}",
        part.text
    );
    let bad = alice.get_json(&format!("{BOARD}?after=nonsense")).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_move_from_the_board_answers_with_a_word_or_with_why_not() {
    let alice = world().browser("owner@acme.test").await;
    let deal = add(&alice, json!({"name": "Regatta"})).await;
    let (won, lost) = (stage(&alice, "Won").await, stage(&alice, "Lost").await);
    let from_board = |stage: &str| {
        TestRequest::post()
            .uri(&format!("{}/move", page(&deal)))
            .insert_header(("hx-request", "true"))
            .insert_header(("hx-target", "results"))
            .set_form([("stage_id", stage), ("back", BOARD)])
    };
    let refused = alice.send(from_board(&lost)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("data-error") && refused.says("Please say why the deal is lost."),
        "{}",
        refused.text
    );
    let moved = alice.send(from_board(&won)).await;
    assert_eq!(moved.status, StatusCode::OK);
    assert!(
        moved.says("Regatta is in Won now") && moved.says("/deals/undo/"),
        "{}",
        moved.text
    );
    let undo = moved
        .text
        .split("action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let undone = alice.post(&undo, &[]).await;
    assert_eq!(undone.header("location"), BOARD, "one stays where one is");
    // Only the cards that are asked for, but the heads of all.
    let part = alice
        .get(&format!("{BOARD}?ids={}", deal["id"].as_str().unwrap()))
        .await;
    assert!(part.says("Regatta"));
    // Without scripts it is a form that leads back to the board, and never elsewhere.
    for (back, to) in [(BOARD, BOARD), ("//evil.example", page(&deal).as_str())] {
        let form = [("stage_id", won.as_str()), ("back", back)];
        let moved = alice.post(&format!("{}/move", page(&deal)), &form).await;
        assert_eq!(moved.header("location"), to);
    }
}

#[actix_web::test]
async fn the_board_leaves_out_what_ended_long_ago_unless_asked() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let won = stage(&alice, "Won").await;
    for name in ["Lately", "Long ago"] {
        add(
            &alice,
            json!({"name": name, "amount": 100, "stage_id": won}),
        )
        .await;
    }
    world.within("acme", |tx| {
        use diesel::prelude::*;
        let old =
            "update deals set stage_since = now() - interval '100 days' where name = 'Long ago'";
        Ok(diesel::sql_query(old).execute(&mut **tx)?)
    });
    let board = alice.get_json(BOARD).await.json();
    let column_won = column(&board, "Won");
    assert_eq!(column_won["count"], 1);
    assert_eq!(column_won["cards"][0]["name"], "Lately");
    assert!(alice.get(BOARD).await.says("in the last 90 days"));
    let asked = alice.get_json(&format!("{BOARD}?search=ago")).await.json();
    assert_eq!(column(&asked, "Won")["cards"][0]["name"], "Long ago");
}

#[actix_web::test]
async fn the_forecast_adds_up_open_deals_by_month_and_owner() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = stage(&alice, "Proposal").await;
    let today = platform::clock::now().date_naive();
    let (past, soon) = (today - chrono::Days::new(40), today.to_string());
    for (amount, day, currency) in [
        (100_000, soon.as_str(), "EUR"),
        (50_000, &past.to_string(), "EUR"),
        (70_000, soon.as_str(), "USD"),
    ] {
        let body = json!({"name": "x", "amount": amount, "closes_on": day, "currency": currency, "stage_id": proposal});
        add(&alice, body).await;
    }
    add(&alice, json!({"name": "Undated", "amount": 1})).await;
    let url = "/w/acme/deals/forecast";
    let all = alice.get_json(url).await.json();
    assert_eq!(all["currency"], "EUR");
    assert_eq!(
        (
            &all["total"]["count"],
            &all["total"]["amount"],
            &all["total"]["weighted"]
        ),
        (&json!(2), &json!(150_000), &json!(75_000))
    );
    let months = all["months"].as_array().unwrap();
    assert_eq!(
        (months.len(), &months[0]["label"], &months[0]["amount"]),
        (13, &json!("Before this month"), &json!(50_000))
    );
    assert_eq!(months[1]["amount"], 100_000);
    assert_eq!(all["owners"][0]["label"], "Alice Archer");
    let dollars = alice.get_json(&format!("{url}?currency=USD")).await.json();
    assert_eq!(dollars["total"]["amount"], 70_000);
    // Each number leads to the deals behind it.
    let page = alice.get(url).await;
    let mut links = page
        .text
        .split("href=\"")
        .map(|part| part.split('"').next().unwrap());
    let found = links.find(|l| l.contains("between"));
    let link = found.unwrap().replace("&amp;", "&");
    let list = alice.get_json(&link.replace("&#38;", "&")).await.json();
    assert_eq!(list["total"]["count"], 1, "{link}");
}

#[actix_web::test]
async fn an_agent_is_offered_to_move_their_own_cards_only() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let bob = world.browser("agent@acme.test").await;
    let theirs = add(&alice, json!({"name": "Hers"})).await;
    let own = add(&bob, json!({"name": "His"})).await;
    let board = bob.get(BOARD).await;
    let offers = |deal: &Value| board.says(&format!("{}/move", page(deal)));
    assert!(offers(&own) && !offers(&theirs), "{}", board.text);
    let won = stage(&bob, "Won").await;
    let moved = |deal: &Value| format!("{}/move", url(deal));
    let body = json!({ "stage_id": won });
    let refused = bob.api(Method::POST, &moved(&theirs), body.clone()).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let done = bob.api(Method::POST, &moved(&own), body).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
}

#[actix_web::test]
async fn a_column_says_when_it_holds_more_than_it_should() {
    let alice = world().browser("owner@acme.test").await;
    let proposal = stage(&alice, "Proposal").await;
    let url = format!("/api/v1/w/acme/settings/stages/{proposal}");
    let limited = alice
        .api(Method::PATCH, &url, json!({"wip_limit": 1}))
        .await;
    assert!(limited.status.is_success(), "{}", limited.text);
    add(&alice, json!({"name": "One", "stage_id": proposal})).await;
    let page = alice.get(BOARD).await;
    assert!(page.says("of at most") && !page.says("board__count--over"));
    add(&alice, json!({"name": "Two", "stage_id": proposal})).await;
    assert!(alice.get(BOARD).await.says("board__count--over"));
}

#[actix_web::test]
async fn the_calendar_shows_deals_on_the_day_they_close() {
    let world = world();
    let alice = world.browser("owner@acme.test").await;
    let _day = platform::clock::freeze("2026-11-18T08:00:00Z".parse().unwrap());
    let won = stage(&alice, "Won").await;
    for body in [
        json!({"name": "Late", "amount": 100_000, "closes_on": "2026-11-10"}),
        json!({"name": "Soon", "closes_on": "2026-11-30"}),
        json!({"name": "Ended", "closes_on": "2026-11-30", "stage_id": won}),
        json!({"name": "Undated"}),
        json!({"name": "Next year", "closes_on": "2027-02-10"}),
    ] {
        add(&alice, body).await;
    }
    let url = "/w/acme/deals/calendar";
    let shown = alice.get_json(url).await.json();
    let weeks = shown["weeks"].as_array().unwrap();
    let days = weeks.iter().flat_map(|week| week.as_array().unwrap());
    let items: Vec<Value> = days
        .flat_map(|day| day["items"].as_array().unwrap().clone())
        .map(|item| json!([item["name"], item["standing"]]))
        .collect();
    let expected = json!([
        ["Late, EUR\u{a0}1,000", "late"],
        ["Soon", "open"],
        ["Ended", "done"]
    ]);
    assert_eq!(json!(items), expected);
    let page = alice.get(url).await;
    assert!(page.says("Monday, 30 November, 2 deals"), "{}", page.text);
    assert!(page.says("/deals/new?closes_on=2026-11-30"));
    let new = alice.get("/w/acme/deals/new?closes_on=2026-11-30").await;
    assert!(new.says("2026-11-30"));
}
