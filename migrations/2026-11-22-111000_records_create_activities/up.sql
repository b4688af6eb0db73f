-- Calls, meetings and e-mails that people log on any record; and what a timeline is narrowed by.

create table activities (
  id uuid not null,
  record_id uuid not null,
  kind text not null check (kind in ('call', 'meeting', 'email')),
  direction text not null default 'out' check (direction in ('out', 'in')),
  outcome text not null default '' check (outcome in ('', 'reached', 'no_answer', 'left_message', 'busy', 'wrong_number', 'held', 'cancelled', 'replied', 'no_reply')),
  subject text not null default '' check (length(subject) <= 200),
  body text not null default '' check (length(body) <= 20000),
  at timestamptz not null,
  minutes int check (minutes between 0 and 1440),
  author_id uuid,
  version int not null default 1,
  created_at timestamptz not null default now()
);
call tenant_table('activities');
alter table activities add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;
alter table activities add foreign key (workspace_id, author_id) references members (workspace_id, person_id) on delete set null (author_id);
-- By kind, so that the calls among a hundred thousand e-mails are found as fast as the e-mails.
create index activities_of_record on activities (workspace_id, record_id, kind, at desc, id desc);

-- Whom somebody spoke with was heard of then. A seed sets it by itself.
create function activities_keep_activity() returns trigger language plpgsql as $$
begin
  update contacts c set last_activity_at = a.at
  from (select workspace_id, record_id, max(at) at from new_rows group by workspace_id, record_id) a
  where c.workspace_id = a.workspace_id and c.id = a.record_id
    and (c.last_activity_at is null or c.last_activity_at < a.at);
  return null;
end $$;
create trigger keep_activity_insert after insert on activities referencing new table as new_rows for each statement
  when (coalesce(current_setting('app.seeding', true), '') <> 'on') execute function activities_keep_activity();
create trigger keep_activity_update after update on activities referencing new table as new_rows for each statement
  execute function activities_keep_activity();

-- What an event is about, for whoever looks for one kind of thing in a timeline.
alter table events add column aspect text not null generated always as (case
  when kind like 'note.%' then 'note'
  when kind like 'activity.%' then 'activity'
  when kind like 'task.%' then 'task'
  when kind like '%.mail_sent' or kind like '%.email_opened' or kind like '%.email_clicked' or kind like 'email.%'
    or kind like '%.unsubscribed' or kind like '%.resubscribed' then 'mail'
  else 'change' end) stored;
create index events_by_aspect on events (workspace_id, record_id, aspect, seq desc) where record_id is not null;

-- Formatted as it was when it was written, cleaned; empty for notes from before notes were formatted.
alter table notes add column html text not null default '';
