-- Lead scoring: rules that give contacts points, how warm they are, and from how many points on they are another stage.

create table score_rules (
  id uuid not null,
  kind text not null check (kind in ('field', 'behaviour', 'decay')),
  name text not null check (length(name) between 1 and 80),
  -- For each time it holds or happens; below zero it takes away.
  points int not null check (points between -1000 and 1000 and points <> 0),
  -- A field's rule: what holds of the contact.
  filter jsonb not null default '{}',
  -- A behaviour's: what happened, how often it counts at most, and for how long.
  happening text not null default 'email_opened' check (happening in ('email_opened', 'email_clicked', 'form_submitted', 'note_written')),
  most int not null default 5 check (most between 1 and 1000),
  within_days int check (within_days between 1 and 3650),
  -- Decay: for each so many days of silence, up to `most` times.
  every_days int not null default 30 check (every_days between 1 and 3650),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  check (kind <> 'decay' or points < 0)
);
call tenant_table('score_rules');
create unique index score_rules_by_name on score_rules (workspace_id, lower(name));

create table score_settings (
  id int not null default 1 check (id = 1),
  hot_from int not null default 60,
  warm_from int not null default 25,
  dormant_after int not null default 90 check (dormant_after between 1 and 3650),
  mql_from int,
  sql_from int,
  -- What changed until then has been counted.
  scored_until timestamptz,
  scored_at timestamptz,
  check (warm_from < hot_from),
  check (mql_from < sql_from)
);
call tenant_table('score_settings');

alter table contacts add column temperature text not null default 'cold' check (temperature in ('hot', 'warm', 'cold', 'dormant'));
create index contacts_by_temperature on contacts (workspace_id, temperature, score desc, id desc) where archived_at is null;
create index contacts_by_activity on contacts (workspace_id, last_activity_at) where last_activity_at is not null and archived_at is null;

-- A score is no change of the record either: whoever edits it meanwhile has nothing to merge.
drop trigger touch on contacts;
create trigger touch before update on contacts for each row
  when (new.last_activity_at is not distinct from old.last_activity_at
    and (new.score, new.temperature) is not distinct from (old.score, old.temperature)) execute function record_touch();

-- Whoever may do something with segments may do it with the rules of scoring.
alter table roles no force row level security;
update roles set permissions = permissions || jsonb_build_object('scoring', permissions -> 'segments')
where permissions ? 'segments' and not permissions ? 'scoring';
alter table roles force row level security;
