//! The queue of pairs that look like the same.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::scan::ScanNow;
use super::{Likened, Pair, Place, Reason, Scan};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::records::facts::capital;
use crate::records::kinds::Kind;
use crate::records::work::Work;
use crate::web::can::{Can, Edit, Member};
use crate::web::filters::thousands;
use crate::web::{Crumb, Id, Page, Toast, View, limits, link};

const A_PAGE: i64 = 50;
/// Beyond that nobody counts: a count looks at both records of each pair.
const COUNTED: i64 = 1_000;

/// One of the two.
#[derive(Clone, Debug, Serialize)]
struct Side {
    id: Uuid,
    title: String,
    subtitle: String,
}

#[derive(Clone, Debug, Serialize)]
struct Item {
    #[serde(flatten)]
    pair: Pair,
    a: Side,
    b: Side,
    #[serde(skip)]
    compare: String,
}

/// Which part of the queue is asked for.
#[derive(Clone, Debug, Default)]
struct Asked {
    dismissed: bool,
    reason: Option<Reason>,
    min: i32,
    after: Option<Place>,
}

impl Asked {
    fn read(member: &Member) -> Asked {
        let param = |name: &str| member.asked.param(name).unwrap_or_default();
        Asked {
            dismissed: param("state") == "dismissed",
            reason: Reason::parse(&param("reason")),
            min: param("min").parse().unwrap_or(0),
            after: Place::read(&param("cursor")),
        }
    }

    fn state(&self) -> &'static str {
        if self.dismissed { "dismissed" } else { "open" }
    }

    fn url(&self, base: &str, state: &str, cursor: &str) -> String {
        let min = if self.min > 0 {
            self.min.to_string()
        } else {
            String::new()
        };
        let state = if state == "open" { "" } else { state };
        let reason = self.reason.map_or("", Reason::key);
        link::filled(
            base,
            [
                ("state", state),
                ("reason", reason),
                ("min", &min),
                ("cursor", cursor),
            ],
        )
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(embed)]
    pair: Pair,
    #[diesel(sql_type = Text)]
    a_title: String,
    #[diesel(sql_type = Text)]
    a_subtitle: String,
    #[diesel(sql_type = Text)]
    b_title: String,
    #[diesel(sql_type = Text)]
    b_subtitle: String,
}

/// What both the rows and their count are chosen by; records that are put away have no duplicates.
const CHOSEN: &str = "from duplicate_pairs p
  join records a on a.id = p.a_id and a.archived_at is null join records b on b.id = p.b_id and b.archived_at is null
  where p.record_kind = $1 and p.state = $2 and p.score >= $3 and ($4 = '' or $4 = any (p.reasons))
    and ($5 is null or (a.owner_id = any ($5) and b.owner_id = any ($5)))";

fn list(tx: &mut Tx, kind: &Kind, asked: &Asked) -> Result<Vec<Found>> {
    let owners = tx.scope.owners().map(<[Uuid]>::to_vec);
    let after = asked.after;
    Ok(sql_query(format!(
        "select p.id, p.a_id, p.b_id, p.score, p.reasons, a.title as a_title, a.subtitle as a_subtitle,
           b.title as b_title, b.subtitle as b_subtitle {CHOSEN} and ($6 is null or (p.score, p.id) < ($6, $7))
         order by p.score desc, p.id desc limit $8"
    ))
    .bind::<Text, _>(kind.name)
    .bind::<Text, _>(asked.state())
    .bind::<Integer, _>(asked.min)
    .bind::<Text, _>(asked.reason.map_or("", Reason::key))
    .bind::<Nullable<Array<SqlUuid>>, _>(owners)
    .bind::<Nullable<Integer>, _>(after.map(|place| place.score))
    .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.id))
    .bind::<BigInt, _>(A_PAGE + 1)
    .load(&mut **tx)?)
}

fn count(tx: &mut Tx, kind: &Kind, asked: &Asked) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        pairs: i64,
    }
    let owners = tx.scope.owners().map(<[Uuid]>::to_vec);
    let counted: Counted = sql_query(format!(
        "select count(*) as pairs from (select 1 {CHOSEN} limit $6) c"
    ))
    .bind::<Text, _>(kind.name)
    .bind::<Text, _>(asked.state())
    .bind::<Integer, _>(asked.min)
    .bind::<Text, _>(asked.reason.map_or("", Reason::key))
    .bind::<Nullable<Array<SqlUuid>>, _>(owners)
    .bind::<BigInt, _>(COUNTED + 1)
    .get_result(&mut **tx)?;
    Ok(counted.pairs)
}

#[derive(Template, Serialize)]
#[template(path = "records/duplicates.html", blocks = ["results"])]
struct Index {
    items: Vec<Item>,
    next_cursor: Option<String>,
    total: i64,
    state: &'static str,
    scan: Option<Scan>,
    #[serde(skip)]
    asked: Asked,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    list: String,
    #[serde(skip)]
    zone: Tz,
}

impl Page for Index {
    fn title(&self) -> String {
        format!("Duplicate {}", self.kind.plural)
    }
    fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::to(capital(self.kind.plural), &self.list),
            Crumb::here("Duplicates"),
        ]
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "results").then(|| self.as_results().render())
    }
}

impl Index {
    fn count(&self) -> String {
        match self.total {
            n if n > COUNTED => format!("{}+", thousands(&COUNTED.to_string())),
            n => thousands(&n.to_string()),
        }
    }

