//! What the people of the demo say to each other.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use platform::Result;
use uuid::Uuid;

/// Runs as the owner, whom the fence does not bind: the workspace is named in each statement.
pub fn demo(conn: &mut PgConnection, workspace: Uuid) -> Result<()> {
    for sql in [PLACES, SEATS, WORDS, READ] {
        sql_query(sql).bind::<SqlUuid, _>(workspace).execute(conn)?;
    }
    Ok(())
}

const PLACES: &str = "
with p as (select person_id, email from members where workspace_id = $1)
insert into conversations (workspace_id, id, kind, name, purpose, private, record_id, between_ids, created_by, created_at)
select $1, new_id(), 'channel', c.name, c.purpose, c.private, null::uuid, null::uuid[], p.person_id, now() - interval '9 days'
from (values ('Refits', 'Boats in the hall, and what is missing', false), ('Prices 2027', 'Until they are out', true)) c(name, purpose, private),
  p where p.email = 'manager@acme.test'
union all
select $1, new_id(), 'direct', '', '', false, null,
  (select array_agg(person_id order by person_id) from p where email in ('owner@acme.test', 'agent@acme.test')), person_id, now() - interval '3 days'
from p where email = 'agent@acme.test'
union all
select $1, new_id(), 'record', '', '', false, r.id, null, p.person_id, now() - interval '2 days'
from records r, p where r.workspace_id = $1 and r.kind = 'deal' and r.title = 'Charter fleet refit, 6 boats' and p.email = 'advisor@acme.test'";

const SEATS: &str = "
insert into seats (workspace_id, conversation_id, person_id, last_read, created_at)
select $1, c.id, m.person_id, id_floor(c.created_at), c.created_at
from conversations c join members m on m.workspace_id = $1
where c.workspace_id = $1 and ((c.private and m.email in ('manager@acme.test', 'owner@acme.test'))
  or m.person_id = any(c.between_ids)
  or (c.kind = 'record' and m.email in ('advisor@acme.test', 'owner@acme.test', 'agent@acme.test')))";

/// Who is named stands in a span, as when somebody writes.
const WORDS: &str = "
with w(place, who, minutes, body) as (values
    ('General', 'manager@acme.test', 2950, 'Good morning! The travel lift is back from its inspection: **no findings**.'),
    ('General', 'agent@acme.test', 2944, 'Then the two catamarans can come out on Thursday.'),
    ('General', 'viewer@acme.test', 2880, 'I will tell the office.'),
    ('General', 'owner@acme.test', 95, 'The year''s last open day is on the 12th. Who takes the pontoon tour?'),
    ('General', 'advisor@acme.test', 62, 'I do, from ten to noon.'),
    ('Refits', 'advisor@acme.test', 1500, 'Six sets of engine mounts ordered, delivery in two weeks.'),
    ('Refits', 'manager@acme.test', 1490, 'Please send me the confirmation, @Adam Okoye.'),
    ('Refits', 'agent@acme.test', 40, 'Hull 3 has osmosis below the waterline, photographs are with the survey.'),
    ('Prices 2027', 'manager@acme.test', 700, 'Winter storage goes up by 3 %, berths stay as they are.'),
    ('', 'agent@acme.test', 130, 'Porto Vela asks for a visit next week. Shall I offer Tuesday?'),
    ('', 'owner@acme.test', 121, 'Tuesday is good. Take the tide table along.'),
    ('', 'agent@acme.test', 25, 'Done: Tuesday, half past nine.'),
    ('deal', 'advisor@acme.test', 1300, 'They take the larger engines if we keep the date. Can the hall keep it?'),
    ('deal', 'manager@acme.test', 1240, 'If the first two boats come before Christmas, yes.'),
    ('deal', 'advisor@acme.test', 35, 'They do. @Alice Archer, may I promise it?')),
  m as (select w.*, now() - make_interval(mins => w.minutes) as said_at, c.id as to_id, p.person_id
    from w join conversations c on c.workspace_id = $1 and case w.place when '' then c.kind = 'direct' when 'deal' then c.kind = 'record' else c.name = w.place end
    join members p on p.workspace_id = $1 and p.email = w.who)
insert into messages (workspace_id, id, conversation_id, author_id, body, html, created_at)
select $1, new_id(said_at), to_id, person_id, body,
  '<p>' || regexp_replace(regexp_replace(body, '\\*\\*([^*]+)\\*\\*', '<strong>\\1</strong>'), '(@(?:Adam Okoye|Alice Archer))', '<span class=\"mention\">\\1</span>') || '</p>', said_at
from m";

/// Whatever is older than two hours everybody has read.
const READ: &str = "
insert into seats (workspace_id, conversation_id, person_id, last_read)
select $1, c.id, m.person_id, id_floor(now() - interval '100 minutes')
from conversations c join members m on m.workspace_id = $1 and m.active
where c.workspace_id = $1 and ((c.kind = 'channel' and not c.private)
  or exists (select from seats s where s.workspace_id = $1 and s.conversation_id = c.id and s.person_id = m.person_id))
on conflict (workspace_id, conversation_id, person_id) do update set last_read = excluded.last_read";
