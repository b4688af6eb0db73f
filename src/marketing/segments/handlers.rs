//! The pages of segments, and their API.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;
use platform::filter::{Catalogue, FilterEditor};
use platform::web::can::{Archive, Create, Edit, View as See};
use platform::web::{Action, Can, Crumb, Form, Page, Toast, View, filters};
use platform::{Error, Result};
use serde::Serialize;
use uuid::Uuid;

use super::audience::Audience;
use super::form::{SegmentForm, SegmentKind, draft, read};
use super::segment::Segment;
use crate::marketing::audience;

type Id = web::Path<(String, Uuid)>;

const PATH: &str = "/segments";

#[derive(Template, Serialize)]
#[template(path = "marketing/segments/form.html")]
struct Editor {
    form: Form<SegmentForm>,
    #[serde(skip)]
    segment: Option<Segment>,
    #[serde(skip)]
    filter: String,
    #[serde(skip)]
    count: Option<i64>,
    #[serde(skip)]
    base: String,
}

impl Page for Editor {
    fn title(&self) -> String {
        self.segment
            .as_ref()
            .map_or("New segment".into(), |s| format!("Edit {}", s.name))
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to("Segments", &self.base)];
        if let Some(s) = &self.segment {
            crumbs.push(Crumb::to(&s.name, format!("{}/{}", self.base, s.id)));
        }
        crumbs.push(Crumb::here(if self.segment.is_some() {
            "Edit"
        } else {
            "New"
        }));
        crumbs
    }
}

impl Editor {
    fn action(&self) -> String {
        match &self.segment {
            Some(s) => format!("{}/{}?_method=PATCH", self.base, s.id),
            None => self.base.clone(),
        }
    }
    fn cancel(&self) -> String {
        self.segment
            .as_ref()
            .map_or(self.base.clone(), |s| format!("{}/{}", self.base, s.id))
    }
    fn count_url(&self) -> String {
        format!("{}/count", self.base)
    }
    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [
            ("dynamic", "Dynamic: everybody whom the conditions find"),
            ("static", "Static: whom you add by hand"),
        ]
    }
    fn counted(&self) -> String {
        counted(self.count)
    }
}

fn counted(count: Option<i64>) -> String {
    match count {
        Some(1) => "1 contact".into(),
        Some(n) => format!("{} contacts", filters::thousands(&n.to_string())),
        None => String::new(),
    }
}

pub async fn new(can: Can<Create, Segment>) -> Result<HttpResponse> {
    let form = Form::of(SegmentForm::default());
    editor(&can, StatusCode::OK, form, None).await
}

pub async fn edit(can: Can<Edit, Segment>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let segment = can.tx(move |tx| Segment::find(tx, id)).await?;
    let form = Form::of(SegmentForm::from(&segment));
    editor(&can, StatusCode::OK, form, Some(segment)).await
}

async fn editor<A: Action>(
    can: &Can<A, Segment>,
    status: StatusCode,
    form: Form<SegmentForm>,
    segment: Option<Segment>,
) -> Result<HttpResponse> {
    if can.asked.json() && !form.is_valid() {
        return Err(form.valid().err().unwrap_or(Error::NotFound));
    }
    let draft = draft(&form.data.filter);
    let shown = draft.clone();
    let zone = can.zone;
    let dynamic = form.data.kind == SegmentKind::Dynamic;
    let (catalogue, count) = can
        .tx(move |tx| {
            let catalogue = audience::catalogue(tx)?;
            let count = match dynamic {
                true => matching(tx, &shown, &catalogue, zone)?.count(tx).ok(),
                false => None,
            };
            Ok((catalogue, count))
        })
        .await?;
    let filter = FilterEditor::new(&catalogue, "filter", &draft).render()?;
    let base = can.url(PATH);
    can.page_with(
        status,
        Editor {
            form,
            segment,
            filter,
            count,
            base,
        },
    )
}

