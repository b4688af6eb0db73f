//! The calendar: deals by the day on which they are expected to close.

use actix_web::HttpResponse;
use diesel::prelude::*;
use platform::Result;
use platform::clock;
use platform::db::Tx;
use platform::records::list::ListParams;
use platform::records::month::{self, By, Item, MOST, Span, Standing};
use platform::records::shown::money;
use platform::schema::deals;
use platform::web::Can;
use platform::web::can::View as See;

use super::deal::Deal;
use crate::crm::pipelines::StageKind;

const BY: By = By {
    field: "closes_on",
    given: "closes_on",
};

pub async fn show(can: Can<See, Deal>) -> Result<HttpResponse> {
    let (zone, root) = (can.zone, can.url("/deals"));
    let read = move |tx: &mut Tx, params: &ListParams, span: Span| {
        let today = clock::now().with_timezone(&zone).date_naive();
        let found: Vec<Deal> = deals::table
            .filter(params.matching(&tx.scope, "deals"))
            .filter(deals::closes_by.between(span.first, span.last))
            .order((deals::closes_by, deals::id))
            .limit(MOST + 1)
            .select(Deal::as_select())
            .load(&mut **tx)?;
        let item = |deal: Deal| {
            let day = deal.closes_on?;
            let name = match deal.amount {
                0 => deal.name,
                amount => format!("{}, {}", deal.name, money(amount, &deal.currency)),
            };
            let standing = match deal.status {
                StageKind::Open if day < today => Standing::Late,
                StageKind::Open => Standing::Open,
                _ => Standing::Done,
            };
            Some(Item {
                day,
                url: format!("{root}/{}", deal.id),
                name,
                time: None,
                standing,
            })
        };
        Ok(found.into_iter().filter_map(item).collect())
    };
    month::show(can, BY, read).await
}
