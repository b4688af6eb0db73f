-- What every record shares, and what hangs on any of them.

create table records (
  id uuid not null,
  kind text not null,
  title text not null default '',
  subtitle text not null default '',
  owner_id uuid,
  archived_at timestamptz,
  search tsvector not null default '',
  updated_at timestamptz not null default now()
);
call tenant_table('records');
create index records_by_updated_at on records (workspace_id, updated_at desc) where archived_at is null;
create index records_search on records using gin (workspace_id, search) where archived_at is null;
create index records_title on records using gin (workspace_id, title gin_trgm_ops) where archived_at is null;
alter table records alter column search set statistics 1000;

create type record_card as (title text, subtitle text, search tsvector);

create function record_touch() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  new.updated_at := clock_timestamp();
  return new;
end $$;

create table tags (
  id uuid not null,
  name text not null check (length(name) between 1 and 60),
  colour text not null default 'slate',
  created_at timestamptz not null default now()
);
call tenant_table('tags');
create unique index tags_by_name on tags (workspace_id, lower(name));

-- The tags that a workspace uses are known by name, whichever way they came in.
create function keep_tags(names text[]) returns void language sql as $$
  insert into tags (id, name)
  select gen_random_uuid(), left(n, 60) from unnest(names) n
  -- Named here because a seed may run as an owner whom the fence does not bind.
  where not exists (select from tags t where t.workspace_id = current_workspace() and lower(t.name) = lower(left(n, 60)))
  order by lower(n) on conflict do nothing $$;

-- Makes `t` a record table: the tenant fence, the shared columns, and the triggers that keep its rows in `records`.
-- The table has a generated column `search tsvector`, and a function `<t>_card(<t>) returns record_card` says what
-- a row is called and found by.
create procedure record_table(t regclass, kind text) language plpgsql as $$
declare
  name text := t::text;
  card text := name || '_card';
begin
  call tenant_table(t);
  execute format('alter table %s
    add column owner_id uuid,
    add column tags text[] not null default ''{}'' check (coalesce(array_length(tags, 1), 0) <= 100 and array_position(tags, null) is null),
    add column custom jsonb not null default ''{}'',
    add column version int not null default 1,
    add column created_by uuid default current_person(),
    add column created_at timestamptz not null default now(),
    add column updated_at timestamptz not null default now(),
    add column archived_at timestamptz,
    add foreign key (workspace_id, owner_id) references members (workspace_id, person_id) on delete set null (owner_id)', t);
  execute format('create index %s on %s (workspace_id, created_at desc, id desc) where archived_at is null', name || '_by_created_at', t);
  execute format('create index %s on %s (workspace_id, updated_at desc, id desc) where archived_at is null', name || '_by_updated_at', t);
  execute format('create index %s on %s (workspace_id, owner_id, created_at desc, id desc) where archived_at is null', name || '_by_owner', t);
  execute format('create index %s on %s using gin (workspace_id, search) where archived_at is null', name || '_search', t);
  execute format('alter table %s alter column search set statistics 1000', t);
  execute format('create index %s on %s using gin (workspace_id, tags)', name || '_by_tag', t);
  execute format('create trigger touch before update on %s for each row execute function record_touch()', t);
  execute format($f$
    create function %1$s_insert_records() returns trigger language plpgsql as $t$
    begin
      insert into records (workspace_id, id, kind, title, subtitle, owner_id, archived_at, search, updated_at)
      select n.workspace_id, n.id, %2$L, c.title, c.subtitle, n.owner_id, n.archived_at, c.search, n.updated_at
      from new_rows n cross join lateral %3$s(n::%4$s) c;
      if exists (select from new_rows where tags <> '{}') then
        perform keep_tags((select array_agg(distinct tag) from new_rows, unnest(tags) tag));
      end if;
      return null;
    end $t$;
    create function %1$s_update_records() returns trigger language plpgsql as $t$
    begin
      update records r set title = c.title, subtitle = c.subtitle, owner_id = n.owner_id, archived_at = n.archived_at,
        search = c.search, updated_at = n.updated_at
      from new_rows n cross join lateral %3$s(n::%4$s) c
      where r.workspace_id = n.workspace_id and r.id = n.id
        and (r.title, r.subtitle, r.owner_id, r.archived_at, r.search)
          is distinct from (c.title, c.subtitle, n.owner_id, n.archived_at, c.search);
      if exists (select from new_rows where tags <> '{}') then
        perform keep_tags((select array_agg(distinct tag) from new_rows, unnest(tags) tag));
      end if;
      return null;
    end $t$;
    create function %1$s_delete_records() returns trigger language plpgsql as $t$
    begin
      delete from records r using old_rows o where r.workspace_id = o.workspace_id and r.id = o.id;
      return null;
    end $t$;
    create trigger keep_records_insert after insert on %4$s referencing new table as new_rows
      for each statement execute function %1$s_insert_records();
    create trigger keep_records_update after update on %4$s referencing new table as new_rows
      for each statement execute function %1$s_update_records();
    create trigger keep_records_delete after delete on %4$s referencing old table as old_rows
      for each statement execute function %1$s_delete_records();
  $f$, name, kind, card, t);
end $$;

create table notes (
  id uuid not null,
  record_id uuid not null,
  body text not null check (length(body) between 1 and 50000),
  author_id uuid,
  pinned boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call tenant_table('notes');
alter table notes add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;
alter table notes add foreign key (workspace_id, author_id) references members (workspace_id, person_id) on delete set null (author_id);
create index notes_by_record on notes (workspace_id, record_id, created_at desc);

create table followers (
  record_id uuid not null,
  person_id uuid not null,
  created_at timestamptz not null default now()
);
call tenant_table('followers', 'record_id, person_id');
alter table followers add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;
alter table followers add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;

create table notifications (
  id uuid not null,
  person_id uuid not null,
  kind text not null,
  title text not null,
  record_id uuid,
  event_id uuid,
  actor_name text not null default '',
  read_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('notifications');
alter table notifications add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
create index notifications_by_person on notifications (workspace_id, person_id, created_at desc, id desc);
create index notifications_by_event on notifications (workspace_id, event_id);
create index notifications_unread on notifications (workspace_id, person_id) where read_at is null;

create table custom_fields (
  id uuid not null,
  record_kind text not null,
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  label text not null check (length(label) between 1 and 100),
  type text not null check (type in ('text', 'long_text', 'number', 'money', 'date', 'choice', 'multi_choice', 'checkbox',
    'url', 'email', 'phone', 'person', 'record')),
  choices text[] not null default '{}',
  required boolean not null default false,
  help text not null default '',
  position int not null default 0,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call tenant_table('custom_fields');
alter table custom_fields add unique (workspace_id, record_kind, key);

create table saved_views (
  id uuid not null,
  record_kind text not null,
  name text not null check (length(name) between 1 and 80),
  filter jsonb not null default '{}',
  search text not null default '',
  sort text not null default '',
  columns text[] not null default '{}',
  layout text not null default 'table',
  shared boolean not null default false,
  pinned boolean not null default false,
  is_default boolean not null default false,
  person_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
call tenant_table('saved_views');
alter table saved_views add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
create index saved_views_by_kind on saved_views (workspace_id, record_kind, person_id);
