-- The values of custom fields that people filter by, beside the records that hold them, where an index finds them. What
-- lists show is compared with the record itself as well, so a row too many here costs time and nothing else.

alter table custom_fields add column sought_at timestamptz, add column indexed_at timestamptz;
comment on column custom_fields.sought_at is 'since when values that are written are kept in custom_values too';
comment on column custom_fields.indexed_at is 'since when custom_values has those from before as well';

create table custom_values (
  record_id uuid not null,
  field_id uuid not null,
  word text collate "C" not null,
  number float8
);
call tenant_table('custom_values', 'record_id, field_id, word');
alter table custom_values add foreign key (workspace_id, field_id) references custom_fields (workspace_id, id) on delete cascade;
create index custom_values_by_word on custom_values (workspace_id, field_id, word, record_id);
create index custom_values_by_number on custom_values (workspace_id, field_id, number, record_id) where number is not null;

-- As `ilike` folds it, and no longer than an index takes.
create function folded_word(value text) returns text language sql immutable strict parallel safe as $$
  select left(lower(value collate "und-x-icu"), 200) $$;
create function folded_words(texts text[]) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(folded_word(t)), '{}') from unnest(texts) t $$;

-- Row-level security lets an index serve only comparisons that can leak nothing, which those of numeric are not counted
-- among. What this rounds away never turns an order round.
create function custom_number(value numeric) returns float8 language sql immutable strict parallel safe as $$
  select round(least(greatest(value, -1e300), 1e300), 30)::float8 $$;

-- What is found of one custom value: itself, or each of several choices.
create function custom_words(value jsonb) returns table (word text, number float8) language sql immutable parallel safe as $$
  select folded_word(v #>> '{}'), case when jsonb_typeof(v) = 'number' then custom_number((v #>> '{}')::numeric) end
  from jsonb_array_elements(case when jsonb_typeof(value) = 'array' then value else jsonb_build_array(value) end) v
  where jsonb_typeof(v) in ('string', 'number', 'boolean') $$;

create function keep_custom_values() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    delete from custom_values v where v.workspace_id = old.workspace_id and v.record_id = old.id;
  end if;
  if tg_op <> 'DELETE' then
    insert into custom_values (workspace_id, record_id, field_id, word, number)
    select f.workspace_id, new.id, f.id, w.word, w.number
    from custom_fields f cross join lateral custom_words(new.custom -> f.key) w
    where f.workspace_id = new.workspace_id and f.record_kind = tg_argv[0] and f.sought_at is not null
    on conflict do nothing;
  end if;
  return null;
end $$;

-- For the kinds whose forms ask for custom fields.
create procedure custom_table(t regclass, kind text) language plpgsql as $$
begin
  execute format('create trigger keep_values_insert after insert on %s for each row when (new.custom <> ''{}'')
    execute function keep_custom_values(%L)', t, kind);
  execute format('create trigger keep_values_update after update of custom on %s for each row when (old.custom is distinct from new.custom)
    execute function keep_custom_values(%L)', t, kind);
  execute format('create trigger keep_values_delete after delete on %s for each row when (old.custom <> ''{}'')
    execute function keep_custom_values(%L)', t, kind);
end $$;
call custom_table('contacts', 'contact');
call custom_table('companies', 'company');
call custom_table('deals', 'deal');
call custom_table('tasks', 'task');
