-- The dashboard: how each person arranged theirs, and the indexes by which its cards count.

create table dashboards (
  person_id uuid not null,
  -- The cards in their order: [{"key": "deals", "whole": false}, …].
  cards jsonb not null check (jsonb_typeof(cards) = 'array' and jsonb_array_length(cards) <= 100)
);
call tenant_table('dashboards', 'person_id');
alter table dashboards add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;

-- Counting needs no row where the index holds all that it is asked about.
drop index contacts_by_stage;
create index contacts_by_stage on contacts (workspace_id, lifecycle_stage, created_at desc, id desc) include (owner_id) where archived_at is null;
-- The warmest of somebody's, who may have few of many.
create index contacts_by_warmth_of_owner on contacts (workspace_id, owner_id, temperature, score desc, id desc) where archived_at is null;
create index deals_closed on deals (workspace_id, status, closed_at) include (owner_id, amount, currency)
  where archived_at is null and closed_at is not null;
create index tasks_open_by_day on tasks (workspace_id, due_on) include (owner_id) where archived_at is null and completed_at is null;
create index tasks_done on tasks (workspace_id, completed_at) include (owner_id) where archived_at is null and completed_at is not null;
-- By kind and time for everybody's, by author for somebody's.
create index activities_by_kind on activities (workspace_id, kind, at desc, id desc);
create index activities_by_author on activities (workspace_id, author_id, kind, at desc, id desc);
