//! The way back to the list that a record was opened from, and on to its neighbours there.

use askama::Template;
use uuid::Uuid;

use super::Asked;
use crate::db::Tx;
use crate::error::Result;
use crate::records::Listed;
use crate::records::kinds::Kind;
use crate::records::list::{Cursor, ListParams};
use crate::web::can::Member;

/// The list as a record's URL remembers it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "records/trail.html")]
pub struct Trail {
    /// `None`: the record was not opened from a list.
    params: Option<ListParams>,
    base: String,
    previous: Option<Uuid>,
    next: Option<Uuid>,
}

const MARK: (&str, &str) = ("from", "list");

impl Trail {
    /// What a request says of the list that one came from, for the addresses that lead on: empty, or a query string. It is
    /// taken as it stands, since a list that has become impossible must not stand in the way of saving.
    pub fn carried(query: &str) -> String {
        let pairs = || url::form_urlencoded::parse(query.as_bytes());
        if !pairs().any(|(key, value)| (&*key, &*value) == MARK) {
            return String::new();
        }
        let kept = pairs().filter(|(key, _)| !matches!(&**key, "_method" | "saved"));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .finish();
        format!("?{query}")
    }

    /// What is added to a record's URL so that it knows this list.
    pub fn mark(params: &ListParams) -> String {
        params.url(&[("cursor", &params.cursor_text()), MARK])
    }

    pub fn read(member: &Member, kind: &Kind) -> Result<Trail> {
        let query = &member.asked.query;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let marked = pairs.any(|(key, value)| (&*key, &*value) == MARK);
        let params = match marked {
            true => Some(Asked::read(member, kind, query)?.params),
            false => None,
        };
        Ok(Trail {
            params,
            base: member.url(&format!("/{}", kind.collection)),
            ..Trail::default()
        })
    }

    /// Finds the record before this one and the one after it.
    pub fn follow<T: Listed>(mut self, tx: &mut Tx, record: &T) -> Result<Trail> {
        let Some(params) = &self.params else {
            return Ok(self);
        };
        let key = params.sort_key(T::SORTS);
        let mut beside = |back| -> Result<Option<Uuid>> {
            let mut params = params.clone();
            params.cursor = Some(Cursor::at(record.place(key), record.id(), back));
            Ok(T::ids(tx, &params, 1)?.first().copied())
        };
        (self.previous, self.next) = (beside(true)?, beside(false)?);
        Ok(self)
    }

    /// The list, where one left it.
    pub fn list(&self) -> String {
        match &self.params {
            None => self.base.clone(),
            Some(params) => {
                let url = params.url(&[("cursor", &params.cursor_text())]);
                format!("{}{}", self.base, if url == "?" { "" } else { &url })
            }
        }
    }

    /// What a link to another page of the record carries along.
    pub fn query(&self) -> String {
        self.params.as_ref().map(Trail::mark).unwrap_or_default()
    }

    pub fn previous(&self) -> Option<String> {
        self.record(self.previous)
    }

    pub fn next(&self) -> Option<String> {
        self.record(self.next)
    }

    /// Whether the record was opened from a list.
    pub fn leads(&self) -> bool {
        self.params.is_some()
    }

    fn record(&self, id: Option<Uuid>) -> Option<String> {
        id.map(|id| format!("{}/{id}{}", self.base, self.query()))
    }
}

/// An address with one more thing said in its query.
pub fn also(url: &str, said: &str) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_goes_along_and_nothing_else_does() {
        let query = "_method=PATCH&sort=-name&cursor=a%2Bb&from=list&saved=7";
        assert_eq!(Trail::carried(query), "?sort=-name&cursor=a%2Bb&from=list");
        assert_eq!(Trail::carried("sort=-name"), "");
        assert_eq!(also("/x?from=list", "a=b"), "/x?from=list&a=b");
        assert_eq!(also("/x", "a=b"), "/x?a=b");
    }
}
