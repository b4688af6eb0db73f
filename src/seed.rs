//! `nexus seed`: the demo workspaces, and as many contacts as one likes.

use std::sync::atomic::{AtomicI64, Ordering};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use platform::schema::workspaces;
use platform::world;
use uuid::Uuid;

use crate::Failure;

/// Makes the demo workspaces where they are not there yet.
pub fn world(url: &str) -> Result<(), Failure> {
    let made = PgConnection::establish(url)?.transaction(demo)?;
    println!(
        "{}",
        if made {
            "acme and globex are made"
        } else {
            "acme and globex are there already"
        }
    );
    Ok(())
}

/// The demo workspaces with something in them to look at; gives whether they were made.
pub fn demo(conn: &mut PgConnection) -> platform::Result<bool> {
    let made = world::seed(conn)?;
    if made {
        let acme: Uuid = workspaces::table
            .filter(workspaces::slug.eq("acme"))
            .select(workspaces::id)
            .first(conn)?;
        world::enter(conn, acme)?;
        for sql in [DEMO, DEMO_TASKS, DEMO_ACTIVITIES] {
            sql_query(sql).bind::<SqlUuid, _>(acme).execute(conn)?;
        }
    }
    Ok(made)
}

const TABLES: [&str; 7] = [
    "contacts",
    "companies",
    "deals",
    "deal_moves",
    "tasks",
    "activities",
    "records",
];
const ROWS_A_BATCH: i64 = 20_000;
const MOST: i64 = 50_000_000;
/// How far back the seeded rows reach, evenly.
const SECONDS_BACK: f64 = 2.0 * 365.0 * 24.0 * 60.0 * 60.0;

/// Adds `n` contacts, and companies, deals, tasks and activities in proportion, to acme.
///
/// The rows are made by PostgreSQL itself, in batches, as the owner, so that no triggers of the audit fire a million
/// times; the triggers that keep `records` do fire, once a batch. Ids and times grow as they do in life, so that an
/// index grows at its end and neighbours in a list are neighbours on disk.
pub fn scale(url: &str, n: i64) -> Result<(), Failure> {
    if !(1..=MOST).contains(&n) {
        return Err(format!("--scale takes a number from 1 to {MOST}").into());
    }
    let mut conn = PgConnection::establish(url)?;
    conn.transaction(demo)?;
    let acme: Uuid = workspaces::table
        .filter(workspaces::slug.eq("acme"))
        .select(workspaces::id)
        .first(&mut conn)?;
    let (companies, deals, tasks) = ((n / 20).max(1), (n / 5).max(1), (n / 10).max(1));
    batches(url, acme, companies, COMPANIES)?;
    batches(url, acme, n, CONTACTS)?;
    batches(url, acme, deals, DEALS)?;
    batches(url, acme, tasks, TASKS)?;
    batches(url, acme, n, ACTIVITIES)?;
    // Also moves what waits in the GIN indexes' pending lists, which every search would read through.
    together(&TABLES, |table| {
        let mut conn = PgConnection::establish(url)?;
        conn.batch_execute("set maintenance_work_mem = '256MB'")?;
        conn.batch_execute(&format!("vacuum analyze {table}"))?;
        Ok(())
    })?;
    println!(
        "{n} contacts, {companies} companies, {deals} deals, {tasks} tasks and {n} activities are in acme"
    );
    Ok(())
}

/// Runs `sql` for rows 1 to `n`, on as many connections as there are processors.
fn batches(url: &str, workspace: Uuid, n: i64, sql: &str) -> Result<(), Failure> {
    let connections = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8));
    let next = AtomicI64::new(0);
    together(&vec![(); connections], |()| {
        let mut conn = PgConnection::establish(url)?;
        conn.batch_execute(
            "set app.seeding = 'on'; set synchronous_commit = off; set work_mem = '64MB'; set gin_pending_list_limit = '256MB'",
        )?;
        loop {
            let from = next.fetch_add(ROWS_A_BATCH, Ordering::Relaxed);
            if from >= n {
                return Ok(());
            }
            conn.transaction::<_, platform::Error, _>(|conn| {
                world::enter(conn, workspace)?;
                sql_query(sql)
                    .bind::<SqlUuid, _>(workspace)
                    .bind::<BigInt, _>(from)
                    .bind::<BigInt, _>((from + ROWS_A_BATCH).min(n))
                    .bind::<Double, _>(SECONDS_BACK / n as f64)
                    .bind::<Double, _>(SECONDS_BACK)
                    .execute(conn)?;
                Ok(())
            })?;
        }
    })
}

