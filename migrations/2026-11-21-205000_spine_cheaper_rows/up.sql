-- How common a word is, is looked at when it is asked for (records::list::keyset); statistics of words served nothing
-- else, and with a target of 1000 each ANALYZE sorted the words of 300,000 rows.

do $$
declare
  t record;
begin
  for t in select attrelid::regclass as name from pg_attribute where attname = 'search' and attstattarget = 1000 and not attisdropped loop
    execute format('alter table %s alter column search set statistics -1', t.name);
  end loop;
  execute replace(pg_get_functiondef('record_table'::regproc), 'set statistics 1000', 'set statistics -1');
end $$;

-- The same as before, but not planned anew for each row.
create or replace function search_address(value text) returns tsvector language plpgsql immutable parallel safe as $$
declare
  a text := left(public.fold(value), 200);
begin
  if a = '' then
    return '';
  end if;
  return array_to_tsvector(array_remove(array[a, nullif(split_part(a, '@', 1), ''), nullif(split_part(a, '@', 2), '')], null));
end $$;

-- UUIDv7 (RFC 9562, section 5.7) for rows that a statement makes: ids that grow with time go to the end of an index.
create function new_id(at timestamptz default clock_timestamp()) returns uuid language sql volatile parallel safe as $$
  select encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid $$;
