//! The log as CSV, sent while it is read, so that a long one needs no memory.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use chrono_tz::Tz;
use futures_util::stream;
use platform::events::{Changes, Event};
use platform::tabular::TableWriter;
use platform::tabular::writer::Style;
use platform::web::can::{Can, Export};
use platform::{Error, Result};

use super::filter::AuditFilter;
use super::{Audit, entry};

const ROWS_A_CHUNK: i64 = 2_000;
const HEADER: [&str; 12] = [
    "Number",
    "When",
    "Who",
    "What",
    "About",
    "Kind of record",
    "Record",
    "Changes",
    "Details",
    "IP address",
    "User agent",
    "Request",
];

pub async fn export(can: Can<Export, Audit>, req: HttpRequest) -> Result<HttpResponse> {
    let mut filter = AuditFilter::read(req.query_string())?;
    filter.limit = ROWS_A_CHUNK;
    let query = filter.url(None);
    can.write(move |tx| {
        let what = Changes::none();
        tx.note_event("audit.exported", "Audit log", what)
            .with("filter", query);
        Ok(())
    })
    .await?;
    let name = format!("audit-{}.csv", can.membership.slug);
    let rows = Rows {
        first: true,
        more: true,
        zone: can.zone,
        filter,
        can,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(stream::try_unfold(rows, Rows::next)))
}

struct Rows {
    can: Can<Export, Audit>,
    filter: AuditFilter,
    zone: Tz,
    first: bool,
    more: bool,
}

impl Rows {
    async fn next(mut self) -> Result<Option<(Bytes, Rows)>> {
        if !self.more {
            return Ok(None);
        }
        let (filter, zone) = (self.filter.clone(), self.zone);
        let mut events = self
            .can
            .tx(move |tx| entry::matching(tx, &filter, zone))
            .await?;
        self.more = events.len() as i64 > ROWS_A_CHUNK;
        events.truncate(ROWS_A_CHUNK as usize);
        self.filter.before = events.last().map(|e| e.seq);
        let bytes = csv(&events, self.first).map_err(Error::internal)?;
        self.first = false;
        Ok(Some((bytes, self)))
    }
}

fn csv(events: &[Event], first: bool) -> std::io::Result<Bytes> {
    let mut table = match first {
        true => TableWriter::new(Vec::new(), &HEADER, Style::default())?,
        false => TableWriter::rest(Vec::new(), HEADER.len(), Style::default()),
    };
    for event in events {
        let changes: Vec<String> = entry::changes(event)
            .into_iter()
            .map(|(field, before, after)| format!("{field}: {before} → {after}"))
            .collect();
        table.row([
            event.seq.to_string(),
            event.at.to_rfc3339(),
            event.actor_name.clone(),
            event.kind.clone(),
            event.title.clone(),
            event.record_kind.clone().unwrap_or_default(),
            event.record_id.map(|id| id.to_string()).unwrap_or_default(),
            changes.join("\n"),
            event.data.to_string(),
            event.ip.clone().unwrap_or_default(),
            event.user_agent.clone().unwrap_or_default(),
            event.request_id.clone().unwrap_or_default(),
        ])?;
    }
    table.finish().map(Bytes::from)
}
