//! Records side by side: the columns are the records, the rows their fields.

use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::choosing::{Comparison, Side};
use super::{Joined, MOST};
use crate::error::{Error, Result};
use crate::filter::{Field, FieldType};
use crate::records::chooser;
use crate::records::duplicates::Pair;
use crate::records::facts::{capital, humanised};
use crate::records::kinds::Kind;
use crate::records::merge::get;
use crate::records::shown::{Names, Shown};
use crate::records::titles::Titles;
use crate::web::can::{Can, Edit, Member};
use crate::web::{Crumb, Page, filters, link};

/// One of the records.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    pub id: Uuid,
    pub title: String,
    url: String,
    changed_at: DateTime<Utc>,
    stays: bool,
    /// The comparison without it.
    #[serde(skip)]
    without: String,
}

/// A field in which they differ.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    field: String,
    label: String,
    values: Vec<Cell>,
}

#[derive(Clone, Debug, Serialize)]
struct Cell {
    id: Uuid,
    of: String,
    text: String,
    chosen: bool,
}

/// Another record that one of them might be, too.
#[derive(Clone, Debug, Serialize)]
pub struct Further {
    title: String,
    reasons: String,
    score: i32,
    #[serde(skip)]
    url: String,
}

#[derive(Template, Serialize)]
#[template(path = "records/compared.html")]
pub struct Sheet {
    heads: Vec<Head>,
    lines: Vec<Line>,
    /// What is the same in all of them.
    same: Vec<(String, String)>,
    further: Vec<Further>,
    #[serde(skip)]
    queue: String,
    #[serde(skip)]
    pair: Option<Pair>,
    /// Records to add where there is only one so far.
    #[serde(skip)]
    choices: Vec<(String, String)>,
    #[serde(skip)]
    kind: Kind,
    #[serde(skip)]
    base: String,
    #[serde(skip)]
    root: String,
    #[serde(skip)]
    skip: String,
    #[serde(skip)]
    zone: Tz,
}

pub struct Compared<T>(std::marker::PhantomData<T>);

impl<T: Joined> Compared<T> {
    /// The records of these ids, where `into` would stay; `queue` is the place in the queue that one came from.
    pub async fn load(
        can: &Can<Edit, T>,
        mut ids: Vec<Uuid>,
        into: Option<Uuid>,
        queue: String,
    ) -> Result<Sheet> {
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        if ids.is_empty() || ids.len() > MOST {
            let message = format!("Choose two to {MOST} records to merge.");
            return Err(Error::invalid("ids", message));
        }
        let kind = *can.app.kinds.get(T::KIND).ok_or(Error::NotFound)?;
        let member = can.member.clone();
        let place = crate::records::duplicates::Place::read(&queue);
        can.tx(move |tx| {
            let rows: Vec<T::Row> = ids
                .iter()
                .map(|id| T::row(tx, *id))
                .collect::<Result<_>>()?;
            let sides: Vec<Side> = rows.iter().map(Side::of::<T>).collect();
            let pointed = sides
                .iter()
                .flat_map(|side| side.fields.values().chain(custom(side)));
            let pointed: Vec<Uuid> = pointed.filter_map(|v| v.as_str()?.parse().ok()).collect();
            let names = Names {
                setup: member.setup.clone(),
                records: Titles::of(tx, &member.app.kinds, &pointed)?.0,
            };
            let further = Pair::around(tx, &kind, &ids)?;
            let next = match place {
                Some(place) => Pair::after(tx, T::NAME, T::KIND, place)?,
                None => None,
            };
            let pair = match ids.as_slice() {
                [a, b] => Pair::between(tx, T::KIND, *a, *b)?,
                _ => None,
            };
            let choices = match ids.len() {
                1 => chooser::likely(tx, &kind, None)?
                    .into_iter()
                    .filter(|(id, _)| *id != ids[0].to_string())
                    .collect(),
                _ => Vec::new(),
            };
            let base = member.url(&format!("/{}", kind.collection));
            let drawing = Drawing {
                member: &member,
                kind: &kind,
                names: &names,
                base: &base,
                queue: &queue,
            };
            let comparison = Comparison::of::<T>(&sides);
            let stays = into.filter(|into| ids.contains(into));
            let stays = stays.or_else(|| comparison.fullest()).unwrap_or(ids[0]);
            let (lines, same) = drawing.lines(&comparison, stays);
            Ok(Sheet {
                heads: drawing.heads(&sides, stays),
                lines,
                same,
                further: further
                    .into_iter()
                    .map(|(pair, id, title)| Further {
                        title,
                        reasons: pair.reasons(),
                        score: pair.score,
                        url: drawing.url(ids.iter().copied().chain([id])),
                    })
                    .collect(),
                skip: match (&next, queue.is_empty()) {
                    (_, true) => String::new(),
                    (Some(next), _) => next.compare_url(&member, kind.collection),
                    (None, _) => format!("{base}/duplicates"),
                },
                queue,
                pair,
                choices,
                kind,
                root: member.url(""),
                zone: member.zone,
                base: base.clone(),
            })
        })
        .await
    }
}

