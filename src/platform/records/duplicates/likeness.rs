//! What a new record looks like, while it is typed and when it is saved.

use actix_web::HttpResponse;
use askama::Template;
use serde::Serialize;
use uuid::Uuid;

use super::judge::{Face, Verdict, judge};
use super::{Likened, Pair};
use crate::db::Tx;
use crate::error::Result;
use crate::records::editing::{self, Editing};
use crate::records::write;
use crate::web::can::{Can, Create};
use crate::web::fields::from_pairs;
use crate::web::{Form, Page, View};

/// Less than this is no reason to interrupt somebody, and nothing for the queue.
pub const LEAST: i32 = 50;
const SHOWN: usize = 3;

/// A record that the new one looks like.
#[derive(Clone, Debug, Serialize)]
pub struct Like {
    pub id: Uuid,
    pub title: String,
    #[serde(skip)]
    verdict: Verdict,
    score: i32,
    reasons: Vec<&'static str>,
}

impl Like {
    /// `same e-mail, same name`.
    pub fn words(&self) -> String {
        let words = self.verdict.reasons.iter().map(|reason| reason.label());
        words.collect::<Vec<_>>().join(", ")
    }

    /// Those that a face looks like most, of those that this transaction's member may see.
    pub fn of<T: Likened>(tx: &mut Tx, face: &Face) -> Result<Vec<Like>> {
        let near = T::near(tx, face)?;
        let owners = tx.scope.owners().map(<[Uuid]>::to_vec);
        let seen = |other: &Face| match (&owners, other.owner_id) {
            (None, _) => true,
            (Some(owners), Some(owner)) => owners.contains(&owner),
            (Some(_), None) => false,
        };
        let mut likes: Vec<Like> = T::faces(tx, &near)?
            .into_iter()
            .filter(|other| other.id != face.id && seen(other))
            .filter_map(|other| {
                let verdict = judge(face, &other).filter(|v| v.score >= LEAST)?;
                Some(Like {
                    id: other.id,
                    title: other.title,
                    score: verdict.score,
                    reasons: verdict.reasons.iter().map(|r| r.key()).collect(),
                    verdict,
                })
            })
            .collect();
        likes.sort_by_key(|like| std::cmp::Reverse(like.score));
        likes.truncate(SHOWN);
        Ok(likes)
    }
}

#[derive(Template, Serialize)]
#[template(path = "records/likeness.html", blocks = ["likeness"])]
struct Likes {
    items: Vec<Like>,
    #[serde(skip)]
    base: String,
}

impl Page for Likes {
    fn title(&self) -> String {
        "Looks like".into()
    }
    fn block(&self, id: &str) -> Option<askama::Result<String>> {
        (id == "likeness").then(|| self.as_likeness().render())
    }
}

/// What the fields in the address look like so far.
pub async fn show<T: Likened>(can: Can<Create, T>) -> Result<HttpResponse> {
    let pairs = url::form_urlencoded::parse(can.asked.query.as_bytes());
    let pairs = pairs.filter(|(key, _)| T::TOLD_BY.contains(&&**key));
    let typed = from_pairs(pairs.map(|(k, v)| (k.into_owned(), v.chars().take(300).collect())));
    let face = T::face(&Form::<T::Form>::read(typed).data);
    let items = can.tx(move |tx| Like::of::<T>(tx, &face)).await?;
    can.page(Likes {
        items,
        base: can.url(&format!("/{}", T::COLLECTION)),
    })
}

/// Makes a record as [`crate::records::editing::create`] does, and tells a person what it looks like.
pub async fn create<T: Likened>(
    can: &Can<Create, T>,
    form: Form<T::Form>,
    is_made: &str,
    editor: impl AsyncFnOnce(&Can<Create, T>, Editing<T>) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let record = match write::create(can, form).await? {
        Ok(record) => record,
        Err(form) => return editor(can, Editing::with(can, form, None)?).await,
    };
    let mut words = format!("{} {is_made}", record.title());
    if !can.asked.json() {
        let face = Face {
            id: record.id(),
            ..T::face(&record.form())
        };
        let likes = can.tx(move |tx| {
            let likes = Like::of::<T>(tx, &face)?;
            let found = likes
                .iter()
                .map(|like| (face.id, like.id, like.verdict.clone()));
            Pair::keep(tx, T::KIND, &found.collect::<Vec<_>>(), None)?;
            Ok(likes)
        });
        if let Some(like) = likes.await?.first() {
            words += &format!("; looks like {} ({})", like.title, like.words());
        }
    }
    editing::made(can, &record, words)
}