/// Does `work` for each of `parts` at the same time; gives the first failure.
fn together<T: Sync>(
    parts: &[T],
    work: impl Fn(&T) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let running: Vec<_> = parts
            .iter()
            .map(|part| scope.spawn(|| work(part).map_err(|error| error.to_string())))
            .collect();
        for one in running {
            let done = one
                .join()
                .unwrap_or_else(|_| Err("a worker panicked".into()));
            done.map_err(Failure::from)?;
        }
        Ok(())
    })
}

const COMPANIES: &str = "
with words as (select
  array['Blue','North','Harbour','Silver','Grand','Atlas','Nova','Cedar','Summit','Orchid','Polar','Amber','Delta','Lumen','Terra'] a,
  array['Travel','Marine','Kitchens','Logistics','Media','Foods','Systems','Homes','Partners','Works','Studio','Energy'] b,
  array['Ltd','GmbH','Inc','SA','BV','AB'] c,
  array['Travel','Shipping','Construction','Retail','Software','Hospitality','Energy','Media'] i)
insert into companies (workspace_id, id, name, domain, kind, tier, industry, employees, created_at, updated_at)
select $1, new_id(t), a[1 + h % 15] || ' ' || b[1 + (h / 15) % 12] || ' ' || n || ' ' || c[1 + (h / 180) % 6],
  lower(a[1 + h % 15] || b[1 + (h / 15) % 12]) || n || '.example',
  (array['prospect','customer','partner','supplier'])[1 + h % 4], (array['standard','standard','key','small'])[1 + h % 4],
  i[1 + h % 8], h % 5000, t, t
from words, generate_series($2 + 1, $3) n, lateral (select abs(hashint8(n)) h, md5(gen_random_uuid()::text) md5,
  now() + make_interval(secs => n * $4 - $5) t) x";

/// Names follow a long tail, so that there are common names and rare ones, as in life.
const CONTACTS: &str = "
with words as (select
  array['James','Mary','Ann','Robert','Linda','John','Olga','Ahmed','Sofia','Liam','Noah','Emma','Mia','Lucas','Chloe','Hugo','Elena','Marta','Peter','Ivan','Yuki','李雷','مريم','Nguyễn','Zoë'] f,
  array['Smith','Müller','García','Rossi','O''Brien','Novák','Jensen','Kowalski','Silva','Dubois','Tanaka','Kim','Patel','Nguyen','Haddad','Larsen','Weber','Moreau','Costa','Popescu','Andersen','Fischer','Ivanova','Murphy','Walsh','Byrne','Hansen','Berg','Lund','Nowak'] l,
  array['Berlin','Paris','Lisbon','Oslo','Dublin','Madrid','Split','Athens','Genoa','Palma'] c,
  array['DE','FR','PT','NO','IE','ES','HR','GR','IT','ES'] k,
  (select array_agg(id) from (select id from companies where workspace_id = $1 order by id limit 50000) s) co,
  (select array_agg(person_id) from members where workspace_id = $1) o)
insert into contacts (workspace_id, id, first_name, last_name, email, phone, job_title, company_id, lifecycle_stage, lead_status,
  lead_source, city, country, score, owner_id, tags, last_activity_at, created_at, updated_at)
select $1, new_id(t), f[1 + (power((h % 1000) / 1000.0, 2) * 25)::int % 25],
  l[1 + (power((h / 1000 % 1000) / 1000.0, 2) * 30)::int % 30] || case when h % 10 = 0 then '-' || initcap(substr(md5, 1, 5)) else '' end,
  'person' || n || '.' || substr(md5, 1, 6) || '@' || (array['example.com','mail.example','post.example'])[1 + h % 3],
  '+49' || lpad((h % 10000000000)::text, 10, '0'), (array['Owner','Buyer','Director','Captain','Assistant',''])[1 + h % 6],
  co[1 + h % greatest(1, array_length(co, 1))],
  (array['lead','lead','subscriber','marketing_qualified','sales_qualified','opportunity','customer','other'])[1 + h % 8],
  (array['new','open','in_progress','connected','unqualified'])[1 + h % 5],
  (array['website','referral','campaign','event','import','form'])[1 + h % 6],
  c[1 + h % 10], k[1 + h % 10], h % 100, o[1 + h % array_length(o, 1)],
  case when h % 20 = 0 then array['vip'] when h % 7 = 0 then array['newsletter'] else '{}' end,
  least(now(), t + make_interval(hours => (h % 2000)::int)), t, t
from words, generate_series($2 + 1, $3) n, lateral (select abs(hashint8(n))::bigint h, md5(gen_random_uuid()::text) md5,
  now() + make_interval(secs => n * $4 - $5) t) x";

