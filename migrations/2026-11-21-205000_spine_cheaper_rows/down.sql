do $$
declare
  t record;
begin
  execute replace(pg_get_functiondef('record_table'::regproc), 'set statistics -1', 'set statistics 1000');
  for t in
    select a.attrelid::regclass as name from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attname = 'search' and a.attstattarget = -1 and c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
  loop
    execute format('alter table %s alter column search set statistics 1000', t.name);
  end loop;
end $$;

drop function new_id(timestamptz);
create or replace function search_address(value text) returns tsvector language sql immutable parallel safe
  as $$ select case when coalesce(value, '') = '' then ''::tsvector else (
    select array_to_tsvector(array_remove(array[a, nullif(split_part(a, '@', 1), ''), nullif(split_part(a, '@', 2), '')], null))
    from (select left(public.fold(value), 200)) folded (a)) end $$;
