-- A row that changes goes into each index of its table anew, wherever in it the change is, so that an act on tens of
-- thousands of records costs by the index. This takes off such a write what it has no need of.

-- Keeps `records` as the rows of `t` are called and found, leaving alone those that still are as they were. By what is in
-- one and not in the other, since a join of the two would be planned for as many rows as the first change had.
create procedure record_updates(t regclass) language plpgsql as $$
begin
  execute format($f$
    create or replace function %1$s_update_records() returns trigger language plpgsql as $t$
    begin
      update records r set title = n.title, subtitle = n.subtitle, owner_id = n.owner_id, archived_at = n.archived_at,
        search = n.search, updated_at = clock_timestamp()
      from (
        select n.workspace_id, n.id, n.owner_id, n.archived_at, c.title, c.subtitle, c.search
        from new_rows n cross join lateral %1$s_card(n::%1$s) c
        except
        select o.workspace_id, o.id, o.owner_id, o.archived_at, c.title, c.subtitle, c.search
        from old_rows o cross join lateral %1$s_card(o::%1$s) c) n
      where r.workspace_id = n.workspace_id and r.id = n.id;
      if exists (select from new_rows where tags <> '{}') then
        perform keep_tags((select array_agg(distinct tag) from new_rows, unnest(tags) tag));
      end if;
      return null;
    end $t$;
    drop trigger if exists keep_records_update on %1$s;
    create trigger keep_records_update after update on %1$s referencing old table as old_rows new table as new_rows
      for each statement execute function %1$s_update_records();
  $f$, t);
end $$;

-- Makes `t` a record table: the tenant fence, the shared columns, and the triggers that keep its rows in `records`.
-- The table has a column `search tsvector` that is made of others, and a function `<t>_card(<t>) returns record_card` says
-- what a row is called and found by.
create or replace procedure record_table(t regclass, kind text) language plpgsql as $$
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
  execute format('create index %1$s_by_created_at on %1$s (workspace_id, created_at desc, id desc) where archived_at is null', t);
  execute format('create index %1$s_by_updated_at on %1$s (workspace_id, updated_at desc, id desc) where archived_at is null', t);
  execute format('create index %1$s_by_owner on %1$s (workspace_id, owner_id, created_at desc, id desc) where archived_at is null', t);
  execute format('create index %1$s_search on %1$s using gin (workspace_id, search) where archived_at is null', t);
  execute format('create index %1$s_by_tag on %1$s using gin (workspace_id, tags)', t);
  execute format('create trigger touch before update on %s for each row execute function record_touch()', t);
  execute format($f$
    create function %1$s_insert_records() returns trigger language plpgsql as $t$
    begin
      insert into records (workspace_id, id, kind, title, subtitle, owner_id, archived_at, search, updated_at)
      select n.workspace_id, n.id, %2$L, c.title, c.subtitle, n.owner_id, n.archived_at, c.search, n.updated_at
      from new_rows n cross join lateral %1$s_card(n::%1$s) c;
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
    create trigger keep_records_insert after insert on %1$s referencing new table as new_rows
      for each statement execute function %1$s_insert_records();
    create trigger keep_records_delete after delete on %1$s referencing old table as old_rows
      for each statement execute function %1$s_delete_records();
  $f$, t, kind);
  call record_updates(t);
end $$;

do $$
declare
  t record;
begin
  for t in select tgrelid::regclass as name from pg_trigger where tgname = 'keep_records_update' loop
    call record_updates(t.name);
  end loop;
end $$;

-- PostgreSQL makes the columns that are made of others anew in each row that a trigger before the update saw. Of contacts
-- that is a seventh of a bulk act, so here a trigger makes them where what they are made of changed.
alter table contacts alter column search drop expression;
alter table contacts alter column phone_key drop expression;
create function contacts_keep_keys() returns trigger language plpgsql as $$
begin
  new.search := search_words(new.first_name || ' ' || new.last_name || ' ' || coalesce(new.phone, '')) || search_address(new.email);
  new.phone_key := nullif(right(regexp_replace(new.phone, '[^0-9]', '', 'g'), 8), '');
  return new;
end $$;
create trigger keep_keys_insert before insert on contacts for each row execute function contacts_keep_keys();
create trigger keep_keys_update before update on contacts for each row
  when ((new.first_name, new.last_name, new.email, new.phone) is distinct from (old.first_name, old.last_name, old.email, old.phone))
  execute function contacts_keep_keys();

-- Somebody's leads are found among all of that warmth, the owner beside them.
drop index contacts_by_warmth_of_owner;
drop index contacts_by_temperature;
create index contacts_by_temperature on contacts (workspace_id, temperature, score desc, id desc) include (owner_id) where archived_at is null;

-- Somebody's new contacts are counted by stage in one pass over them.
drop index contacts_by_owner;
create index contacts_by_owner on contacts (workspace_id, owner_id, created_at desc, id desc) include (lifecycle_stage) where archived_at is null;

-- Each event asked whether its workspace is there, and two who write in one workspace at a time kept a common lock on its
-- row between them: a fifth of a bulk act. The fence lets nobody write into another, and nobody signs in to one that is gone.
alter table events drop constraint events_workspace_id_fkey;
create function workspaces_take_events() returns trigger language plpgsql as $$
declare
  within text := coalesce(current_setting('app.workspace_id', true), '');
begin
  perform set_config('app.workspace_id', old.id::text, true);
  delete from events where workspace_id = old.id;
  perform set_config('app.workspace_id', within, true);
  return old;
end $$;
create trigger take_events before delete on workspaces for each row execute function workspaces_take_events();
