//! Sharing records out: which rule is for each of them, and whom it gives it to.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::Result;
use platform::db::{Scope, Statement, Tx};
use platform::events::Event;
use platform::filter::Context;
use platform::records::kinds::Kind;
use platform::records::list::ListParams;
use platform::records::setup::Setup;
use uuid::Uuid;

use super::rule::{Method, Rule};
use crate::workspaces::teams::{Mate, Team};

/// What somebody got longer ago than this many days is no longer new work to them.
const RECENT_DAYS: i64 = 90;
/// Whoever has this much to do has too much already; it is not counted further.
const MOST_COUNTED: i64 = 2_000;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Load {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    open: i64,
}

/// One record given to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub record: Uuid,
    pub rule: Uuid,
    pub person: Uuid,
}

/// To whom a new record went.
#[derive(Clone, Debug, Default)]
pub struct GivenNew {
    /// To be written; `None` where the owner stands already, or there is nobody.
    pub owner: Option<Uuid>,
    /// The rule and the person, by name.
    told: Option<(String, String)>,
}

impl GivenNew {
    /// Says in the event of the record's making by which rule it went to whom.
    pub fn tell(self, event: &mut Event, kind: &Kind) {
        if let Some((rule, person)) = self.told {
            let text = format!(
                "created this {}; the rule “{rule}” gave it to {person}",
                kind.singular
            );
            event.with("rule", rule).with("text", text);
        }
    }
}

/// The rules of a kind at work: they remember whose turn it is and how much everybody has to do.
pub struct Sharing {
    kind: Kind,
    rules: Vec<Rule>,
    mates: HashMap<Uuid, Vec<Mate>>,
    open: HashMap<Uuid, i64>,
    counts: HashMap<Uuid, i64>,
}

impl Sharing {
    /// The rules in force, for giving by them.
    pub fn begin(tx: &mut Tx, kind: &Kind) -> Result<Sharing> {
        let rules = Rule::held(tx, kind.name)?;
        Sharing::by(tx, kind, rules)
    }

    /// These rules, for seeing what they would do.
    pub fn by(tx: &mut Tx, kind: &Kind, rules: Vec<Rule>) -> Result<Sharing> {
        let mut mates = HashMap::new();
        let mut asked = HashSet::new();
        for rule in &rules {
            if asked.insert(rule.team_id) {
                // Turns go by id, so that they go on where somebody comes or leaves.
                let mut people = Team::find(tx, rule.team_id)?.people;
                people.retain(|mate| !mate.away);
                people.sort_by_key(|mate| mate.id);
                mates.insert(rule.team_id, people);
            }
        }
        let mut sharing = Sharing {
            kind: *kind,
            open: HashMap::new(),
            counts: HashMap::new(),
            rules,
            mates,
        };
        if sharing.rules.iter().any(|r| r.method == Method::Load) {
            sharing.open = sharing.loads(tx)?;
        }
        Ok(sharing)
    }

    pub fn is_idle(&self) -> bool {
        self.rules.is_empty()
    }

    pub fn rule(&self, id: Uuid) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// How much everybody has to do whom a rule could give to by load: the open records of theirs from lately.
    fn loads(&self, tx: &mut Tx) -> Result<HashMap<Uuid, i64>> {
        let by_load = self.rules.iter().filter(|r| r.method == Method::Load);
        let people = by_load.filter_map(|r| self.mates.get(&r.team_id)).flatten();
        let people: Vec<Uuid> = people.map(|mate| mate.id).collect();
        let (table, workload) = (self.kind.table, self.kind.workload);
        let rows: Vec<Load> = sql_query(format!(
            "select p.id, (select count(*) from (select 1 from {table} where {table}.owner_id = p.id \
               and {table}.archived_at is null and {table}.created_at > $2 - make_interval(days => {RECENT_DAYS}) \
               and {workload} limit {MOST_COUNTED}) s) as open from unnest($1) p (id)"
        ))
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Timestamptz, _>(tx.now)
        .load(&mut **tx)?;
        Ok(rows.into_iter().map(|row| (row.id, row.open)).collect())
    }

