-- How people prove who they are. Only hashes of keys and tokens are kept.
create table sessions (
  key_hash bytea primary key,
  id uuid not null unique,
  person_id uuid references people (id) on delete cascade,
  state jsonb not null default '{}',
  ip text not null default '',
  user_agent text not null default '',
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_person on sessions (person_id, last_seen_at desc);
create index sessions_by_expiry on sessions (expires_at);

create table password_tokens (
  hash bytea primary key,
  person_id uuid not null references people (id) on delete cascade,
  purpose text not null check (purpose in ('reset', 'invite')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_tokens_by_person on password_tokens (person_id);

create table refresh_tokens (
  hash bytea primary key,
  family uuid not null,
  person_id uuid not null references people (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_by_family on refresh_tokens (family);

create table api_keys (
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  hash bytea not null unique,
  hint text not null,
  person_id uuid not null,
  scopes text[] not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
call tenant_table('api_keys');
alter table api_keys add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;

create policy directory on api_keys for select to current_user using (true);

-- A key names its workspace, so it is looked up before the fence is set.
create function api_key_holder(key_hash bytea) returns table (
  key_id uuid, workspace_id uuid, person_id uuid, scopes text[], expires_at timestamptz)
language sql stable security definer set search_path = public as $$
  select id, workspace_id, person_id, scopes, expires_at from api_keys where hash = key_hash and revoked_at is null $$;

-- Sign-ins, also those that failed or belong to nobody; the directory's own append-only log.
create table sign_ins (
  id uuid primary key,
  person_id uuid,
  email_hash bytea not null,
  outcome text not null,
  ip text not null default '',
  user_agent text not null default '',
  at timestamptz not null default now()
);
create index sign_ins_by_person on sign_ins (person_id, at desc);
revoke update, delete, truncate on sign_ins from nexus_app;

-- An answer given once to a request that carries an Idempotency-Key.
create table idempotency_keys (
  id uuid not null,
  person_id uuid not null,
  key text not null check (length(key) <= 255),
  fingerprint bytea not null,
  status int,
  location text,
  etag text,
  body bytea,
  created_at timestamptz not null default now()
);
call tenant_table('idempotency_keys');
alter table idempotency_keys add unique (workspace_id, person_id, key);
