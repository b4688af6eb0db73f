//! The timeline of a record and the list it stands in, as they happen.

use askama::Template;
use platform::Result;
use platform::events::Event;
use platform::live::Fragment;
use platform::web::App;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "workspaces/live/timeline.html")]
struct Item<'a> {
    entry: &'a Event,
}

impl Item<'_> {
    fn what(&self) -> String {
        self.entry.kind.replace(['.', '_'], " ")
    }
}

/// The new item on the record's timeline, and a word on the list that there is something new.
pub fn timeline(app: &App, workspace: Uuid, event: &Event) -> Result<Vec<Fragment>> {
    let (Some(kind), Some(id)) = (&event.record_kind, event.record_id) else {
        return Ok(Vec::new());
    };
    let mut fragments = Vec::new();
    let room = format!("{kind}:{id}");
    if app.live.listened_to(workspace, &room) {
        let html = Item { entry: event }.render()?;
        fragments.push(Fragment { room, html });
    }
    let list = app.kinds.get(kind).map(|k| k.collection.to_owned());
    if let Some(room) = list.filter(|room| app.live.listened_to(workspace, room)) {
        let html = FRESH.replace("{event}", &event.id.to_string());
        fragments.push(Fragment { room, html });
    }
    Ok(fragments)
}

/// Rows are never shoved under somebody's pointer; the list says that there is something new.
const FRESH: &str = "<div class=\"fresh\" id=\"fresh\" hx-swap-oob=\"true\" data-event=\"{event}\">\
    <a class=\"button button--small\" href=\"\"><span>Something changed, show</span></a></div>";