/// Three in ten deals are open, as in life most have ended; they stand where they stand for up to two months.
const DEALS: &str = "
with words as (select
  array['Refit','Charter','Berth','Fleet','Season','Regatta','Renewal','Survey','Delivery','Training','Insurance','Mooring'] a,
  array['2025','2026','north','south','spring','summer','autumn','pilot','phase 1','phase 2'] b,
  (select array_agg(s.id order by s.position) from stages s join pipelines p on p.workspace_id = s.workspace_id and p.id = s.pipeline_id
    where s.workspace_id = $1 and s.kind = 'open' and p.position = (select min(position) from pipelines where workspace_id = $1 and archived_at is null)) op,
  (select s.id from stages s join pipelines p on p.workspace_id = s.workspace_id and p.id = s.pipeline_id
    where s.workspace_id = $1 and s.kind = 'won' order by p.position, s.position limit 1) won,
  (select s.id from stages s join pipelines p on p.workspace_id = s.workspace_id and p.id = s.pipeline_id
    where s.workspace_id = $1 and s.kind = 'lost' order by p.position, s.position limit 1) lost,
  (select array_agg(id) from close_reasons where workspace_id = $1 and kind = 'lost') r,
  (select array_agg(id) from (select id from companies where workspace_id = $1 order by id limit 50000) s) co,
  (select array_agg(id) from (select id from contacts where workspace_id = $1 order by id limit 50000) s) ct,
  (select array_agg(person_id) from members where workspace_id = $1) o)
insert into deals (workspace_id, id, name, pipeline_id, stage_id, status, amount, currency, closes_on, kind, source, company_id, contact_id,
  reason_id, stage_since, closed_at, owner_id, tags, created_at, updated_at)
select $1, new_id(t), a[1 + h % 12] || ' ' || b[1 + (h / 12) % 10] || ' ' || n, s.pipeline_id, s.id, s.kind,
  (100 + h % 50000) * 100, case when h % 20 = 0 then 'USD' else 'EUR' end,
  case when h % 9 = 0 then null when s.kind = 'open' then current_date - 20 + (h / 7 % 240)::int else since::date end,
  (array['new_business','new_business','existing_business','renewal'])[1 + h % 4],
  (array['website','referral','campaign','event','phone','partner'])[1 + h % 6],
  co[1 + h % greatest(1, array_length(co, 1))], ct[1 + (h / 5) % greatest(1, array_length(ct, 1))],
  case when s.kind = 'lost' then r[1 + h % greatest(1, array_length(r, 1))] end,
  since, case when s.kind <> 'open' then since end, o[1 + h % array_length(o, 1)],
  case when h % 25 = 0 then array['key'] else '{}' end, t, since
from words, generate_series($2 + 1, $3) n, lateral (select abs(hashint8(n + 7))::bigint h, now() + make_interval(secs => n * $4 - $5) t) x,
  lateral (select case when h % 10 < 3 then op[1 + (h / 10) % array_length(op, 1)] when h % 10 < 7 then won else lost end stage) y
  join stages s on s.workspace_id = $1 and s.id = y.stage,
  lateral (select case when s.kind = 'open' then greatest(t, now() - make_interval(hours => (h % 1440)::int)) else least(now(), t + make_interval(days => 5 + (h % 60)::int)) end since) z";

/// Seven in ten are done; of those that are not, nobody is told as if it had just happened.
const TASKS: &str = "
with words as (select
  array['Call back','Send the offer','Ask for papers','Check the survey','Book the crane','Confirm the date','Send the invoice','Plan the visit'] a,
  (select array_agg(id) from (select id from contacts where workspace_id = $1 order by id limit 50000) s) ct,
  (select array_agg(person_id) from members where workspace_id = $1) o)
insert into tasks (workspace_id, id, name, kind, priority, due_on, record_id, owner_id, created_by, completed_at, completed_by, reminded_at, late_told_at,
  created_at, updated_at)
select $1, new_id(t), a[1 + h % 8] || ' ' || n, (array['to_do','call','email','meeting','follow_up'])[1 + h % 5],
  (array['normal','normal','high','low','urgent'])[1 + (h / 5) % 5],
  case when h % 10 < 7 then (t + make_interval(days => (h % 20)::int))::date else current_date - 15 + (h / 7 % 60)::int end,
  ct[1 + (h / 3) % greatest(1, array_length(ct, 1))], who, who,
  case when h % 10 < 7 then least(now(), t + make_interval(days => (h % 20)::int)) end, case when h % 10 < 7 then who end, now(), now(), t, t
