//! Whatever is merged and taken apart again is what it was, row by row.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Jsonb, Text, Uuid as SqlUuid};
use platform::Result;
use platform::db::Tx;
use platform::records::joining::{self, Decisions, Merge, Undone, Wish};
use platform::records::kinds::Kinds;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use uuid::Uuid;

use crate::crm::contacts::Contact;
use crate::testing::world;

/// Tables that only ever grow, and those that tell of merges themselves.
const ASIDE: [&str; 4] = ["events", "notifications", "merges", "merge_rows"];

/// What there is: people, what hangs on them, and who is merged into whom.
#[derive(Clone, Debug)]
struct Scene {
    people: Vec<(String, bool, u8)>,
    /// A kind of link, and the people it is to.
    links: Vec<(u8, usize, usize)>,
    /// Who stays, and who goes into them.
    merges: Vec<(usize, Vec<usize>)>,
}

fn scenes() -> impl Strategy<Value = Scene> {
    let person = ("[a-zč]{1,8}", any::<bool>(), any::<u8>());
    let link = (0..14u8, 0..5usize, 0..5usize);
    let merge = (0..5usize, prop::collection::vec(0..5usize, 1..4));
    (
        prop::collection::vec(person, 5),
        prop::collection::vec(link, 0..40),
        prop::collection::vec(merge, 1..3),
    )
        .prop_map(|(people, links, merges)| Scene {
            people,
            links,
            merges,
        })
}

#[actix_web::test]
async fn taken_apart_again_every_row_is_what_it_was() {
    let world = world();
    world.leave_jobs();
    let ground = world.within("acme", ground);
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let tried = runner.run(&scenes(), |scene| {
        world.within("acme", |tx| {
            let people = set(tx, &ground, &scene)?;
            let before = rows(tx)?;
            let merges = merge_all(tx, &world.app.kinds, &people, &scene)?;
            for id in merges.iter().rev() {
                let (merge, _) = Merge::find::<Contact>(tx, *id)?;
                let undone = joining::undo::<Contact>(tx, &merge, &Decisions::new())?;
                assert!(
                    matches!(undone, Undone::Done(_)),
                    "nothing was changed since"
                );
            }
            let after = rows(tx)?;
            for ((table, before), (_, after)) in before.iter().zip(&after) {
                assert_eq!(before, after, "{table} is not what it was");
            }
            Ok(())
        });
        Ok(())
    });
    tried.unwrap();
}

/// Merges whom it can; gives the merges, first things first.
fn merge_all(tx: &mut Tx, kinds: &Kinds, people: &[Uuid], scene: &Scene) -> Result<Vec<Uuid>> {
    let setup = kinds.setups.within(tx)?;
    let mut there = people.to_vec();
    let mut merges = Vec::new();
    for (into, others) in &scene.merges {
        let into = people[*into];
        let others = others.iter().map(|n| people[*n]);
        let others: Vec<Uuid> = others
            .filter(|id| there.contains(id) && *id != into)
            .collect();
        if !there.contains(&into) || others.is_empty() {
            continue;
        }
        there.retain(|id| !others.contains(id));
        let links = linked(tx, &others)?;
        let ids = [into].into_iter().chain(others.iter().copied()).collect();
        let wish = Wish {
            ids,
            into,
            ..Wish::default()
        };
        let (_, merge) = joining::merge::<Contact>(tx, (kinds, &setup), &wish)?;
        assert_eq!(
            linked(tx, &others)?,
            0,
            "of {links} links some were left behind"
        );
        merges.push(merge);
    }
    Ok(merges)
}

