drop trigger take_events on workspaces;
drop function workspaces_take_events();
alter table events add foreign key (workspace_id) references workspaces (id) on delete cascade;

drop index contacts_by_owner;
create index contacts_by_owner on contacts (workspace_id, owner_id, created_at desc, id desc) where archived_at is null;
drop index contacts_by_temperature;
create index contacts_by_temperature on contacts (workspace_id, temperature, score desc, id desc) where archived_at is null;
create index contacts_by_warmth_of_owner on contacts (workspace_id, owner_id, temperature, score desc, id desc) where archived_at is null;

drop trigger keep_keys_insert on contacts;
drop trigger keep_keys_update on contacts;
drop function contacts_keep_keys();
alter table contacts drop column search, drop column phone_key;
alter table contacts add column search tsvector generated always as
  (search_words(first_name || ' ' || last_name || ' ' || coalesce(phone, '')) || search_address(email)) stored;
alter table contacts add column phone_key text
  generated always as (nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 8), '')) stored;
create index contacts_by_phone_key on contacts (workspace_id, phone_key) where phone_key is not null;
create index contacts_search on contacts using gin (workspace_id, search) where archived_at is null;

drop procedure record_updates(regclass);
-- Makes `t` a record table: the tenant fence, the shared columns, and the triggers that keep its rows in `records`.
-- The table has a generated column `search tsvector`, and a function `<t>_card(<t>) returns record_card` says what
-- a row is called and found by.
create or replace procedure record_table(t regclass, kind text) language plpgsql as $$
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
  execute format('alter table %s alter column search set statistics -1', t);
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

do $$
declare
  t record;
begin
  for t in select tgrelid::regclass::text as name from pg_trigger where tgname = 'keep_records_update' loop
    execute format($f$
      create or replace function %1$s_update_records() returns trigger language plpgsql as $t$
      begin
        update records r set title = c.title, subtitle = c.subtitle, owner_id = n.owner_id, archived_at = n.archived_at,
          search = c.search, updated_at = n.updated_at
        from new_rows n cross join lateral %1$s_card(n::%1$s) c
        where r.workspace_id = n.workspace_id and r.id = n.id
          and (r.title, r.subtitle, r.owner_id, r.archived_at, r.search)
            is distinct from (c.title, c.subtitle, n.owner_id, n.archived_at, c.search);
        if exists (select from new_rows where tags <> '{}') then
          perform keep_tags((select array_agg(distinct tag) from new_rows, unnest(tags) tag));
        end if;
        return null;
      end $t$;
      drop trigger keep_records_update on %1$s;
      create trigger keep_records_update after update on %1$s referencing new table as new_rows
        for each statement execute function %1$s_update_records();
    $f$, t.name);
  end loop;
end $$;
