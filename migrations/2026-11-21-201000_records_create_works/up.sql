-- Long work on records that somebody asked for and watches: exports, and acts on many records at once.

create table works (
  id uuid not null,
  kind text not null check (kind in ('export', 'bulk')),
  record_kind text not null,
  title text not null check (length(title) between 1 and 200),
  state text not null default 'running' check (state in ('running', 'done', 'stopped', 'failed', 'undoing', 'undone')),
  -- Which records, and what becomes of them.
  ask jsonb not null,
  -- Records up to this one are done; the job goes on behind it.
  place uuid,
  total bigint not null default 0,
  done bigint not null default 0,
  -- Of those done, how many were left as they were.
  skipped bigint not null default 0,
  undone bigint not null default 0,
  kept bigint not null default 0,
  file_name text,
  size bigint not null default 0,
  expires_at timestamptz,
  error text,
  person_id uuid not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
call tenant_table('works');
alter table works add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
create index works_by_person on works (workspace_id, person_id, created_at desc, id desc);

-- The events of one act on many records, so that it can be taken back as a whole.
alter table events add column act_id uuid;
create index events_by_act on events (workspace_id, act_id, record_id) where act_id is not null;

-- Where a notification that is about no record leads to, below the workspace.
alter table notifications add column path text;
