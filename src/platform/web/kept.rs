//! Pages kept whole until something in their workspace changes.
//!
//! Every transaction that could have written anything moves the epoch of its workspace on, once it is committed. A page is
//! kept under the epoch from before it was read, so a page that a write made stale is never found again; nothing has to be
//! thrown out by name. What else a page shows is part of its name too: who looks, with which rights, and at which minute.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use bytes::Bytes;
use moka::sync::Cache;
use parking_lot::RwLock;
use uuid::Uuid;

use super::assets;
use super::can::Member;
use super::page;
use super::request::{Asked, Wanted};
use crate::clock;
use crate::error::Result;

/// Bytes of pages that are kept at most, in all.
const MOST: u64 = 16 * 1024 * 1024;
/// A page says how long ago things were, so it is good for a minute at most.
const MINUTE: i64 = 60;

/// What a page is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    workspace: Uuid,
    epoch: u64,
    minute: i64,
    person: Uuid,
    /// Of everything known of the person: their rights, their name, their zone.
    identity: u64,
    wanted: Wanted,
    address: String,
}

#[derive(Debug)]
struct Kept {
    text: Bytes,
    /// Made for the first who asks again: most pages are asked for once.
    packed: OnceLock<Option<Bytes>>,
}

impl Kept {
    /// A copy, since the text was written into more room than it needed.
    fn new(text: &[u8]) -> Kept {
        Kept {
            text: Bytes::copy_from_slice(text),
            packed: OnceLock::new(),
        }
    }

    fn answer(&self, asked: &Asked) -> HttpResponse {
        let mut response = page::started(StatusCode::OK);
        response.content_type(page::HTML);
        match asked.brotli.then(|| self.packed()).flatten() {
            Some(packed) => response
                .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("br")))
                .body(packed),
            None => response.body(self.text.clone()),
        }
    }

    fn packed(&self) -> Option<Bytes> {
        let pack = || assets::brotli(&self.text, 4);
        self.packed.get_or_init(pack).clone()
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    epochs: Arc<RwLock<HashMap<Uuid, u64>>>,
    kept: Cache<Key, Arc<Kept>>,
}

impl Default for Pages {
    fn default() -> Pages {
        let weigh = |key: &Key, page: &Arc<Kept>| {
            let bytes = page.text.len() + page.text.len() / 8 + key.address.len();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder()
            .weigher(weigh)
            .max_capacity(MOST)
            .time_to_live(Duration::from_secs(MINUTE.unsigned_abs()));
        Pages {
            epochs: Arc::default(),
            kept: kept.build(),
        }
    }
}

impl Pages {
    /// Something in the workspace is not what it was. Called after the commit and before anybody hears of it.
    pub fn changed(&self, workspace: Uuid) {
        *self.epochs.write().entry(workspace).or_default() += 1;
    }

    pub fn epoch(&self, workspace: Uuid) -> u64 {
        self.epochs.read().get(&workspace).copied().unwrap_or(0)
    }

    fn key(&self, member: &Member) -> Option<Key> {
        let asked = &member.asked;
        // A word for this request alone, and what programs ask for, are told apart by more than this.
        if asked.toast.is_some() || asked.json() || member.by_key() || !asked.reads {
            return None;
        }
        let mut identity = DefaultHasher::new();
        member.identity.person.hash(&mut identity);
        for (membership, _) in &member.identity.memberships {
            membership.hash(&mut identity);
        }
        Some(Key {
            epoch: member.epoch,
            workspace: member.membership.workspace_id,
            minute: clock::now().timestamp().div_euclid(MINUTE),
            person: member.person().id,
            identity: identity.finish(),
            wanted: asked.wanted.clone(),
            address: format!("{}?{}", asked.path, asked.query),
        })
    }
}

impl Member {
    /// The page as it was made before, where nothing has changed since; else as `make` makes it now.
    ///
    /// For pages that show rows of the workspace and nothing else: not who is there, nor how far a queue has come.
    pub async fn kept(
        &self,
        make: impl Future<Output = Result<HttpResponse>>,
    ) -> Result<HttpResponse> {
        let pages = &self.app.pages;
        let Some(key) = pages.key(self) else {
            return make.await;
        };
        if let Some(kept) = pages.kept.get(&key) {
            return Ok(kept.answer(&self.asked));
        }
        let (head, body) = make.await?.into_parts();
        let is_page = head
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|v| v == page::HTML);
        Ok(match body.try_into_bytes() {
            Ok(text) if is_page && head.status() == StatusCode::OK => {
                pages.kept.insert(key, Arc::new(Kept::new(&text)));
                head.set_body(text).map_into_boxed_body()
            }
            Ok(text) => head.set_body(text).map_into_boxed_body(),
            Err(body) => head.set_body(body),
        })
    }
}
