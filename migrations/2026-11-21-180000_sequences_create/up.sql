-- Sequences: mails with pauses between them, to one contact at a time.

create table sequences (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 150),
  status text not null default 'draft' check (status in ('draft', 'active', 'paused')),
  steps jsonb not null default '[]',
  weekdays_only boolean not null default false,
  from_hour int not null default 0 check (from_hour between 0 and 23),
  to_hour int not null default 24 check (to_hour between 1 and 24 and to_hour > from_hour),
  search tsvector generated always as (search_words(name)) stored
);
create function sequences_card(s sequences) returns record_card language sql immutable parallel safe as $$
  select row(s.name, s.status, s.search)::record_card $$;
call record_table('sequences', 'sequence');
create index sequences_by_name on sequences (workspace_id, name, id) where archived_at is null;

create table sequence_enrolments (
  id uuid not null,
  sequence_id uuid not null,
  contact_id uuid not null,
  status text not null default 'active' check (status in ('active', 'finished', 'exited')),
  step int not null default 0,
  next_at timestamptz,
  exit_reason text not null default '',
  source text not null default '',
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
call tenant_table('sequence_enrolments');
alter table sequence_enrolments add foreign key (workspace_id, sequence_id) references sequences (workspace_id, id) on delete cascade;
alter table sequence_enrolments add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
create unique index sequence_enrolments_once on sequence_enrolments (workspace_id, sequence_id, contact_id) where status = 'active';
create index sequence_enrolments_by_sequence on sequence_enrolments (workspace_id, sequence_id, created_at desc);
create index sequence_enrolments_by_contact on sequence_enrolments (workspace_id, contact_id);

-- One row for each mail of a sequence. 'sending' is written before the mail leaves and 'sent' after: a row that is
-- found 'sending' later belonged to a process that was killed, and is held instead of sent twice.
create table sequence_mails (
  id uuid not null,
  enrolment_id uuid not null,
  sequence_id uuid not null,
  contact_id uuid,
  step int not null,
  email text not null,
  status text not null default 'sending' check (status in ('sending', 'sent', 'failed', 'skipped', 'held')),
  error text not null default '',
  links text[] not null default '{}',
  sent_at timestamptz,
  opened_at timestamptz,
  clicked_at timestamptz,
  unsubscribed_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('sequence_mails');
alter table sequence_mails add foreign key (workspace_id, enrolment_id) references sequence_enrolments (workspace_id, id) on delete cascade;
alter table sequence_mails add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id);
create unique index sequence_mails_once on sequence_mails (workspace_id, enrolment_id, step);
create index sequence_mails_by_sequence on sequence_mails (workspace_id, sequence_id, step);
