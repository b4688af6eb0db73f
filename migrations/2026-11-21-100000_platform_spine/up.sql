-- The tenant fence: roles, the current workspace, and the two procedures that make tables.

do $$ begin
  if not exists (select from pg_roles where rolname = 'nexus_app') then
    create role nexus_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
do $$ begin
  execute format('grant nexus_app to %I', current_user);
exception when others then
  raise notice 'nexus_app could not be granted to %: %', current_user, sqlerrm;
end $$;
grant usage on schema public to nexus_app;
alter default privileges in schema public grant select, insert, update, delete on tables to nexus_app;
alter default privileges in schema public grant usage, select on sequences to nexus_app;

create extension if not exists btree_gin;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Row-level security is a barrier to operators that are not leakproof: their GIN indexes go unused and a search
-- reads the tenant row by row. It is sound to lift it here, since no user can run SQL of his own.
do $$
declare f text;
begin
  foreach f in array array[
    'ts_match_vq(tsvector,tsquery)', 'texticlike(text,text)', 'textlike(text,text)', 'similarity_op(text,text)',
    'word_similarity_op(text,text)', 'word_similarity_commutator_op(text,text)',
    'arraycontains(anyarray,anyarray)', 'arrayoverlap(anyarray,anyarray)', 'jsonb_contains(jsonb,jsonb)']
  loop
    execute format('alter function %s leakproof', f);
  end loop;
exception when insufficient_privilege then
  raise notice 'not a superuser: searches will not use their indexes until an administrator marks them leakproof (see nexus doctor)';
end $$;

create function current_workspace() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.workspace_id', true), '')::uuid;

create function current_person() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.person_id', true), '')::uuid;

-- Folds what people type and what is stored in the same way: no accents, lower case. The ICU collation knows the
-- letters of every script, whatever locale the database was made with.
create function fold(value text) returns text language sql immutable parallel safe
  as $$ select lower(public.unaccent('public.unaccent'::regdictionary, coalesce(value, '')) collate "und-x-icu") $$;

create function search_words(value text) returns tsvector language sql immutable parallel safe
  as $$ select to_tsvector('simple'::regconfig, regexp_replace(public.fold(value) collate "und-x-icu", '[^[:alnum:]]+', ' ', 'g')) $$;

-- An address is found by its whole, its local part and its domain.
create function search_address(value text) returns tsvector language sql immutable parallel safe
  as $$ select case when coalesce(value, '') = '' then ''::tsvector else (
    select array_to_tsvector(array_remove(array[a, nullif(split_part(a, '@', 1), ''), nullif(split_part(a, '@', 2), '')], null))
    from (select left(public.fold(value), 200)) folded (a)) end $$;