fn matching(
    tx: &mut platform::db::Tx,
    draft: &platform::filter::Draft,
    catalogue: &Catalogue,
    zone: Tz,
) -> Result<Audience> {
    let (filter, _) = draft.check(catalogue);
    Ok(Audience::Matching(
        filter.predicate(&audience::context(tx, zone)),
    ))
}

/// How many a filter finds while it is being put together.
pub async fn count(can: Can<See, Segment>, form: Form<SegmentForm>) -> Result<HttpResponse> {
    let draft = draft(&form.data.filter);
    let zone = can.zone;
    let json = can.asked.json();
    let count = can
        .tx(move |tx| {
            let catalogue = audience::catalogue(tx)?;
            let (_, problem) = read(&draft, &catalogue);
            if let Some(problem) = problem.filter(|_| json) {
                return Err(Error::invalid("filter", problem));
            }
            matching(tx, &draft, &catalogue, zone)?.count(tx)
        })
        .await?;
    if json {
        return Ok(HttpResponse::Ok().json(serde_json::json!({ "count": count })));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(counted(Some(count))))
}

/// The form with its filter as it is kept, or with what is wrong with it; `None` while a button of the editor asks
/// for another line.
async fn checked<A: Action>(
    can: &Can<A, Segment>,
    mut form: Form<SegmentForm>,
) -> Result<(Form<SegmentForm>, bool)> {
    let draft = draft(&form.data.filter);
    if draft.editing {
        return Ok((form, true));
    }
    let catalogue = can.tx(audience::catalogue).await?;
    let (filter, problem) = read(&draft, &catalogue);
    match problem {
        Some(problem) => form.refuse("filter", problem),
        None => form.data.filter = filter.to_json(),
    }
    Ok((form, false))
}

pub async fn create(can: Can<Create, Segment>, form: Form<SegmentForm>) -> Result<HttpResponse> {
    let (form, editing) = checked(&can, form).await?;
    if editing {
        return editor(&can, StatusCode::OK, form, None).await;
    }
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, None).await;
    }
    let segment = can.tx(move |tx| Segment::create(tx, form.data)).await?;
    let url = can.url(&format!("{PATH}/{}", segment.id));
    can.created(
        &url,
        segment.version,
        &segment,
        Toast::done(format!("{} is kept", segment.name)),
    )
}

pub async fn update(
    can: Can<Edit, Segment>,
    id: Id,
    form: Form<SegmentForm>,
) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let segment = can.tx(move |tx| Segment::find(tx, id)).await?;
    let version = can
        .asked
        .version()
        .or_else(|| form.value("version").parse().ok())
        .unwrap_or(segment.version);
    let form = form.over(&SegmentForm::from(&segment));
    let (form, editing) = checked(&can, form).await?;
    if editing {
        return editor(&can, StatusCode::OK, form, Some(segment)).await;
    }
    if !form.is_valid() {
        return editor(&can, StatusCode::UNPROCESSABLE_ENTITY, form, Some(segment)).await;
    }
    let segment = can
        .tx(move |tx| segment.update(tx, version, form.data))
        .await?;
    let url = can.url(&format!("{PATH}/{}", segment.id));
    can.updated(&url, segment.version, &segment, Toast::done("Saved"))
}

pub async fn archive(can: Can<Archive, Segment>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let segment = can.tx(move |tx| Segment::find(tx, id)?.archive(tx)).await?;
    let undo = can.url(&format!("{PATH}/{}/restoration", segment.id));
    can.done(
        &can.url(PATH),
        Toast::done(format!("{} is archived", segment.name)).undo(undo),
    )
}

pub async fn restore(can: Can<Archive, Segment>, id: Id) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let segment = can.tx(move |tx| Segment::find(tx, id)?.restore(tx)).await?;
    let url = can.url(&format!("{PATH}/{}", segment.id));
    can.updated(
        &url,
        segment.version,
        &segment,
        Toast::done(format!("{} is back", segment.name)),
    )
}
