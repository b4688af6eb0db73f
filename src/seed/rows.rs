//! What a workspace with many rows is made of, a batch at a time: `$1` is the workspace, the rows are those after `$2` up
//! to `$3`, `$4` seconds lie between two of them, and the first is `$5` seconds old.

pub const COMPANIES: &str = "
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
pub const CONTACTS: &str = "
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
pub const DEALS: &str = "
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
pub const TASKS: &str = "
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

/// One for each contact from behind `$2` to `$3`, at the time at which it says that somebody heard of it last.
pub const ACTIVITIES: &str = "
with words as (select array['Berth','Refit','Insurance','Season','Offer','Survey','Delivery','Renewal'] a)
insert into activities (workspace_id, id, record_id, kind, direction, outcome, subject, at, minutes, author_id, created_at)
select $1, new_id(at), id, (array['call','email','meeting'])[k], case when h % 3 = 0 then 'in' else 'out' end,
  (array[(array['reached','no_answer','left_message'])[1 + h % 3], (array['replied','no_reply',''])[1 + h % 3], 'held'])[k],
  a[1 + h % 8], at, case when k <> 2 then 5 + h % 50 end, owner_id, at
from words, (select id, owner_id, coalesce(last_activity_at, created_at) at, abs(hashtext(id::text))::bigint h, 1 + abs(hashtext(id::text)) % 3 k
  from contacts where workspace_id = $1 and id > $2 and id <= $3) c";
