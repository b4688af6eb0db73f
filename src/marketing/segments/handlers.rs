//! The pages of segments, and their API.

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::Tz;
use platform::Result;
use platform::db::Tx;
use platform::filter::FilterEditor;
use platform::records::Editable;
use platform::records::editing::{self, Editing};
use platform::web::can::{Create, Edit};
use platform::web::{Action, Can, Crumb, Form, Id, Page};
use serde::Serialize;

use super::count::{counted, matching};
use super::form::{SegmentForm, SegmentKind, draft};
use super::segment::Segment;
use crate::marketing::audience;

#[derive(Template, Serialize)]
#[template(path = "marketing/segments/form.html")]
struct Editor {
    #[serde(flatten)]
    editing: Editing<Segment>,
    #[serde(skip)]
    filter: String,
    #[serde(skip)]
    count: Option<i64>,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.editing.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.editing.crumbs()
    }
}

impl Editor {
    fn count_url(&self) -> String {
        self.editing.member.url("/segments/count")
    }
    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [
            ("dynamic", "Dynamic: everybody whom the conditions find"),
            ("static", "Static: whom you add by hand"),
        ]
    }
    fn counted(&self) -> String {
        self.count.map_or_else(String::new, counted)
    }
}

async fn editor<A: Action>(
    can: &Can<A, Segment>,
    editing: Editing<Segment>,
) -> Result<HttpResponse> {
    let zone = can.zone;
    let conditions = move |tx: &mut Tx, form: &SegmentForm| conditions(tx, form, zone);
    let page = |editing, (filter, count)| Editor {
        editing,
        filter,
        count,
    };
    editing.show(can, conditions, page).await
}

/// The editor of the filter, and how many that finds as far as it goes.
fn conditions(tx: &mut Tx, form: &SegmentForm, zone: Tz) -> Result<(String, Option<i64>)> {
    let (draft, catalogue) = (draft(&form.filter), audience::catalogue(tx)?);
    let editor = FilterEditor::new(&catalogue, "filter", &draft).render()?;
    let count = match form.kind {
        SegmentKind::Dynamic => matching(tx, &draft, &catalogue, zone)?.count(tx).ok(),
        SegmentKind::Static => None,
    };
    Ok((editor, count))
}

/// Whether it comes from a button of the filter's editor, which asks for the form with another line.
fn asks_for_a_line(form: &Form<SegmentForm>) -> bool {
    draft(&form.data.filter).editing
}

pub async fn new(can: Can<Create, Segment>) -> Result<HttpResponse> {
    editor(&can, Editing::new(&can, SegmentForm::default())?).await
}

pub async fn edit(can: Can<Edit, Segment>, id: Id) -> Result<HttpResponse> {
    editor(&can, Editing::find(&can, id.0).await?).await
}

pub async fn create(can: Can<Create, Segment>, form: Form<SegmentForm>) -> Result<HttpResponse> {
    if asks_for_a_line(&form) {
        return editor(&can, Editing::with(&can, form.unfinished(), None)?).await;
    }
    editing::create(&can, form, "is kept", editor).await
}

pub async fn update(
    can: Can<Edit, Segment>,
    Id(id): Id,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    if asks_for_a_line(&form) {
        let segment = can.tx(move |tx| Segment::find(tx, id)).await?;
        let form = form.over(&segment.form()).unfinished();
        return editor(&can, Editing::with(&can, form, Some(segment))?).await;
    }
    editing::update(&can, id, form, editor).await
}