/// How many rows speak of these people, in whatever table but the journal.
fn linked(tx: &mut Tx, people: &[Uuid]) -> Result<usize> {
    let mut found = 0;
    for (table, rows) in rows(tx)? {
        if matches!(table.as_str(), "merged_records" | "duplicate_pairs") {
            continue;
        }
        let text = rows.to_string();
        found += people
            .iter()
            .filter(|id| text.contains(&id.to_string()))
            .count();
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct All {
    #[diesel(sql_type = Jsonb)]
    rows: Value,
}

/// All rows of all tables of the workspace.
fn rows(tx: &mut Tx) -> Result<Vec<(String, Value)>> {
    let tables: Vec<Named> = sql_query(
        "select relname::text as name from pg_class where relkind = 'r' and relrowsecurity order by 1",
    )
    .load(&mut **tx)?;
    let mut all = Vec::new();
    for Named { name } in tables {
        if ASIDE.contains(&name.as_str()) {
            continue;
        }
        let found: All = sql_query(format!(
            "select coalesce(jsonb_agg(r order by r::text), '[]') as rows from (select to_jsonb(t) - 'version' - 'updated_at' r from {name} t) x"
        ))
        .get_result(&mut **tx)?;
        all.push((name, found.rows));
    }
    Ok(all)
}

/// What people are linked to.
struct Ground {
    companies: [Uuid; 2],
    sequence: Uuid,
    segment: Uuid,
    campaign: Uuid,
    form: Uuid,
    person: Uuid,
}

fn ground(tx: &mut Tx) -> Result<Ground> {
    let ground = Ground {
        companies: [Uuid::now_v7(), Uuid::now_v7()],
        sequence: Uuid::now_v7(),
        segment: Uuid::now_v7(),
        campaign: Uuid::now_v7(),
        form: Uuid::now_v7(),
        person: {
            #[derive(QueryableByName)]
            struct One {
                #[diesel(sql_type = SqlUuid)]
                id: Uuid,
            }
            let one: One = sql_query("select person_id as id from members order by 1 limit 1")
                .get_result(&mut **tx)?;
            one.id
        },
    };
    for (table, id) in [
        ("companies", ground.companies[0]),
        ("companies", ground.companies[1]),
        ("sequences", ground.sequence),
        ("segments", ground.segment),
        ("campaigns", ground.campaign),
        ("forms", ground.form),
    ] {
        sql_query(format!("insert into {table} (id, name) values ($1, $2)"))
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(format!("{table} {id}"))
            .execute(&mut **tx)?;
    }
    sql_query(
        "insert into custom_fields (id, record_kind, key, label, type, target) values (new_id(), 'company', 'captain', 'Captain', 'record', 'contact')",
    )
    .execute(&mut **tx)?;
    Ok(ground)
}

/// Sets the scene; gives the people.
fn set(tx: &mut Tx, ground: &Ground, scene: &Scene) -> Result<Vec<Uuid>> {
    let mut people = Vec::new();
    for (name, has, n) in &scene.people {
        let id = Uuid::now_v7();
        sql_query(
            "insert into contacts (id, first_name, email, phone, city, tags, score, company_id, birthday, consent_email, custom, last_activity_at, more_emails)
             values ($1, $2, case when $3 ->> 'has' = 'true' then 'p' || ($3 ->> 'n') || '@x.example' end, nullif($3 ->> 'n', '0'),
               case when $3 ->> 'has' = 'true' then 'Split' else '' end, case when $3 ->> 'has' = 'true' then array['a', $2] else array['b'] end,
               ($3 ->> 'n')::int, case when ($3 ->> 'n')::int % 2 = 0 then $4 end, case when $3 ->> 'has' = 'true' then date '1990-01-01' + ($3 ->> 'n')::int end,
               case when ($3 ->> 'n')::int % 3 = 0 then 'withdrawn' else 'given' end, jsonb_build_object('n', $3 -> 'n'),
               case when ($3 ->> 'n')::int % 2 = 1 then timestamptz '2026-01-01' + make_interval(mins => ($3 ->> 'n')::int) end,
               jsonb_build_array(jsonb_build_object('label', '', 'value', $2 || '@y.example')))",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(name)
        .bind::<Jsonb, _>(serde_json::json!({"has": has, "n": n}))
        .bind::<SqlUuid, _>(ground.companies[usize::from(*n) % 2])
        .execute(&mut **tx)?;
        people.push(id);
    }
    for (kind, a, b) in &scene.links {
        link(tx, ground, *kind, (people[*a], people[*b]))?;
    }
    Ok(people)
}

fn link(tx: &mut Tx, ground: &Ground, kind: u8, (a, b): (Uuid, Uuid)) -> Result<()> {
    // $1 and $2 are people, $3 something that they have to do with.
    const DEAL: &str = "insert into deals (id, name, pipeline_id, stage_id, currency, contact_id)
        select new_id(), 'Deal', s.pipeline_id, s.id, 'EUR', $1 from stages s where s.kind = 'open' and $2 is not null and $3 is not null order by s.id limit 1";
    let (sql, third) = match kind {
        0 => ("insert into notes (id, record_id, body) select new_id(), $1, 'A note' where $2 is not null and $3 is not null", a),
        1 => ("insert into followers (record_id, person_id) select $1, $3 where $2 is not null on conflict do nothing", ground.person),
        2 => (DEAL, a),
        3 => ("insert into deal_contacts (deal_id, contact_id) select id, $1 from deals where contact_id = $2 and $3 is not null limit 1 on conflict do nothing", a),
        4 => ("insert into deal_contacts (deal_id, contact_id) select id, p from deals, unnest(array[$1, $2]) p where $3 is not null on conflict do nothing", a),
        5 => ("insert into segment_members (segment_id, contact_id) select $3, p from unnest(array[$1, $2]) p on conflict do nothing", ground.segment),
        6 => ("insert into campaign_recipients (id, campaign_id, contact_id, email) select new_id(), $3, $1, 'x@x.example' where $2 is not null", ground.campaign),
        7 => ("insert into form_submissions (id, form_id, contact_id, answers) select new_id(), $3, $1, '{}' where $2 is not null", ground.form),
        8 => ("insert into sequence_enrolments (id, sequence_id, contact_id) select new_id(), $3, p from unnest(array[$1, $2]) p on conflict do nothing", ground.sequence),
        9 => ("insert into sequence_mails (id, enrolment_id, sequence_id, contact_id, step, email)
               select new_id(), id, sequence_id, contact_id, 0, 'x@x.example' from sequence_enrolments where contact_id in ($1, $2) and $3 is not null on conflict do nothing", a),
        10 => ("update companies set custom = jsonb_build_object('captain', $1::text, 'n', 1) where id = $3 and $2 is not null", ground.companies[0]),
        11 => ("insert into relationships (id, kind_id, contact_id, other_id, note)
               select new_id(), id, $1, $2, 'of old' from relationship_kinds where name = 'Spouse' and $1 <> $2 and $3 is not null on conflict do nothing", a),
        12 => ("insert into relationships (id, kind_id, contact_id, other_id)
               select new_id(), id, $2, $1 from relationship_kinds where name in ('Broker', 'Spouse') and $1 <> $2 and $3 is not null on conflict do nothing", a),
        _ => ("insert into duplicate_pairs (record_kind, a_id, b_id, score, reasons, found_at)
               select 'contact', least($1, $2), greatest($1, $2), 90, array['same_name'], now() where $1 <> $2 and $3 is not null on conflict do nothing", a),
    };
    sql_query(sql)
        .bind::<SqlUuid, _>(a)
        .bind::<SqlUuid, _>(b)
        .bind::<SqlUuid, _>(third)
        .execute(&mut **tx)?;
    Ok(())
}