    /// When they were last looked for, and what was left out.
    fn scanned(&self) -> String {
        let Some(scan) = &self.scan else {
            return format!("The {} were not looked through yet.", self.kind.plural);
        };
        let Some(at) = scan.finished_at else {
            return "Being looked through just now.".into();
        };
        let compared = thousands(&scan.compared.to_string());
        let at = at.with_timezone(&self.zone).format("%-d %b %Y, %H:%M");
        let mut text = format!("{compared} {} looked through on {at}.", self.kind.plural);
        if scan.passed_over > 0 {
            let n = thousands(&scan.passed_over.to_string());
            text += &format!(" {n} large groups with something in common were passed over.");
        }
        text
    }

    fn nothing(&self) -> String {
        match self.state {
            "open" => format!(
                "No two {} look like the same. They are compared each night, and while somebody types a new one.",
                self.kind.plural
            ),
            _ => "Pairs that you say are not duplicates are remembered here.".into(),
        }
    }

    fn scan_url(&self) -> String {
        format!("{}/scan", self.base)
    }
    fn tab_url(&self, state: &str) -> String {
        self.asked.url(&self.base, state, "")
    }
    fn next_url(&self) -> String {
        match &self.next_cursor {
            Some(cursor) => self.asked.url(&self.base, self.state, cursor),
            None => String::new(),
        }
    }
    fn first_url(&self) -> String {
        match self.asked.after {
            Some(_) => self.asked.url(&self.base, self.state, ""),
            None => String::new(),
        }
    }
    fn shown(&self) -> String {
        let n = self.items.len();
        format!("{n} pair{}", if n == 1 { "" } else { "s" })
    }
    fn all_reasons(&self) -> Vec<(&'static str, &'static str)> {
        Reason::options()
    }
    fn is_reason(&self, key: &str) -> bool {
        self.asked.reason.is_some_and(|reason| reason.key() == key)
    }
    fn is_min(&self, min: &i32) -> bool {
        self.asked.min == *min
    }
    fn is_narrowed(&self) -> bool {
        self.asked.reason.is_some() || self.asked.min > 0 || self.asked.after.is_some()
    }
    fn dismissal(&self, pair: &Pair) -> String {
        format!("{}/{}/dismissal", self.base, pair.id)
    }
}

pub async fn index<T: Likened>(can: Can<Edit, T>) -> Result<HttpResponse> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    let asked = Asked::read(&can);
    let wanted = asked.clone();
    let (mut found, total, scan) = can
        .tx(move |tx| {
            let found = list(tx, &kind, &wanted)?;
            Ok((
                found,
                count(tx, &kind, &wanted)?,
                Scan::last(tx, kind.name)?,
            ))
        })
        .await?;
    let more = found.len() as i64 > A_PAGE;
    found.truncate(A_PAGE as usize);
    let next_cursor = found.last().filter(|_| more).map(|f| f.pair.place());
    let items = found.into_iter().map(|f| Item {
        compare: f.pair.compare_url(&can, T::COLLECTION),
        a: Side {
            id: f.pair.a_id,
            title: f.a_title,
            subtitle: f.a_subtitle,
        },
        b: Side {
            id: f.pair.b_id,
            title: f.b_title,
            subtitle: f.b_subtitle,
        },
        pair: f.pair,
    });
    can.page(Index {
        items: items.collect(),
        next_cursor,
        total,
        state: asked.state(),
        scan,
        asked,
        kind,
        base: can.url(&format!("/{}/duplicates", T::COLLECTION)),
        list: can.url(&format!("/{}", T::COLLECTION)),
        zone: can.zone,
    })
}

/// Looks through all of them, off the request path.
pub async fn scan<T: Likened>(can: Can<Edit, T>) -> Result<HttpResponse> {
    let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
    can.app
        .limits
        .check(limits::BULK, &can.me().to_string())
        .await?;
    let work = can
        .tx(move |tx| {
            let title = format!("Looking for duplicate {}", kind.plural);
            let id = Uuid::now_v7();
            let work = Work::begin(tx, id, ("scan", kind.name), &title, 0, &())?;
            tx.enqueue(ScanNow::<T>::of(id).new_job());
            Ok(work)
        })
        .await?;
    let url = can.url(&format!("/work/{}", work.id));
    match can.asked.json() {
        true => Ok(HttpResponse::Accepted()
            .insert_header((header::LOCATION, format!("/api/v1{url}")))
            .json(work)),
        false => can.redirect(&url, None),
    }
}

pub async fn dismiss<T: Likened>(can: Can<Edit, T>, Id(id): Id) -> Result<HttpResponse> {
    set::<T>(&can, id, true).await
}

pub async fn reopen<T: Likened>(can: Can<Edit, T>, Id(id): Id) -> Result<HttpResponse> {
    set::<T>(&can, id, false).await
}

async fn set<T: Likened>(can: &Can<Edit, T>, id: Uuid, dismissed: bool) -> Result<HttpResponse> {
    let place = can.asked.param("queue").and_then(|text| Place::read(&text));
    let next = can
        .tx(move |tx| {
            let pair = Pair::find(tx, T::KIND, id)?;
            for id in [pair.a_id, pair.b_id] {
                T::find(tx, id)?;
            }
            pair.set_dismissed(tx, dismissed)?;
            match place {
                Some(place) => Pair::after(tx, T::NAME, T::KIND, place),
                None => Ok(None),
            }
        })
        .await?;
    let base = can.url(&format!("/{}/duplicates", T::COLLECTION));
    let on = next.map_or_else(|| base.clone(), |next| next.compare_url(can, T::COLLECTION));
    let toast = match dismissed {
        true => Toast::done("Remembered: not duplicates")
            .undo(format!("{base}/{id}/dismissal?_method=DELETE")),
        false => Toast::done("Back in the queue"),
    };
    can.done(&on, toast)
}