from words, generate_series($2 + 1, $3) n, lateral (select abs(hashint8(n + 11))::bigint h, now() + make_interval(secs => n * $4 - $5) t) x,
  lateral (select o[1 + h % array_length(o, 1)] who) y";

/// One a contact, at the time at which it says that somebody heard of it last.
const ACTIVITIES: &str = "
with words as (select array['Berth','Refit','Insurance','Season','Offer','Survey','Delivery','Renewal'] a)
insert into activities (workspace_id, id, record_id, kind, direction, outcome, subject, at, minutes, author_id, created_at)
select $1, new_id(at), id, (array['call','email','meeting'])[k], case when h % 3 = 0 then 'in' else 'out' end,
  (array[(array['reached','no_answer','left_message'])[1 + h % 3], (array['replied','no_reply',''])[1 + h % 3], 'held'])[k],
  a[1 + h % 8], at, case when k <> 2 then 5 + h % 50 end, owner_id, at
from words, (select id, owner_id, coalesce(last_activity_at, created_at) at, abs(hashtext(id::text))::bigint h, 1 + abs(hashtext(id::text)) % 3 k
  from contacts where workspace_id = $1 order by id offset $2 limit $3 - $2) c where $4 is not null and $5 is not null";

/// What the people of the demo have to do, about its deals and companies.
const DEMO_TASKS: &str = "
with t(name, about, kind, priority, days, clock, who, lines, done) as (values
    ('Send the revised offer', 'Charter fleet refit, 6 boats', 'email', 'urgent', -1, null, 'owner@acme.test', '[]', false),
    ('Call about the crane', 'Boathouse with crane', 'call', 'high', 0, '15:30', 'owner@acme.test', '[]', false),
    ('Prepare the site visit', 'Pontoon D extension', 'to_do', 'normal', 0, null, 'owner@acme.test',
      '[{\"text\": \"Tide table\", \"done\": true}, {\"text\": \"Survey boat\", \"done\": false}, {\"text\": \"Papers of the harbour office\", \"done\": false}]', false),
    ('Lunch with the harbour master', 'Porto Vela Marina', 'meeting', 'normal', 2, '12:30', 'owner@acme.test', '[]', false),
    ('Weekly pipeline review', null, 'meeting', 'normal', 4, '09:00', 'owner@acme.test', '[]', false),
    ('Ask for a reference', 'Adriatic Sail Charter', 'follow_up', 'low', 6, null, 'owner@acme.test', '[]', false),
    ('Confirm winter places', 'Winter storage 2026/27', 'call', 'high', 1, '10:00', 'agent@acme.test', '[]', false),
    ('Kitchen samples to Aarhus', 'Galley kitchens, series of 12', 'to_do', 'normal', 3, null, 'advisor@acme.test', '[]', false),
    ('Check the survey report', 'Survey of two catamarans', 'to_do', 'normal', -2, null, 'agent@acme.test', '[]', true),
    ('Thank them for the order', 'Fuel dock modernisation', 'email', 'normal', 0, null, 'owner@acme.test', '[]', true))
insert into tasks (workspace_id, id, name, kind, priority, due_on, due_time, due_zone, due_at, record_id, owner_id, created_by, checklist, repeat,
  completed_at, completed_by, created_at)
select $1, new_id(now() - interval '3 days'), t.name, t.kind, t.priority, current_date + t.days, t.clock::time,
  case when t.clock is null then '' else w.zone end, (current_date + t.days + t.clock::time) at time zone w.zone,
  coalesce((select d.id from deals d where d.workspace_id = $1 and d.name = t.about limit 1),
    (select c.id from companies c where c.workspace_id = $1 and c.name = t.about limit 1)),
  m.person_id, m.person_id, t.lines::jsonb, case when t.name like 'Weekly%' then 'FREQ=WEEKLY' else '' end,
  case when t.done then now() - interval '20 minutes' end, case when t.done then m.person_id end, now() - interval '3 days'
from t join members m on m.workspace_id = $1 and m.email = t.who join workspaces w on w.id = $1";

/// And whom they spoke with.
const DEMO_ACTIVITIES: &str = "
with a(about, kind, direction, outcome, subject, body, hours, minutes, who) as (values
    ('Charter fleet refit, 6 boats', 'call', 'out', 'reached', 'Price of the engines', 'They take the larger engines if we keep the date.', 5, 14, 'advisor@acme.test'),
    ('Charter fleet refit, 6 boats', 'email', 'in', '', 'Drawings', 'The drawings of all six boats came today.', 30, null, 'advisor@acme.test'),
    ('Boathouse with crane', 'call', 'out', 'no_answer', 'Crane', '', 26, 1, 'agent@acme.test'),
    ('Porto Vela Marina', 'meeting', 'out', 'held', 'Walk over pontoon D', 'The piles can stay; the deck has to go.', 76, 90, 'manager@acme.test'),
    ('Adriatic Sail Charter', 'call', 'in', 'reached', 'Season 2027', 'They think about two boats more.', 52, 8, 'owner@acme.test'))
