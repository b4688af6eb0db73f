//! The conversations that somebody has, each with what they have not read.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Statement, Tx};
use platform::records::Card;
use platform::schema::{records, seats};
use platform::web::can::Member;
use serde::Serialize;
use uuid::Uuid;

use super::conversation::{Kind, seen};

/// What a list shows at most; older conversations are found by searching.
const MOST: i64 = 200;
/// Counted no further.
const COUNTED: i64 = 100;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: Kind,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    private: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    record_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    unread: i64,
}

/// One conversation in the list.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub id: Uuid,
    pub kind: Kind,
    pub title: String,
    pub private: bool,
    /// Messages of others that were not read; not counted beyond 100.
    pub unread: i64,
    pub last_at: Option<DateTime<Utc>>,
    /// Whom it is with, where it is with one.
    pub with: Option<Uuid>,
    #[serde(skip)]
    pub icon: &'static str,
}

impl Line {
    pub fn badge(&self) -> String {
        badge(self.unread)
    }

    /// Everything that whoever asks may read: channels by name, people and records by what was said last.
    pub fn mine(tx: &mut Tx, member: &Member) -> Result<Vec<Line>> {
        let rows = rows(tx, member.person().id)?;
        let names = between(tx, member, &rows)?;
        let about: Vec<Uuid> = rows.iter().filter_map(|row| row.record_id).collect();
        let cards: Vec<Card> = records::table
            .filter(records::id.eq_any(about))
            .select(Card::as_select())
            .load(&mut **tx)?;
        let seen = cards.into_iter().filter_map(|card| seen(member, card));
        let cards: HashMap<Uuid, _> = seen.map(|(kind, card)| (card.id, (kind, card))).collect();
        let line = |row: Row| {
            let (title, with, icon) = match (row.kind, row.record_id) {
                (Kind::Channel, _) => {
                    let icon = if row.private { "lock" } else { "hash" };
                    (row.name, None, icon)
                }
                (Kind::Record, Some(record)) => {
                    // One that is no longer theirs to see is not in their list.
                    let (kind, card) = cards.get(&record)?;
                    (card.title.clone(), None, kind.icon)
                }
                _ => {
                    let (title, with) = names.get(&row.id)?;
                    (title.clone(), *with, "user")
                }
            };
            Some(Line {
                id: row.id,
                kind: row.kind,
                title,
                private: row.private,
                unread: row.unread,
                last_at: row.last_at,
                with,
                icon,
            })
        };
        Ok(rows.into_iter().filter_map(line).collect())
    }

    /// What is unread in all of them.
    pub fn unread(lines: &[Line]) -> i64 {
        lines.iter().map(|line| line.unread).sum()
    }
}

/// `99+` rather than how many more.
pub fn badge(unread: i64) -> String {
    match unread {
        0 => String::new(),
        1..=99 => unread.to_string(),
        _ => "99+".into(),
    }
}

fn rows(tx: &mut Tx, me: Uuid) -> Result<Vec<Row>> {
    let mut s = Statement::kept();
    s.sql(
        "select c.id, c.kind, c.name, c.private, c.record_id, l.created_at as last_at, u.unread
         from conversations c
         left join seats s on s.workspace_id = c.workspace_id and s.conversation_id = c.id and s.person_id = ",
    )
    .id(Some(me))
    .sql(" left join members m on m.workspace_id = c.workspace_id and m.person_id = ")
    .id(Some(me))
    .sql(
        " left join lateral (select x.created_at from messages x
            where x.workspace_id = c.workspace_id and x.conversation_id = c.id order by x.id desc limit 1) l on true
          cross join lateral (select count(*) as unread from (select from messages x
            where x.workspace_id = c.workspace_id and x.conversation_id = c.id
              and x.id > coalesce(s.last_read, id_floor(m.created_at)) and x.removed_at is null and x.author_id is distinct from ",
    )
    .id(Some(me))
    .sql(" limit ")
    .whole(COUNTED)
    .sql(
        ") counted) u
         where c.archived_at is null and (s.person_id is not null or (c.kind = 'channel' and not c.private))
         order by case c.kind when 'channel' then 0 when 'direct' then 1 else 2 end, not c.general,
           case when c.kind = 'channel' then lower(c.name) end, coalesce(l.created_at, c.created_at) desc, c.id
         limit ",
    )
    .whole(MOST);
    Ok(s.load(&mut **tx)?)
}

type Named = (String, Option<Uuid>);

/// Whom the conversations of a few are with, in words.
fn between(tx: &mut Tx, member: &Member, rows: &[Row]) -> Result<HashMap<Uuid, Named>> {
    let direct = rows.iter().filter(|row| row.kind == Kind::Direct);
    let ids: Vec<Uuid> = direct.map(|row| row.id).collect();
    let people: Vec<(Uuid, Uuid)> = seats::table
        .filter(seats::conversation_id.eq_any(&ids))
        .select((seats::conversation_id, seats::person_id))
        .order((seats::conversation_id, seats::person_id))
        .load(&mut **tx)?;
    let name = |id: Uuid| {
        let of = people
            .iter()
            .filter(|(conversation, _)| *conversation == id);
        let of: Vec<Uuid> = of.map(|(_, person)| *person).collect();
        (id, named(member, &of))
    };
    Ok(ids.into_iter().map(name).collect())
}

/// Everybody but whoever looks, by name; and who it is where it is one.
pub fn named(member: &Member, people: &[Uuid]) -> Named {
    let me = member.person().id;
    let others: Vec<Uuid> = people.iter().copied().filter(|id| *id != me).collect();
    let mut names: Vec<&str> = others
        .iter()
        .map(|id| member.setup.person(*id).map_or(GONE, |p| p.name.as_str()))
        .collect();
    names.sort_unstable();
    let with = match others.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    (names.join(", "), with)
}

pub const GONE: &str = "Somebody who left";

/// The list beside a conversation.
#[derive(Template, Serialize)]
#[template(path = "workspaces/chat/lines.html")]
pub struct Lines {
    pub items: Vec<Line>,
    #[serde(skip)]
    pub open: Option<Uuid>,
    /// `/w/acme`.
    #[serde(skip)]
    pub root: String,
    #[serde(skip)]
    pub online: Vec<Uuid>,
    #[serde(skip)]
    pub may_create: bool,
}

impl Lines {
    pub fn of(member: &Member, items: Vec<Line>, open: Option<Uuid>) -> Lines {
        Lines {
            items,
            open,
            root: member.url(""),
            online: member.online(),
            may_create: member.may("chat", "create"),
        }
    }

    fn parts(&self) -> [(Kind, &'static str); 3] {
        [
            (Kind::Channel, "Channels"),
            (Kind::Direct, "People"),
            (Kind::Record, "Records"),
        ]
    }

    fn of_kind(&self, kind: &Kind) -> Vec<&Line> {
        self.items
            .iter()
            .filter(|line| line.kind == *kind)
            .collect()
    }

    fn is_open(&self, line: &&Line) -> bool {
        self.open == Some(line.id)
    }

    fn is_online(&self, line: &&Line) -> bool {
        line.with.is_some_and(|id| self.online.contains(&id))
    }

    fn renewal(&self) -> String {
        match self.open {
            Some(id) => format!("{}/chat?open={id}", self.root),
            None => format!("{}/chat", self.root),
        }
    }
}