create table workspaces (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  kind text not null default 'branch',
  postal_address text not null default '',
  currency char(3) not null default 'EUR',
  zone text not null default 'UTC',
  accent text check (accent ~ '^#[0-9A-Fa-f]{6}$'),
  sender_name text not null default '',
  sender_email text not null default '',
  packs text[] not null default '{}',
  settings jsonb not null default '{}',
  blocked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Makes `t` a tenant table: the workspace, the primary key (workspace_id, `key`), forced row-level security and the one policy.
create procedure tenant_table(t regclass, key text default 'id') language plpgsql as $$
begin
  execute format('alter table %s add column workspace_id uuid not null default current_workspace()
    references workspaces (id) on delete cascade', t);
  execute format('alter table %s add primary key (workspace_id, %s)', t, key);
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy tenant on %s
    using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
    with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
end $$;

create table roles (
  id uuid not null,
  key text not null,
  name text not null check (length(name) between 1 and 80),
  rank int not null check (rank between 0 and 5),
  system boolean not null default false,
  permissions jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call tenant_table('roles');
alter table roles add unique (workspace_id, key);

create table people (
  id uuid primary key,
  email text not null unique check (email = lower(email) and length(email) <= 254),
  name text not null check (length(name) between 1 and 200),
  password_hash text,
  theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
  density text not null default 'comfortable' check (density in ('comfortable', 'compact')),
  zone text,
  language text not null default 'en',
  shortcuts boolean not null default true,
  super_admin boolean not null default false,
  disabled_at timestamptz,
  password_changed_at timestamptz,
  last_seen_at timestamptz,
  created_at timestamptz not null default now()
);

-- A member is a person in a workspace; the name is copied so that no slice reads the directory of people.
create table members (
  person_id uuid not null references people (id) on delete cascade,
  role_id uuid not null,
  name text not null,
  email text not null,
  active boolean not null default true,
  team text not null default '',
  notify jsonb not null default '{}',
  invited_by uuid,
  created_at timestamptz not null default now()
);
call tenant_table('members', 'person_id');
alter table members add foreign key (workspace_id, role_id) references roles (workspace_id, id);
create index members_by_person on members (person_id);
-- Forced row-level security binds the owner too; the functions below that cross the fence run as the owner.
create policy directory on members to current_user using (true);
create policy directory on roles for select to current_user using (true);

create function people_keep_members() returns trigger language plpgsql security definer set search_path = public as $$
begin
  update members set name = new.name, email = new.email where person_id = new.id;
  return null;
end $$;
create trigger keep_members after update of name, email on people
  for each row when (old.name is distinct from new.name or old.email is distinct from new.email) execute function people_keep_members();

-- The one lookup that crosses the fence: which workspaces may this person enter, and as what?
create function memberships(who uuid) returns table (
  workspace_id uuid, slug text, workspace_name text, accent text, zone text, currency text, packs text[],
  role_key text, role_name text, rank int, permissions jsonb)
language sql stable security definer set search_path = public as $$
  select w.id, w.slug, w.name, w.accent, w.zone, w.currency::text, w.packs, r.key, r.name, r.rank, r.permissions
  from members m join workspaces w on w.id = m.workspace_id
  join roles r on r.workspace_id = m.workspace_id and r.id = m.role_id
  where m.person_id = who and m.active and w.blocked_at is null
  order by w.name limit 200 $$;

-- Public addresses (forms, pages, tokens) resolve to a workspace and one record here, outside row-level security.
create table public_links (
  path text primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  kind text not null,
  record_id uuid not null
);
create index public_links_by_record on public_links (workspace_id, record_id);

-- Every change leaves one row here, in its own transaction; nobody may alter or remove one.
create table events (
  id uuid not null,
  seq bigint generated always as identity,
  txid bigint not null default (pg_current_xact_id()::text::bigint),
  kind text not null,
  record_kind text,
  record_id uuid,
  title text not null default '',
  actor_id uuid,
  actor_name text not null default '',
  changes jsonb not null default '{}',
  data jsonb not null default '{}',
  ip text,
  user_agent text,
  request_id text,
  at timestamptz not null
);
call tenant_table('events');
create index events_by_record on events (workspace_id, record_id, seq desc);
create index events_by_seq on events (workspace_id, seq desc);
create index events_by_kind on events (workspace_id, kind, seq desc);
create index events_by_actor on events (workspace_id, actor_id, seq desc);
revoke update, delete, truncate on events from nexus_app;
create function append_only() returns trigger language plpgsql as $$
begin
  if current_setting('app.retention', true) = 'on' and tg_op = 'DELETE' then return old; end if;
  raise exception 'the audit log is append-only';
end $$;
create trigger append_only before update or delete on events for each row execute function append_only();

-- Seals chain the events of a workspace: each holds the hash of its events and of the seal before it.
create table event_seals (
  id bigint not null,
  first_seq bigint not null,
  last_seq bigint not null,
  events int not null,
  hash bytea not null,
  created_at timestamptz not null default now()
);
call tenant_table('event_seals');
revoke update, delete, truncate on event_seals from nexus_app;