    /// Decides for these records, in their order; those that no rule is for are not in the answer. Nothing is written.
    pub fn decide(&mut self, tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Given>> {
        let setup = Setup::load(tx, &[(self.kind.name, self.kind.lists)])?;
        let catalogue = setup.catalogue(&self.kind);
        let context = Context {
            now: tx.now,
            zone: tx.zone()?,
            me: None,
        };
        let mut left: Vec<Uuid> = ids.to_vec();
        let mut all = Vec::new();
        for at in 0..self.rules.len() {
            let team = self.rules[at].team_id;
            let Some(condition) = self.rules[at].condition(&catalogue) else {
                continue;
            };
            if left.is_empty() || self.mates.get(&team).is_none_or(Vec::is_empty) {
                continue;
            }
            let params = ListParams {
                ids: left.clone(),
                predicate: (!condition.is_empty()).then(|| condition.predicate(&context)),
                ..ListParams::default()
            };
            let fits = self.fitting(tx, &params)?;
            let mine: Vec<Uuid> = left
                .iter()
                .copied()
                .filter(|id| fits.contains(id))
                .collect();
            left.retain(|id| !fits.contains(id));
            all.extend(mine.into_iter().map(|record| self.next(at, record)));
        }
        Ok(all)
    }

    fn fitting(&self, tx: &mut Tx, params: &ListParams) -> Result<HashSet<Uuid>> {
        let table = self.kind.table;
        let mut s = Statement::default();
        s.sql(format!("select {table}.id from {table} where "))
            .matching(params.matching(&Scope::All, table));
        let found: Vec<Found> = s.load(&mut **tx)?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }

    fn next(&mut self, at: usize, record: Uuid) -> Given {
        let rule = &mut self.rules[at];
        let mates = &self.mates[&rule.team_id];
        let person = match rule.method {
            Method::RoundRobin => {
                let next = mates.iter().find(|m| Some(m.id) > rule.last_person_id);
                next.unwrap_or(&mates[0]).id
            }
            Method::Load => {
                let busy = |mate: &&Mate| (self.open.get(&mate.id).copied().unwrap_or(0), mate.id);
                mates.iter().min_by_key(busy).map_or(mates[0].id, |m| m.id)
            }
        };
        rule.last_person_id = Some(person);
        *self.open.entry(person).or_default() += 1;
        *self.counts.entry(rule.id).or_default() += 1;
        Given {
            record,
            rule: rule.id,
            person,
        }
    }

    /// For a record that is about to be made: where an owner is named, or no rule is in force, it goes to whom it was
    /// meant for or to whoever makes it.
    pub fn of_new(tx: &mut Tx, kind: &Kind, owner: &mut Option<Uuid>) -> Result<Sharing> {
        let rules = match owner {
            Some(_) => Vec::new(),
            None => Rule::held(tx, kind.name)?,
        };
        if rules.is_empty() {
            *owner = owner.or(tx.person);
        }
        Sharing::by(tx, kind, rules)
    }

    /// Decides for the record that was just made, and keeps whose turn it was. Where no rule is for it, it is whoever's
    /// who makes it. Writing the owner is the record's own affair.
    pub fn give(mut self, tx: &mut Tx, record: Uuid) -> Result<GivenNew> {
        if self.is_idle() {
            return Ok(GivenNew::default());
        }
        let given = self.decide(tx, &[record])?.first().copied();
        self.keep(tx)?;
        let rule = given.and_then(|given| self.rule(given.rule));
        let named = given.and_then(|g| self.mates.values().flatten().find(|m| m.id == g.person));
        Ok(GivenNew {
            owner: given.map(|given| given.person).or(tx.person),
            told: rule
                .zip(named)
                .map(|(rule, mate)| (rule.name.clone(), mate.name.clone())),
        })
    }

    fn keep(&self, tx: &mut Tx) -> Result<()> {
        for rule in &self.rules {
            if let (Some(count), Some(last)) = (self.counts.get(&rule.id), rule.last_person_id) {
                rule.gave(tx, *count, last)?;
            }
        }
        Ok(())
    }
}

/// Gives these records, as far as nobody owns them, to whom the rules say, with an event for each; gives how many
/// everybody got.
pub fn share_out(tx: &mut Tx, kind: &Kind, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut sharing = Sharing::begin(tx, kind)?;
    let mut got = HashMap::new();
    if sharing.is_idle() || ids.is_empty() {
        return Ok(got);
    }
    let given = sharing.decide(tx, ids)?;
    if given.is_empty() {
        return Ok(got);
    }
    sharing.keep(tx)?;
    let name = |given: &Given| sharing.rule(given.rule).map_or("", |rule| &rule.name);
    let rules: Vec<&str> = given.iter().map(name).collect();
    let table = kind.table;
    let (person, origin, now) = (tx.person, tx.origin.clone(), tx.now);
    let written: Vec<Found> = sql_query(format!(
        "with g as (select * from unnest($1, $2, $3) g (id, person, rule)), \
         done as (update {table} set owner_id = g.person from g where {table}.id = g.id and {table}.owner_id is null \
           returning {table}.id, {table}.version, g.person, g.rule, ({table}_card({table}.*)).title), \
         told as (insert into events (id, kind, record_kind, record_id, title, actor_id, actor_name, request_id, at, changes, data) \
           select new_id(), '{kind}.assigned', '{kind}', id, title, $4, $5, $6, $7, \
             jsonb_build_object('owner_id', jsonb_build_array(null, person)), \
             jsonb_build_object('version', version, 'rule', rule, 'quiet', true) from done) \
         select person as id from done",
        kind = kind.name
    ))
    .bind::<Array<SqlUuid>, _>(given.iter().map(|g| g.record).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(given.iter().map(|g| g.person).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rules)
    .bind::<Nullable<SqlUuid>, _>(person)
    .bind::<Text, _>(&origin.name)
    .bind::<Nullable<Text>, _>(&origin.request_id)
    .bind::<Timestamptz, _>(now)
    .load(&mut **tx)?;
    for row in written {
        *got.entry(row.id).or_default() += 1;
    }
    Ok(got)
}
