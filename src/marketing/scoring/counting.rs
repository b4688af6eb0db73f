//! Counting points: one statement for a few thousand contacts, in the order of their ids.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Statement, Tx};
use platform::filter::Predicate;
use uuid::Uuid;

use super::rule::{Rule, RuleKind};
use super::settings::Levels;
use crate::marketing::audience;

/// How many contacts a statement counts.
pub const AT_ONCE: i64 = 5_000;

/// The rules in force, ready to be put into SQL.
#[derive(Clone)]
pub struct Rules {
    all: Vec<(Rule, Option<Predicate>)>,
}

/// Which contacts are counted.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    All,
    /// Those that changed, or did something, after that moment.
    ChangedSince(DateTime<Utc>),
    One(Uuid),
}

/// How far it came.
#[derive(Clone, Debug, QueryableByName)]
pub struct Step {
    /// The last contact that was looked at, where there was any.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub last: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub seen: i64,
    #[diesel(sql_type = BigInt)]
    pub changed: i64,
    /// The first of those that changed.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub told: Vec<Uuid>,
    /// Who became hot.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub hot: Vec<Uuid>,
}

impl Rules {
    pub fn load(tx: &mut Tx) -> Result<Rules> {
        let active = Rule::active(tx)?;
        let (catalogue, zone) = (audience::catalogue(tx)?, tx.zone()?);
        let context = audience::context(tx, zone);
        let ready = |rule: Rule| {
            let condition = match rule.kind {
                RuleKind::Field => rule.condition(&catalogue),
                _ => None,
            };
            (rule, condition.map(|filter| filter.predicate(&context)))
        };
        Ok(Rules {
            all: active.into_iter().map(ready).collect(),
        })
    }

    /// Those about what contacts are, with their condition; one whose condition is broken counts nothing.
    pub fn of_fields(&self) -> impl Iterator<Item = (&Rule, &Predicate)> {
        let all = self.all.iter();
        all.filter_map(|(rule, predicate)| Some((rule, predicate.as_ref()?)))
    }

    pub fn of_kind(&self, kind: RuleKind) -> impl Iterator<Item = &Rule> {
        self.all
            .iter()
            .map(|(rule, _)| rule)
            .filter(move |rule| rule.kind == kind)
    }

    /// The points of a row of `contacts`, as SQL. The numbers in it are the database's own.
    fn points(&self, now: DateTime<Utc>, s: &mut Statement) {
        s.sql("greatest(0, 0");
        for (rule, predicate) in self.of_fields() {
            s.sql(" + case when ")
                .holds(predicate.clone())
                .sql(format!(" then {} else 0 end", rule.points));
        }
        let behaviours: Vec<String> = self
            .of_kind(RuleKind::Behaviour)
            .enumerate()
            .map(|(at, rule)| {
                let days = rule
                    .within_days
                    .map_or("null::int".into(), |n| n.to_string());
                let event = rule.happening.event();
                format!("({at}, '{event}', {}, {}, {days})", rule.points, rule.most)
            })
            .collect();
        if !behaviours.is_empty() {
            s.sql(format!(
                " + coalesce((select sum(n.points * least(n.times, n.most)) from ( \
                   select r.points, r.most, count(*) as times \
                   from (values {}) r (at, event, points, most, days) \
                   join events e on e.workspace_id = contacts.workspace_id and e.record_id = contacts.id and e.kind = r.event \
                   where r.days is null or e.at > ",
                behaviours.join(", ")
            ))
            .at(now)
            .sql("::timestamptz - make_interval(days => r.days) group by r.at, r.points, r.most) n), 0)");
        }
        for rule in self.of_kind(RuleKind::Decay) {
            s.sql(format!(" + {} * least({}, floor(extract(epoch from ", rule.points, rule.most))
                .at(now)
                .sql(format!(
                    "::timestamptz - greatest(contacts.last_activity_at, contacts.created_at)) / 86400 / {}))",
                    rule.every_days
                ));
        }
        s.sql(")::int");
    }

    /// Counts the next contacts after that one, and writes what is new. Whoever became warmer or colder, or passed a
    /// threshold, gets an event of it.
    pub fn count(
        &self,
        tx: &mut Tx,
        levels: &Levels,
        which: Which,
        after: Option<Uuid>,
    ) -> Result<Step> {
        let now = tx.now;
        let mut s = Statement::default();
        s.sql("with batch as materialized (select contacts.id, contacts.temperature as was, ");
        self.points(now, &mut s);
        s.sql(" as points, greatest(contacts.last_activity_at, contacts.created_at) < ")
            .at(now)
            .sql(format!(
                "::timestamptz - interval '{} days' as silent from contacts where contacts.archived_at is null",
                levels.dormant_after
            ));
        which.among(&mut s);
        if let Some(after) = after {
            s.sql(" and contacts.id > ").id(Some(after));
        }
        s.sql(format!(
            " order by contacts.id limit {AT_ONCE}), \
             will as (select id, points, was, case when silent then 'dormant' when points >= {} then 'hot' \
               when points >= {} then 'warm' else 'cold' end as temperature from batch), \
             done as (update contacts set score = will.points, temperature = will.temperature from will \
               where contacts.id = will.id and (contacts.score, contacts.temperature) is distinct from (will.points, will.temperature) \
               returning contacts.id, will.was, contacts.temperature as becomes, contacts.score, contacts.version, \
                 (contacts_card(contacts.*)).title), \
             told as (insert into events (id, kind, record_kind, record_id, title, actor_name, at, changes, data) \
               select new_id(), 'contact.temperature_changed', 'contact', id, title, ",
            levels.hot_from, levels.warm_from
        ))
        .text(&tx.origin.name)
        .sql(", ")
        .at(now)
        .sql(
            ", jsonb_build_object('temperature', jsonb_build_array(was, becomes)), \
             jsonb_build_object('version', version, 'score', score, 'quiet', true) from done where was <> becomes) \
             select (select id from batch order by id desc limit 1) as last, (select count(*) from batch) as seen, \
             (select count(*) from done) as changed, array(select id from done limit 51) as told, \
             array(select id from done where becomes = 'hot' and was <> 'hot') as hot",
        );
        let step: Step = s.get_result(&mut **tx)?;
        if let Some(last) = step.last {
            levels.promote(tx, which, after, last)?;
        }
        Ok(step)
    }
}

impl Which {
    pub fn among(self, s: &mut Statement) {
        match self {
            Which::All => {}
            Which::One(id) => {
                s.sql(" and contacts.id = ").id(Some(id));
            }
            Which::ChangedSince(since) => {
                s.sql(
                    " and contacts.id in (select c.id from contacts c where c.archived_at is null and c.updated_at > ",
                )
                .at(since)
                .sql(" union select c.id from contacts c where c.archived_at is null and c.last_activity_at is not null and c.last_activity_at > ")
                .at(since)
                .sql(")");
            }
        }
    }
}
