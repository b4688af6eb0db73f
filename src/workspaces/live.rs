//! The timeline of a record and the list it stands in, as they happen.

use askama::Template;
use platform::Result;
use platform::db::tx::Subject;
use platform::events::Event;
use platform::live::Fragment;
use platform::records::kinds::Kind;
use platform::records::timeline::{self, Entries};
use platform::web::App;
use uuid::Uuid;

/// What just happened, on top of the timeline.
#[derive(Template)]
#[template(path = "workspaces/live/timeline.html")]
struct Items {
    entries: Entries,
}

/// Which record is another now. A list asks for its row once nobody points at it, the record's page for its facts.
#[derive(Template)]
#[template(path = "workspaces/live/row.html")]
#[derive(Clone)]
struct Row<'a> {
    event: Uuid,
    row: String,
    what: &'a str,
}

/// The same without an event to go on from.
#[derive(Template)]
#[template(path = "workspaces/live/changed.html")]
struct Changed {
    row: String,
}

/// The new item on the record's timeline, and a word to the list that it stands in.
pub fn timeline(app: &App, workspace: Uuid, event: &Event) -> Result<Vec<Fragment>> {
    let (Some(name), Some(id)) = (&event.record_kind, event.record_id) else {
        return Ok(Vec::new());
    };
    let Some(kind) = app.kinds.get(name) else {
        return Ok(Vec::new());
    };
    let row = Row {
        event: event.id,
        row: format!("{name}-{id}"),
        what: event.kind.rsplit('.').next().unwrap_or_default(),
    };
    let mut fragments = Vec::new();
    if let Some((kind, id)) = event.shower() {
        let room = format!("{kind}:{id}");
        if app.live.listened_to(workspace, &room) {
            let row = Row {
                row: format!("{kind}-{id}"),
                ..row.clone()
            };
            let html = row.render()?;
            fragments.push(Fragment { room, html });
        }
    }
    let room = format!("{name}:{id}");
    if app.live.listened_to(workspace, &room) {
        let subject = Subject::reader(workspace);
        let entries = app.tx_now(subject, |tx| timeline::live(tx, &app.kinds, kind, event))?;
        let mut html = row.render()?;
        if !entries.items.is_empty() {
            html.push_str(&Items { entries }.render()?);
        }
        fragments.push(Fragment { room, html });
    }
    let room = kind.collection.to_owned();
    if app.live.listened_to(workspace, &room) {
        let html = row.render()?;
        fragments.push(Fragment { room, html });
    }
    Ok(fragments)
}

/// More rows than this are not fetched anew one by one.
const ROWS: usize = 50;

/// Tells the lists that some of their rows changed without anybody's doing; of very many only that there are some.
pub fn rows(app: &App, workspace: Uuid, kind: &Kind, ids: &[Uuid]) -> Result<()> {
    if ids.len() > ROWS {
        app.dispatcher.tell_lists(app, workspace, kind.collection);
        return Ok(());
    }
    let mut all = String::new();
    for id in ids {
        let row = Changed {
            row: format!("{}-{id}", kind.name),
        };
        all.push_str(&row.render()?);
    }
    let room = kind.collection;
    app.dispatcher.tell(app, workspace, room, all);
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use diesel::prelude::*;
    use platform::schema::events;
    use serde_json::json;

    use super::*;
    use crate::testing::world;

    #[actix_web::test]
    async fn a_live_item_says_what_the_timeline_says() {
        let world = world();
        let alice = world.browser("owner@acme.test").await;
        let body = json!({"first_name": "Ann", "city": "Split"});
        let made = alice.api(Method::POST, "/w/acme/contacts", body).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let url = format!("/w/acme/contacts/{id}");
        alice
            .api(Method::PATCH, &url, json!({"city": "Rijeka"}))
            .await;
        let (workspace, event) = world.within("acme", |tx| {
            let newest = events::table.order(events::seq.desc());
            let event: Event = newest.select(Event::as_select()).first(&mut **tx)?;
            Ok((tx.workspace, event))
        });
        let shown = |world: &platform::testing::World| {
            let fragments = timeline(&world.app, workspace, &event).unwrap();
            let of = fragments.into_iter().map(|f| (f.room, f.html));
            of.collect::<Vec<_>>()
        };
        assert!(shown(&world).is_empty(), "nobody looks");
        let room = format!("contact:{id}");
        let _page = world.app.live.join(workspace, &room);
        let items = shown(&world);
        assert_eq!((items.len(), &items[0].0), (1, &room));
        let sentence = "changed City from <del>Split</del> to <ins>Rijeka</ins>";
        assert!(items[0].1.contains(sentence), "{}", items[0].1);
        let own = format!(r#"id="event-{}""#, event.id);
        assert!(items[0].1.contains(&own), "no two items are taken for one");
        let news = format!(r#"data-row="contact-{id}" data-what="updated""#);
        assert!(items[0].1.contains(&news), "its facts are fetched anew");
        assert!(alice.get(&url).await.text.contains(sentence));
        let _list = world.app.live.join(workspace, "contacts");
        let row = format!(r#"data-row="contact-{id}" data-what="updated""#);
        assert!(shown(&world)[1].1.contains(&row));
    }

    #[actix_web::test]
    async fn what_changed_by_itself_is_fetched_row_by_row_and_very_many_are_not() {
        let world = world();
        let workspace = world.within("acme", |tx| Ok(tx.workspace));
        let mut list = world.app.live.join(workspace, "contacts");
        let kind = crate::crm::contacts::KIND;
        let ids: Vec<Uuid> = (0..2).map(|_| Uuid::now_v7()).collect();
        rows(&world.app, workspace, &kind, &ids).unwrap();
        let told = list.recv().await.unwrap();
        for id in &ids {
            let row = format!(r#"data-row="contact-{id}" data-what="changed""#);
            assert!(told.contains(&row), "{told}");
        }
        let many: Vec<Uuid> = (0..=ROWS).map(|_| Uuid::now_v7()).collect();
        rows(&world.app, workspace, &kind, &many).unwrap();
        let told = list.recv().await.unwrap();
        assert!(told.contains("Something changed") && !told.contains("data-row"));
    }

    #[actix_web::test]
    async fn a_record_and_its_form_say_who_else_is_there() {
        let world = world();
        let alice = world.browser("owner@acme.test").await;
        let body = json!({"first_name": "Ann"});
        let made = alice.api(Method::POST, "/w/acme/contacts", body).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let url = format!("/w/acme/contacts/{id}");
        let workspace = world.within("acme", |tx| Ok(tx.workspace));
        let room = format!("contact:{id}");
        let enter = |email: &str, name: &str, field: Option<(&str, &str)>| {
            let field = field.map(|(key, label)| (key.to_owned(), label.to_owned()));
            let here = platform::live::Here::new(world.person(email), name, field);
            let all = &world.app.live.whereabouts;
            all.enter(workspace, &room, Uuid::now_v7(), here);
        };
        enter("agent@acme.test", "Bob Brandt", None);
        enter("owner@acme.test", "Alice Archer", None);
        let page = alice.get(&url).await;
        assert!(page.says("Bob Brandt is viewing"));
        assert!(!page.says("Alice Archer is viewing"), "not oneself");
        enter("viewer@acme.test", "Carol", Some(("city", "City")));
        let form = alice.get(&format!("{url}/edit")).await;
        assert!(form.says("Carol is editing City") && form.text.contains("data-field=\"city\""));
        // What is shown is not what a page in another workspace shows.
        let other = alice.get("/w/acme/contacts").await;
        assert!(!other.says("is viewing"));
    }
}
