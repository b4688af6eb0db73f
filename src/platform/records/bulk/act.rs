//! What can be done to many records at once, and how it is done to some of them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Statement, Tx};
use crate::error::Result;
use crate::records::kinds::Kind;
use crate::records::list::ListParams;
use crate::records::tags;
use crate::records::work::Lane;
use crate::web::filters::thousands;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    Archive,
    Restore,
    Assign {
        owner: Option<Uuid>,
        name: String,
    },
    Tag {
        tag: String,
    },
    Untag {
        tag: String,
    },
    /// Another name for a tag, on all records that have it.
    Retag {
        from: String,
        to: String,
    },
    /// `field` is one of the kind's settable ones, or a choice of the workspace's own (`custom.boat`).
    Set {
        field: String,
        value: Option<String>,
        label: String,
        shown: String,
    },
}

#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Portion {
    /// The record that it ended with.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub last: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub seen: i64,
    #[diesel(sql_type = BigInt)]
    pub changed: i64,
}

/// The rows of the list within the lane, as a condition.
pub(super) fn which(
    tx: &Tx,
    kind: &Kind,
    params: &ListParams,
    lane: Lane,
    until: Option<chrono::DateTime<chrono::Utc>>,
) -> Statement {
    let t = kind.table;
    let mut which = Statement::default();
    which.matching(params.matching(&tx.scope, t));
    between(&mut which, &format!("{t}.id"), lane);
    // What came into the list since it was asked for was not meant.
    if let Some(until) = until {
        which.sql(format!(" and {t}.created_at <= ")).at(until);
    }
    which
}

