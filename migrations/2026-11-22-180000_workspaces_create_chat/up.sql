-- Talking to each other: channels, conversations between a few, and one on any record.

-- The smallest id that a row made at that moment can have.
create function id_floor(at timestamptz) returns uuid language sql immutable parallel safe as $$
  select encode(overlay(decode('00000000000000000000000000000000', 'hex')
    placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 'hex')::uuid $$;

create table conversations (
  id uuid not null,
  kind text not null check (kind in ('channel', 'direct', 'record')),
  name text not null default '' check (length(name) <= 80 and (kind = 'channel') = (name <> '')),
  purpose text not null default '' check (length(purpose) <= 250),
  -- Only who has a seat in it knows of it.
  private boolean not null default false,
  -- The one that everybody is in and nobody puts away.
  general boolean not null default false,
  record_id uuid check ((kind = 'record') = (record_id is not null)),
  -- Who talks, in order: two conversations between the same people are one.
  between_ids uuid[] check ((kind = 'direct') = (between_ids is not null) and array_position(between_ids, null) is null),
  created_by uuid,
  created_at timestamptz not null default now(),
  archived_at timestamptz
);
call tenant_table('conversations');
alter table conversations add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;
alter table conversations add foreign key (workspace_id, created_by) references members (workspace_id, person_id) on delete set null (created_by);
-- The name of a private one may be taken: nobody is told that it is.
create unique index conversations_by_name on conversations (workspace_id, lower(name)) where kind = 'channel' and not private and archived_at is null;
create unique index conversations_by_record on conversations (workspace_id, record_id) where record_id is not null;
create unique index conversations_between on conversations (workspace_id, between_ids) where kind = 'direct';

-- Who is in a conversation that is not open to all, and how far anybody has read.
create table seats (
  conversation_id uuid not null,
  person_id uuid not null,
  last_read uuid not null default id_floor(now()),
  created_at timestamptz not null default now()
);
call tenant_table('seats', 'conversation_id, person_id');
alter table seats add foreign key (workspace_id, conversation_id) references conversations (workspace_id, id) on delete cascade;
alter table seats add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
create index seats_by_person on seats (workspace_id, person_id);

create table messages (
  id uuid not null,
  conversation_id uuid not null,
  author_id uuid,
  -- What is taken back leaves its place behind.
  body text not null check (length(body) <= 4000),
  html text not null default '',
  reply_to uuid,
  edited_at timestamptz,
  removed_at timestamptz,
  created_at timestamptz not null,
  search tsvector not null generated always as (search_words(body)) stored,
  check ((body = '') = (removed_at is not null))
);
call tenant_table('messages');
alter table messages add foreign key (workspace_id, conversation_id) references conversations (workspace_id, id) on delete cascade;
alter table messages add foreign key (workspace_id, author_id) references members (workspace_id, person_id) on delete set null (author_id);
alter table messages add foreign key (workspace_id, reply_to) references messages (workspace_id, id) on delete set null (reply_to);
create index messages_by_conversation on messages (workspace_id, conversation_id, id desc);
create index messages_by_reply on messages (workspace_id, reply_to) where reply_to is not null;
create index messages_search on messages using gin (workspace_id, search) where removed_at is null;

-- Every workspace has a place where all meet, from its first day.
create function workspaces_open_general() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into conversations (workspace_id, id, kind, name, purpose, general)
  values (new.id, new_id(), 'channel', 'General', 'What concerns everybody', true);
  return null;
end $$;
create policy general on conversations for insert to current_user with check (general);
create trigger open_general after insert on workspaces for each row execute function workspaces_open_general();
alter table conversations no force row level security;
insert into conversations (workspace_id, id, kind, name, purpose, general)
select id, new_id(), 'channel', 'General', 'What concerns everybody', true from workspaces;
alter table conversations force row level security;

-- Whoever works here may talk; who keeps pipelines keeps channels.
alter table roles no force row level security;
update roles set permissions = permissions || jsonb_build_object('chat',
  case when permissions -> 'pipelines' ->> '*' = 'all' then '{"*": "all"}'::jsonb else '{"view": "all", "create": "all"}' end)
where permissions ? 'dashboard' and not permissions ? 'chat';
alter table roles force row level security;
