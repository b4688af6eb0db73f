-- Work off the request path. These tables stand outside row-level security: a worker serves every workspace, and
-- each job opens the transaction of its own.

create table jobs (
  id uuid primary key,
  -- Null for work of the installation itself.
  workspace_id uuid references workspaces (id) on delete cascade,
  queue text not null check (length(queue) between 1 and 40),
  name text not null check (length(name) between 1 and 100),
  payload jsonb not null default '{}',
  -- What is done is deleted.
  status text not null default 'new' check (status in ('new', 'running', 'dead', 'discarded')),
  attempts int not null default 0,
  max_attempts int not null check (max_attempts between 1 and 100),
  run_at timestamptz not null default now(),
  runner_id uuid,
  heartbeat_at timestamptz,
  last_error text check (length(last_error) <= 4000),
  created_at timestamptz not null default now(),
  died_at timestamptz,
  discarded_at timestamptz,
  check ((status = 'running') = (runner_id is not null)),
  check ((status in ('dead', 'discarded')) = (died_at is not null)),
  check ((status = 'discarded') = (discarded_at is not null))
) with (
  -- Every row is written three times in its short life; vacuum has to keep up.
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.1,
  autovacuum_vacuum_cost_delay = 0
);
create index jobs_to_claim on jobs (queue, run_at, id) where status = 'new';
create index jobs_running on jobs (runner_id) where status = 'running';
create index jobs_dead on jobs (workspace_id, died_at desc, id desc) where status in ('dead', 'discarded');
create index jobs_by_workspace on jobs (workspace_id, queue, status);

-- A row is a pause: of a workspace's part of a queue, or with the nil id of the whole queue.
create table queue_pauses (
  queue text not null,
  workspace_id uuid not null,
  paused_by text not null default '',
  paused_at timestamptz not null,
  primary key (queue, workspace_id)
);

-- Recurring work. The lease makes sure that one process at a time runs it.
create table job_schedules (
  name text primary key check (length(name) between 1 and 100),
  label text not null,
  -- `every 60 s`, or `daily at 04:00` (UTC).
  cadence text not null,
  next_run timestamptz not null,
  last_run timestamptz,
  last_duration_ms bigint,
  last_result text check (length(last_result) <= 4000),
  last_failed boolean not null default false,
  running_by uuid,
  lease_until timestamptz,
  check ((running_by is null) = (lease_until is null))
);

-- How many went how, by the hour; the nil id stands for the installation. Old hours are cleaned up.
create table job_outcomes (
  queue text not null,
  hour timestamptz not null,
  workspace_id uuid not null,
  done bigint not null default 0,
  failed bigint not null default 0,
  dead bigint not null default 0,
  primary key (queue, hour, workspace_id)
);
create index job_outcomes_by_hour on job_outcomes (hour);
