-- Tasks, and the rules by which silence becomes one.

create table tasks (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 200),
  kind text not null default 'to_do' check (kind in ('to_do', 'call', 'email', 'meeting', 'follow_up')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  urgency smallint not null generated always as
    (case priority when 'urgent' then 3 when 'high' then 2 when 'normal' then 1 else 0 end) stored,
  -- A day is a day wherever one is; with a time of day it is a moment, `due_at`, as the clock in `due_zone` shows it.
  due_on date,
  due_time time,
  due_zone text not null default '',
  due_at timestamptz,
  -- What lists sort by: never null, and what nobody has named comes last.
  due_by timestamp not null generated always as (coalesce(due_on + coalesce(due_time, '23:59:59'::time), 'infinity'::timestamp)) stored,
  record_id uuid,
  remind_at timestamptz,
  remind_by timestamptz generated always as (coalesce(remind_at, due_at)) stored,
  reminded_at timestamptz,
  late_told_at timestamptz,
  -- A rule of RFC 5545, or nothing; the task that follows a completed one is `next_id`.
  repeat text not null default '' check (length(repeat) <= 300),
  next_id uuid,
  checklist jsonb not null default '[]' check (jsonb_typeof(checklist) = 'array' and jsonb_array_length(checklist) <= 100),
  description text not null default '' check (length(description) <= 20000),
  rule_id uuid,
  completed_at timestamptz,
  completed_by uuid,
  search tsvector generated always as (search_words(name)) stored,
  check (due_time is null or due_on is not null),
  check ((due_at is null) = (due_time is null)),
  check (completed_at is not null or completed_by is null)
);
create function tasks_card(t tasks) returns record_card language sql immutable parallel safe as $$
  select row(t.name, case when t.completed_at is null then '' else 'done' end, t.search)::record_card $$;
call record_table('tasks', 'task');

create table follow_up_rules (
  id uuid not null,
  name text not null check (length(name) between 1 and 120),
  filter jsonb not null default '{}',
  days int not null check (days between 1 and 3650),
  task_name text not null check (length(task_name) between 1 and 150),
  task_kind text not null default 'follow_up' check (task_kind in ('to_do', 'call', 'email', 'meeting', 'follow_up')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  due_days int not null default 0 check (due_days between 0 and 365),
  paused_at timestamptz,
  last_run_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('follow_up_rules');

alter table tasks add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete set null (record_id);
alter table tasks add foreign key (workspace_id, completed_by) references members (workspace_id, person_id) on delete set null (completed_by);
alter table tasks add foreign key (workspace_id, next_id) references tasks (workspace_id, id) on delete set null (next_id);
alter table tasks add foreign key (workspace_id, rule_id) references follow_up_rules (workspace_id, id) on delete set null (rule_id);
create index tasks_by_name on tasks (workspace_id, name, id) where archived_at is null;
create index tasks_by_due on tasks (workspace_id, due_by, id) where archived_at is null;
create index tasks_by_urgency on tasks (workspace_id, urgency desc, id desc) where archived_at is null;
-- Somebody's day, and what they did in it.
create index tasks_open_of on tasks (workspace_id, owner_id, due_by, id) where archived_at is null and completed_at is null;
create index tasks_done_by on tasks (workspace_id, completed_by, completed_at desc) where completed_at is not null;
-- What stands on a record's page, and in its timeline.
create index tasks_of_record on tasks (workspace_id, record_id, created_at desc, id desc) where record_id is not null;
create index tasks_done_of_record on tasks (workspace_id, record_id, completed_at desc, id desc) where record_id is not null and completed_at is not null;
create index tasks_to_remind on tasks (workspace_id, remind_by)
  where archived_at is null and completed_at is null and reminded_at is null and owner_id is not null;
create index tasks_to_tell_late on tasks (workspace_id, due_on)
  where archived_at is null and completed_at is null and late_told_at is null and owner_id is not null;
create index tasks_by_next on tasks (workspace_id, next_id) where next_id is not null;
-- One open task a rule and record.
create unique index tasks_of_rule on tasks (workspace_id, rule_id, record_id)
  where rule_id is not null and completed_at is null and archived_at is null;
create index tasks_by_rule on tasks (workspace_id, rule_id, record_id, completed_at) where rule_id is not null;

-- To have been told of is no change of the task: whoever edits it meanwhile has nothing to merge.
drop trigger touch on tasks;
create trigger touch before update on tasks for each row
  when ((new.reminded_at, new.late_told_at) is not distinct from (old.reminded_at, old.late_told_at)
    or (new.due_on, new.due_time, new.remind_at, new.owner_id) is distinct from (old.due_on, old.due_time, old.remind_at, old.owner_id))
  execute function record_touch();

-- Whoever may do something with companies may do it with tasks; the rules are kept by those who keep the pipelines.
alter table roles no force row level security;
update roles set permissions = permissions
  || jsonb_build_object('tasks', permissions -> 'companies', 'follow_up_rules', coalesce(permissions -> 'pipelines', '{"view": "all"}'))
where permissions ? 'companies' and not permissions ? 'tasks';
alter table roles force row level security;
