//! The page of a segment.

use actix_web::{HttpResponse, web};
use askama::Template;
use platform::Result;
use platform::records::listing::Trail;
use platform::records::{Editable, chooser};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::KIND;
use super::form::{SegmentKind, draft, read};
use super::members::{Member, SHOWN};
use super::segment::Segment;
use crate::crm;
use crate::marketing::audience;

#[derive(Template, Serialize)]
#[template(path = "marketing/segments/show.html")]
struct Show {
    #[serde(flatten)]
    segment: Segment,
    count: i64,
    #[serde(skip)]
    conditions: Vec<String>,
    #[serde(skip)]
    members: Vec<Member>,
    #[serde(skip)]
    trail: Trail,
    #[serde(skip)]
    base: String,
    /// Whom one might want to add.
    #[serde(skip)]
    likely: Vec<(String, String)>,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    may_edit: bool,
    #[serde(skip)]
    may_archive: bool,
}

impl Page for Show {
    fn title(&self) -> String {
        self.segment.name.clone()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to("Segments", self.trail.list()),
            Crumb::here(&self.segment.name),
        ]
    }
}

impl Show {
    fn url(&self, path: &str) -> String {
        format!("{}/{}{path}", self.base, self.segment.id)
    }
    fn contact_url(&self, id: &Uuid) -> String {
        format!("{}/contacts/{id}", self.root)
    }
    fn choices_url(&self) -> String {
        format!("{}/records/contact/choices", self.root)
    }
    fn member_url(&self, member: &Member) -> String {
        self.url(&format!("/members/{}", member.id))
    }
    fn remove_label(&self, member: &Member) -> String {
        format!("Remove {}", member.name)
    }
    fn is_static(&self) -> bool {
        self.segment.kind == SegmentKind::Static
    }
    fn counted(&self) -> String {
        filters::thousands(&self.count.to_string())
    }
    fn more(&self) -> Option<String> {
        let shown = self.members.len() as i64;
        (self.count > shown).then(|| format!("The first {shown} of {} are shown.", self.counted()))
    }
}

pub async fn show(can: Can<See, Segment>, id: web::Path<(String, Uuid)>) -> Result<HttpResponse> {
    let (_, id) = id.into_inner();
    let json = can.asked.json();
    let (base, root) = (can.url("/segments"), can.url(""));
    let trail = Trail::read(&can, &KIND)?;
    let may_edit = can.may("segments", "edit");
    let may_archive = can.may("segments", "archive");
    let page = can.tx(move |tx| {
        let segment = Segment::find(tx, id)?;
        let audience = segment.audience(tx)?;
        let mut page = Show {
            count: audience.count(tx)?,
            trail: trail.follow(tx, &segment)?,
            segment,
            conditions: Vec::new(),
            members: Vec::new(),
            likely: Vec::new(),
            base,
            root,
            may_edit,
            may_archive,
        };
        if json {
            return Ok(page);
        }
        page.members = Member::of(tx, &audience, None, SHOWN)?;
        if page.is_static() {
            page.likely = chooser::likely(tx, &crm::contacts::KIND, None)?;
            return Ok(page);
        }
        let catalogue = audience::catalogue(tx)?;
        let (filter, _) = read(&draft(&page.segment.filter), &catalogue);
        page.conditions = filter.chips().into_iter().map(|c| c.text).collect();
        Ok(page)
    });
    let page = page.await?;
    can.versioned(page.segment.version, page)
}