insert into activities (workspace_id, id, record_id, kind, direction, outcome, subject, body, at, minutes, author_id, created_at)
select $1, new_id(now() - make_interval(hours => a.hours)), r.id, a.kind, a.direction, a.outcome, a.subject, a.body,
  now() - make_interval(hours => a.hours), a.minutes, m.person_id, now() - make_interval(hours => a.hours)
from a join members m on m.workspace_id = $1 and m.email = a.who
  join records r on r.workspace_id = $1 and r.title = a.about and r.kind in ('deal', 'company')";

/// A few companies and deals that somebody who looks around finds.
const DEMO: &str = "
with c(n, name, industry, city) as (values
    (1, 'Adriatic Sail Charter', 'Charter', 'Split'), (2, 'Nordhavn Kitchens', 'Manufacturing', 'Aarhus'), (3, 'Porto Vela Marina', 'Marina', 'Genoa'),
    (4, 'Lindqvist & Söhne', 'Construction', 'Hamburg'), (5, 'Blue Lagoon Travel', 'Travel', 'Athens'), (6, 'Costa Yachting', 'Charter', 'Palma')),
  companies_made as (
    insert into companies (workspace_id, id, name, industry, domain, kind)
    select $1, new_id(), name, industry, lower(regexp_replace(name, '[^A-Za-z]+', '', 'g')) || '.example', case when n % 2 = 0 then 'customer' else 'prospect' end from c
    returning id, name),
  d(name, company, stage, amount, days, closes, who, kind, reason) as (values
    ('Charter fleet refit, 6 boats', 'Adriatic Sail Charter', 'Negotiation', 18400000, 6, 21, 'advisor@acme.test', 'new_business', null),
    ('Winter storage 2026/27', 'Costa Yachting', 'Proposal', 4250000, 9, 14, 'agent@acme.test', 'renewal', null),
    ('Pontoon D extension', 'Porto Vela Marina', 'Qualified', 31200000, 27, 75, 'manager@acme.test', 'new_business', null),
    ('Galley kitchens, series of 12', 'Nordhavn Kitchens', 'Proposal', 9600000, 3, 40, 'advisor@acme.test', 'existing_business', null),
    ('Boathouse with crane', 'Lindqvist & Söhne', 'New', 12750000, 2, 120, 'agent@acme.test', 'new_business', null),
    ('Flotilla week for 40 guests', 'Blue Lagoon Travel', 'Qualified', 2890000, 5, 33, 'advisor@acme.test', 'new_business', null),
    ('Berth contract, 3 years', 'Adriatic Sail Charter', 'New', 3600000, 17, 60, 'agent@acme.test', 'renewal', null),
    ('Survey of two catamarans', 'Costa Yachting', 'Negotiation', 780000, 1, 6, 'agent@acme.test', 'existing_business', null),
    ('Regatta hospitality', 'Blue Lagoon Travel', 'New', 1540000, 4, 90, 'owner@acme.test', 'new_business', null),
    ('Fuel dock modernisation', 'Porto Vela Marina', 'Won', 22000000, 12, -12, 'manager@acme.test', 'new_business', null),
    ('Spare parts agreement', 'Nordhavn Kitchens', 'Won', 1850000, 31, -31, 'advisor@acme.test', 'renewal', null),
    ('Travel lift 80 t', 'Lindqvist & Söhne', 'Lost', 27500000, 20, -20, 'manager@acme.test', 'new_business', 'Price'))
insert into deals (workspace_id, id, name, pipeline_id, stage_id, status, amount, currency, closes_on, kind, source, company_id, reason_id,
  stage_since, closed_at, owner_id, created_at)
select $1, new_id(now() - make_interval(days => d.days + 20)), d.name, s.pipeline_id, s.id, s.kind, d.amount, 'EUR', current_date + d.closes, d.kind, 'referral',
  m.id, (select r.id from close_reasons r where r.workspace_id = $1 and r.kind = 'lost' and r.name = d.reason),
  now() - make_interval(days => d.days), case when s.kind <> 'open' then now() - make_interval(days => d.days) end,
  (select o.person_id from members o where o.workspace_id = $1 and o.email = d.who), now() - make_interval(days => d.days + 20)
from d join companies_made m on m.name = d.company join stages s on s.workspace_id = $1 and s.name = d.stage";