impl Act {
    /// The right that it takes.
    pub fn right(&self) -> &'static str {
        match self {
            Act::Archive | Act::Restore => "archive",
            _ => "edit",
        }
    }

    /// What it is called while it is done.
    pub fn title(&self, kind: &Kind) -> String {
        let plural = kind.plural;
        match self {
            Act::Archive => format!("Archive {plural}"),
            Act::Restore => format!("Restore {plural}"),
            Act::Assign { name, .. } => format!("Assign {plural} to {name}"),
            Act::Tag { tag } => format!("Tag {plural} “{tag}”"),
            Act::Untag { tag } => format!("Take the tag “{tag}” off {plural}"),
            Act::Retag { from, to } => format!("Rename the tag “{from}” of {plural} to “{to}”"),
            Act::Set { label, shown, .. } => format!("Set {label} of {plural} to {shown}"),
        }
    }

    /// What was done to so many.
    pub fn done(&self, count: i64, kind: &Kind) -> String {
        let (noun, are) = match count {
            1 => (kind.singular, "is"),
            _ => (kind.plural, "are"),
        };
        let many = format!("{} {noun}", thousands(&count.to_string()));
        match self {
            Act::Archive => format!("{many} {are} archived"),
            Act::Restore => format!("{many} {are} back"),
            Act::Assign { owner: None, .. } => format!("{many} {are} nobody’s now"),
            Act::Assign { name, .. } => format!("{many} {are} assigned to {name}"),
            Act::Tag { tag } => format!("{many} {are} tagged “{tag}”"),
            Act::Untag { tag } => format!("The tag “{tag}” is off {many}"),
            Act::Retag { to, .. } => format!("{many} {are} tagged “{to}”"),
            Act::Set { label, shown, .. } => format!("{label} of {many} is {shown} now"),
        }
    }

    /// The field as events name it.
    fn field(&self) -> &str {
        match self {
            Act::Archive | Act::Restore => "archived_at",
            Act::Assign { .. } => "owner_id",
            Act::Tag { .. } | Act::Untag { .. } | Act::Retag { .. } => "tags",
            Act::Set { field, .. } => field,
        }
    }

    fn verb(&self, kind: &Kind) -> &'static str {
        match self {
            Act::Archive => "archived",
            Act::Restore => "restored",
            Act::Assign { .. } => "assigned",
            Act::Tag { .. } | Act::Untag { .. } | Act::Retag { .. } => "tagged",
            Act::Set { field, .. } => {
                let settable = kind.settable.iter().find(|s| s.key == field);
                settable.map_or("updated", |s| s.verb)
            }
        }
    }

    fn verb_back(&self, kind: &Kind) -> &'static str {
        match self {
            Act::Archive => "restored",
            Act::Restore => "archived",
            _ => self.verb(kind),
        }
    }

    /// The value of the field as the log keeps it.
    fn value(&self, kind: &Kind, s: &mut Statement) {
        let t = kind.table;
        match self.custom() {
            Some(key) => s.sql(format!("{t}.custom -> ")).text(key).sql("::text"),
            None => s.sql(format!("to_jsonb({t}.{})", self.column(kind))),
        };
    }

    /// The column in which the field is; its name is one of ours, never somebody's words.
    fn column(&self, kind: &Kind) -> &'static str {
        match self {
            Act::Archive | Act::Restore => "archived_at",
            Act::Assign { .. } => "owner_id",
            Act::Tag { .. } | Act::Untag { .. } | Act::Retag { .. } => "tags",
            Act::Set { field, .. } => {
                let settable = kind.settable.iter().find(|s| s.key == field);
                settable.map_or("custom", |s| s.key)
            }
        }
    }

    fn custom(&self) -> Option<&str> {
        match self {
            Act::Set { field, .. } => field.strip_prefix("custom."),
            _ => None,
        }
    }

    /// Whether a row is not so already.
    fn fits(&self, kind: &Kind, s: &mut Statement) {
        let t = kind.table;
        match self {
            Act::Archive => s.sql(format!("{t}.archived_at is null")),
            Act::Restore => s.sql(format!("{t}.archived_at is not null")),
            Act::Assign { owner, .. } => {
                s.sql(format!("{t}.owner_id is distinct from ")).id(*owner)
            }
            Act::Tag { tag } => s
                .sql(format!(
                    "cardinality({t}.tags) < {} and not {t}.tags @> array[",
                    tags::MOST
                ))
                .text(tag)
                .sql("]"),
            Act::Untag { tag } | Act::Retag { from: tag, .. } => {
                s.sql(format!("{t}.tags @> array[")).text(tag).sql("]")
            }
            Act::Set { value, .. } => {
                self.value(kind, s);
                s.sql(" is distinct from to_jsonb(")
                    .maybe(value.clone())
                    .sql("::text)")
            }
        };
    }

    fn set(&self, kind: &Kind, tx: &Tx, s: &mut Statement) {
        let t = kind.table;
        match self {
            Act::Archive => s.sql("archived_at = ").at(tx.now),
            Act::Restore => s.sql("archived_at = null"),
            Act::Assign { owner, .. } => s.sql("owner_id = ").id(*owner),
            Act::Tag { tag } => s
                .sql(format!("tags = array_append({t}.tags, "))
                .text(tag)
                .sql(")"),
            Act::Untag { tag } => s
                .sql(format!("tags = array_remove({t}.tags, "))
                .text(tag)
                .sql(")"),
            Act::Retag { from, to } => s
                .sql(format!("tags = case when {t}.tags @> array["))
                .text(to)
                .sql(format!("] then array_remove({t}.tags, "))
                .text(from)
                .sql(format!(") else array_replace({t}.tags, "))
                .text(from)
                .sql(", ")
                .text(to)
                .sql(") end"),
            Act::Set { value, .. } => match (self.custom(), value) {
                (Some(key), Some(value)) => s
                    .sql(format!("custom = {t}.custom || jsonb_build_object("))
                    .text(key)
                    .sql("::text, ")
                    .text(value)
                    .sql("::text)"),
                (Some(key), None) => s
                    .sql(format!("custom = {t}.custom - "))
                    .text(key)
                    .sql("::text"),
                (None, _) => s
                    .sql(format!("{} = ", self.column(kind)))
                    .maybe(value.clone()),
            },
        };
        self.since(kind, tx, s);
    }

    fn since(&self, kind: &Kind, tx: &Tx, s: &mut Statement) {
        let settable = kind.settable.iter().find(|s| s.key == self.field());
        if let Some(column) = settable.and_then(|s| s.since) {
            s.sql(format!(", {column} = ")).at(tx.now);
        }
    }

    /// Does it to the first `limit` rows of the list in `lane`; `act` marks the events as one.
    pub fn run(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        params: &ListParams,
        (act, lane): (Uuid, Lane),
        until: Option<chrono::DateTime<chrono::Utc>>,
        limit: i64,
    ) -> Result<Portion> {
        let which = which(tx, kind, params, lane, until);
        self.run_on(tx, kind, which, act, limit)
    }

    /// Does it to `limit` of all records that it fits, archived or not.
    pub fn run_everywhere(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        act: Uuid,
        limit: i64,
    ) -> Result<Portion> {
        let mut which = Statement::default();
        self.fits(kind, &mut which);
        self.run_on(tx, kind, which, act, limit)
    }

    fn run_on(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        which: Statement,
        act: Uuid,
        limit: i64,
    ) -> Result<Portion> {
        let t = kind.table;
        let mut s = Statement::default();
        s.sql(format!("with act as materialized (select {t}.id, "));
        self.value(kind, &mut s);
        s.sql(" as was, (");
        self.fits(kind, &mut s);
        s.sql(format!(") as fit from {t} where "))
            .all(which)
            .sql(format!(" order by {t}.id limit "))
            .whole(limit)
            .sql(format!(
                " for no key update of {t}), changed as (update {t} set "
            ));
        self.set(kind, tx, &mut s);
        s.sql(format!(
            " from act where {t}.id = act.id and act.fit returning {t}.id, {t}.version, act.was, "
        ));
        self.value(kind, &mut s);
        s.sql(format!(" as becomes, ({t}_card({t}.*)).title)"));
        self.tell(tx, kind, self.verb(kind), "act_id", act, &mut s);
        Ok(s.get_result(&mut **tx)?)
    }

    /// Takes it back from the first `limit` records in `lane` that it changed, where nobody has changed the field since.
    pub fn take_back(
        &self,
        tx: &mut Tx,
        kind: &Kind,
        (act, lane): (Uuid, Lane),
        limit: i64,
    ) -> Result<Portion> {
        let t = kind.table;
        let mut s = Statement::default();
        s.sql("with act as materialized (select e.record_id as id, e.changes -> ")
            .text(self.field())
            .sql("::text -> 0 as old, e.changes -> ")
            .text(self.field())
            .sql("::text -> 1 as new from events e where e.act_id = ")
            .id(Some(act));
        between(&mut s, "e.record_id", lane);
        s.sql(" order by e.record_id limit ")
            .whole(limit)
            .sql(format!("), changed as (update {t} set "));
        self.set_back(kind, tx, &mut s);
        s.sql(format!(" from act where {t}.id = act.id and ("));
        self.stays(kind, &mut s);
        s.sql(format!(") returning {t}.id, {t}.version, act.new as was, "));
        self.value(kind, &mut s);
        s.sql(format!(" as becomes, ({t}_card({t}.*)).title)"));
        self.tell(tx, kind, self.verb_back(kind), "undoes", act, &mut s);
        Ok(s.get_result(&mut **tx)?)
    }

    /// Whether a row still is as the act left it.
    fn stays(&self, kind: &Kind, s: &mut Statement) {
        let t = kind.table;
        match self {
            // Other tags may come and go.
            Act::Tag { tag } => s.sql(format!("{t}.tags @> array[")).text(tag).sql("]"),
            Act::Untag { tag } => s
                .sql(format!(
                    "cardinality({t}.tags) < {} and not {t}.tags @> array[",
                    tags::MOST
                ))
                .text(tag)
                .sql("]"),
            _ => {
                s.sql("coalesce(");
                self.value(kind, s);
                s.sql(", 'null') = act.new")
            }
        };
    }

    fn set_back(&self, kind: &Kind, tx: &Tx, s: &mut Statement) {
        let t = kind.table;
        match self {
            Act::Archive | Act::Restore => s.sql("archived_at = (act.old #>> '{}')::timestamptz"),
            // Somebody who left meanwhile can't own anything.
            Act::Assign { .. } => s.sql(
                "owner_id = (select m.person_id from members m where m.person_id = (act.old #>> '{}')::uuid)",
            ),
            Act::Tag { tag } => s
                .sql(format!("tags = array_remove({t}.tags, "))
                .text(tag)
                .sql(")"),
            Act::Untag { tag } => s
                .sql(format!("tags = array_append({t}.tags, "))
                .text(tag)
                .sql(")"),
            Act::Retag { .. } => {
                s.sql("tags = array(select jsonb_array_elements_text(act.old))")
            }
            Act::Set { .. } => match self.custom() {
                Some(key) => s
                    .sql(format!("custom = case when act.old = 'null' then {t}.custom - "))
                    .text(key)
                    .sql(format!("::text else {t}.custom || jsonb_build_object("))
                    .text(key)
                    .sql("::text, act.old) end"),
                None => s.sql(format!("{} = act.old #>> '{{}}'", self.column(kind))),
            },
        };
        self.since(kind, tx, s);
    }

    /// An event for each record in `changed`, and the counts.
    fn tell(&self, tx: &Tx, kind: &Kind, verb: &str, mark: &str, act: Uuid, s: &mut Statement) {
        let origin = tx.origin.clone();
        s.sql(
            ", told as (insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, ip, \
             user_agent, request_id, at, act_id, changes, data) select new_id(), ",
        )
        .text(format!("{}.{verb}", kind.name))
        .sql(", ")
        .text(kind.name)
        .sql(", c.id, c.title, ")
        .id(tx.person)
        .sql(", ")
        .text(&origin.name)
        .sql(", ")
        .maybe(origin.ip.clone())
        .sql(", ")
        .maybe(origin.user_agent.clone())
        .sql(", ")
        .maybe(origin.request_id.clone())
        .sql(", ")
        .at(tx.now)
        .sql(", ")
        .id(Some(act).filter(|_| mark == "act_id"))
        .sql(", jsonb_build_object(")
        .text(self.field())
        .sql("::text, jsonb_build_array(c.was, c.becomes)), jsonb_build_object('version', c.version, ")
        .text(if mark == "act_id" { "act" } else { mark })
        .sql("::text, ")
        .id(Some(act))
        .sql(
            "::uuid) from changed c) select (select id from act order by id desc limit 1) as last, \
             (select count(*) from act) as seen, (select count(*) from changed) as changed",
        );
    }
}

pub(super) fn between(s: &mut Statement, id: &str, lane: Lane) {
    if lane.after.is_some() {
        s.sql(format!(" and {id} > ")).id(lane.after);
    }
    if lane.upto.is_some() {
        s.sql(format!(" and {id} <= ")).id(lane.upto);
    }
}
