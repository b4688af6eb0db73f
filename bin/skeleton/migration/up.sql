create table widgets (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 200),
  description text not null default '' check (length(description) <= 20000),
  search tsvector generated always as (search_words(name)) stored
);
create function widgets_card(w widgets) returns record_card language sql immutable parallel safe as $$
  select row(w.name, '', w.search)::record_card $$;
call record_table('widgets', 'widget');
call custom_table('widgets', 'widget');
create index widgets_by_name on widgets (workspace_id, name, id) where archived_at is null;
