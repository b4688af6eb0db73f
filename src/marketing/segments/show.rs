//! The page of a segment.

use actix_web::HttpResponse;
use askama::Template;
use platform::Result;
use platform::db::Tx;
use platform::records::chooser;
use platform::records::open::{Opened, open};
use platform::web::can::View as See;
use platform::web::{Can, Crumb, Id, Page, View, filters};
use serde::Serialize;
use uuid::Uuid;

use super::form::{SegmentKind, draft, read};
use super::members::{Member, SHOWN};
use super::segment::Segment;
use crate::crm;
use crate::marketing::audience;

#[derive(Template, Serialize)]
#[template(path = "marketing/segments/show.html")]
struct Show {
    #[serde(flatten)]
    opened: Opened<Segment>,
    count: i64,
    #[serde(skip)]
    conditions: Vec<String>,
    #[serde(skip)]
    members: Vec<Member>,
    /// Whom one might want to add.
    #[serde(skip)]
    likely: Vec<(String, String)>,
}

impl Page for Show {
    fn title(&self) -> String {
        self.opened.title()
    }
    fn crumbs(&self) -> Vec<Crumb> {
        self.opened.crumbs()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        self.opened.block(id)
    }
}

impl Show {
    fn contact_url(&self, id: &Uuid) -> String {
        format!("{}/contacts/{id}", self.opened.sheet.root)
    }
    fn choices_url(&self) -> String {
        format!("{}/records/contact/choices", self.opened.sheet.root)
    }
    fn member_url(&self, member: &Member) -> String {
        self.opened.url(&format!("/members/{}", member.id))
    }
    fn remove_label(&self, member: &Member) -> String {
        format!("Remove {}", member.name)
    }
    fn is_static(&self) -> bool {
        self.opened.row.kind == SegmentKind::Static
    }
    fn counted(&self) -> String {
        filters::thousands(&self.count.to_string())
    }
    fn more(&self) -> Option<String> {
        let shown = self.members.len() as i64;
        (self.count > shown).then(|| format!("The first {shown} of {} are shown.", self.counted()))
    }
}

/// What the page shows beside the segment itself.
struct Seen {
    count: i64,
    conditions: Vec<String>,
    members: Vec<Member>,
    likely: Vec<(String, String)>,
}

impl Seen {
    /// A program asks for the members by themselves.
    fn of(tx: &mut Tx, segment: &Segment, program: bool) -> Result<Seen> {
        let audience = segment.audience(tx)?;
        let mut seen = Seen {
            count: audience.count(tx)?,
            conditions: Vec::new(),
            members: Vec::new(),
            likely: Vec::new(),
        };
        if program {
            return Ok(seen);
        }
        seen.members = Member::of(tx, &audience, None, SHOWN)?;
        if segment.kind == SegmentKind::Static {
            seen.likely = chooser::likely(tx, &crm::contacts::KIND, None)?;
            return Ok(seen);
        }
        let catalogue = audience::catalogue(tx)?;
        let (filter, _) = read(&draft(&segment.filter), &catalogue);
        seen.conditions = filter.chips().into_iter().map(|c| c.text).collect();
        Ok(seen)
    }
}

pub async fn show(can: Can<See, Segment>, Id(id): Id) -> Result<HttpResponse> {
    let program = can.asked.json();
    let seen = move |tx: &mut Tx, segment: &Segment| Seen::of(tx, segment, program);
    let (opened, seen) = open(&can, id, seen).await?;
    let version = opened.row.version;
    let page = Show {
        opened,
        count: seen.count,
        conditions: seen.conditions,
        members: seen.members,
        likely: seen.likely,
    };
    can.versioned(version, page)
}