fn custom(side: &Side) -> impl Iterator<Item = &Value> {
    let custom = side.fields.get("custom").and_then(Value::as_object);
    custom.into_iter().flat_map(|custom| custom.values())
}

struct Drawing<'a> {
    member: &'a Arc<Member>,
    kind: &'a Kind,
    names: &'a Names,
    base: &'a str,
    queue: &'a str,
}

impl Drawing<'_> {
    fn url(&self, ids: impl Iterator<Item = Uuid>) -> String {
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        let (path, ids) = (format!("{}/merge", self.base), ids.join(","));
        link::filled(&path, [("ids", ids.as_str()), ("queue", self.queue)])
    }

    fn heads(&self, sides: &[Side], stays: Uuid) -> Vec<Head> {
        let heads = sides.iter().map(|side| Head {
            id: side.id,
            title: side.title.clone(),
            url: format!("{}/{}", self.base, side.id),
            changed_at: side.changed_at,
            stays: side.id == stays,
            without: self.url(sides.iter().map(|s| s.id).filter(|id| *id != side.id)),
        });
        heads.collect()
    }

    /// The fields in which they differ, in the order in which people know them; and what is the same.
    fn lines(
        &self,
        comparison: &Comparison<'_>,
        stays: Uuid,
    ) -> (Vec<Line>, Vec<(String, String)>) {
        let catalogue = self.member.setup.catalogue(self.kind);
        let place = |name: &String| {
            let mut known = catalogue.fields().iter();
            known.position(|f| f.key == *name).unwrap_or(usize::MAX)
        };
        let mut fields = comparison.fields();
        fields.sort_by_key(|name| (place(name), name.clone()));
        let (mut lines, mut same) = (Vec::new(), Vec::new());
        for name in fields {
            let field = catalogue.get(&name).map(|f| (**f).clone());
            let field = field.unwrap_or_else(|| {
                Field::column(&name, &humanised(&name), FieldType::Text, "null")
            });
            let text =
                |value: &Value| Shown::of(&field, value, self.names).plain(&self.member.zone);
            let values: Vec<Value> = comparison
                .sides
                .iter()
                .map(|s| get(&s.fields, &name))
                .collect();
            if !comparison.differ(&name) {
                let first = values.first().map(&text).unwrap_or_default();
                if !first.is_empty()
                    && values
                        .first()
                        .is_some_and(|v| !comparison.is_blank(&name, v))
                {
                    same.push((field.label.clone(), first));
                }
                continue;
            }
            let chosen = comparison.chosen(stays, &name);
            let cells = comparison
                .sides
                .iter()
                .zip(&values)
                .map(|(side, value)| Cell {
                    id: side.id,
                    of: side.title.clone(),
                    text: text(value),
                    chosen: side.id == chosen,
                });
            lines.push(Line {
                label: field.label.clone(),
                values: cells.collect(),
                field: name,
            });
        }
        (lines, same)
    }
}

impl Page for Sheet {
    fn title(&self) -> String {
        match self.heads.as_slice() {
            [one] => format!("Merge {} with…", one.title),
            some => format!("Merge {} {}", some.len(), self.kind.plural),
        }
    }
    fn crumbs(&self) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb::to(capital(self.kind.plural), &self.base)];
        if !self.queue.is_empty() {
            crumbs.push(Crumb::to("Duplicates", format!("{}/duplicates", self.base)));
        }
        crumbs.push(Crumb::here("Merge"));
        crumbs
    }
}

impl Sheet {
    fn is_alone(&self) -> bool {
        self.heads.len() == 1
    }
    fn may_leave_one(&self) -> bool {
        self.heads.len() > 2
    }
    fn lead(&self) -> String {
        match self.is_alone() {
            true => format!("Choose the {} that is the same.", self.kind.singular),
            false => {
                "Choose which one stays, and its values. All that hangs on the others moves to it."
                    .into()
            }
        }
    }
    fn gathered(&self) -> &'static str {
        "Tags, further addresses and numbers are put together. The merge can be undone for 30 days."
    }
    /// The element of a field, which dots would make hard to select.
    fn element(&self, field: &str) -> String {
        format!("field-{}", field.replace('.', "-"))
    }
    fn choices_url(&self) -> String {
        format!("{}/records/{}/choices", self.root, self.kind.name)
    }
    fn dismissal(&self) -> Option<String> {
        let pair = self.pair.as_ref()?;
        let url = format!("{}/duplicates/{}/dismissal", self.base, pair.id);
        Some(link::filled(&url, [("queue", &self.queue)]))
    }
}
