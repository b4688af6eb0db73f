-- Playbooks: what is asked step by step, and what was answered about a record.

create table playbooks (
  id uuid not null,
  record_kind text not null check (record_kind in ('contact', 'company', 'deal')),
  name text not null check (length(name) between 1 and 80),
  steps jsonb not null default '[]',
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call tenant_table('playbooks');
create unique index playbooks_by_name on playbooks (workspace_id, record_kind, lower(name));

create table playbook_runs (
  id uuid not null,
  playbook_id uuid,
  record_id uuid not null,
  -- As the playbook was when it was begun: what is asked later is another run.
  name text not null,
  steps jsonb not null,
  -- What was answered, in words, by the step's number.
  answers jsonb not null default '{}',
  answered int not null default 0,
  asked int not null,
  started_by uuid,
  saved_by uuid,
  started_at timestamptz not null,
  saved_at timestamptz,
  finished_at timestamptz
);
call tenant_table('playbook_runs');
alter table playbook_runs add foreign key (workspace_id, playbook_id) references playbooks (workspace_id, id) on delete set null (playbook_id);
alter table playbook_runs add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;
alter table playbook_runs add foreign key (workspace_id, started_by) references members (workspace_id, person_id) on delete set null (started_by);
alter table playbook_runs add foreign key (workspace_id, saved_by) references members (workspace_id, person_id) on delete set null (saved_by);
create index playbook_runs_by_record on playbook_runs (workspace_id, record_id, started_at desc, id);
create index playbook_runs_by_playbook on playbook_runs (workspace_id, playbook_id) where playbook_id is not null;

-- Whoever sees pipelines sees playbooks; whoever keeps them keeps those.
alter table roles no force row level security;
update roles set permissions = permissions
  || jsonb_build_object('playbooks', coalesce(permissions -> 'pipelines', '{"view": "all"}'))
where permissions ? 'pipelines' and not permissions ? 'playbooks';
alter table roles force row level security;
