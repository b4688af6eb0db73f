//! What somebody who looks around in the demo finds; `$1` is its workspace.

/// What the people of the demo have to do, about its deals and companies.
pub const TASKS: &str = "
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
pub const ACTIVITIES: &str = "
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
pub const RECORDS: &str = "
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
