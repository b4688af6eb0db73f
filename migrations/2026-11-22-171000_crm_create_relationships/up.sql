-- What contacts are to each other, and the kinds of that, which each workspace words for itself.

create table relationship_kinds (
  id uuid not null,
  -- What the other is to the contact, and the contact to the other; the same word twice where there is no difference.
  name text not null check (length(name) between 1 and 40),
  reverse text not null check (length(reverse) between 1 and 40),
  position int not null default 0,
  created_at timestamptz not null default now()
);
call tenant_table('relationship_kinds');
create unique index relationship_kinds_by_name on relationship_kinds (workspace_id, lower(name), lower(reverse));

create table relationships (
  id uuid not null,
  kind_id uuid not null,
  contact_id uuid not null,
  other_id uuid not null,
  since date,
  note text not null default '' check (length(note) <= 500),
  version int not null default 1,
  created_by uuid default current_person(),
  created_at timestamptz not null default now(),
  check (contact_id <> other_id)
);
call tenant_table('relationships');
alter table relationships add foreign key (workspace_id, kind_id) references relationship_kinds (workspace_id, id);
alter table relationships add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
alter table relationships add foreign key (workspace_id, other_id) references contacts (workspace_id, id) on delete cascade;
create unique index relationships_once on relationships (workspace_id, contact_id, other_id, kind_id);
create index relationships_by_other on relationships (workspace_id, other_id, contact_id);
create index relationships_by_kind on relationships (workspace_id, kind_id);

-- Every workspace begins with the usual ones, however it is made.
create function make_first_relationships(workspace uuid) returns void language plpgsql as $$
declare
  before text := coalesce(current_setting('app.workspace_id', true), '');
begin
  perform set_config('app.workspace_id', workspace::text, true);
  insert into relationship_kinds (workspace_id, id, name, reverse, position)
  select workspace, new_id(), k.* from (values
    ('Spouse', 'Spouse', 1), ('Parent', 'Child', 2), ('Broker', 'Client', 3), ('Assistant', 'Manager', 4),
    ('Referred by', 'Referred', 5), ('Colleague', 'Colleague', 6)) k;
  perform set_config('app.workspace_id', before, true);
end $$;
create function workspaces_first_relationships() returns trigger language plpgsql as $$
begin
  perform make_first_relationships(new.id);
  return null;
end $$;
create trigger first_relationships after insert on workspaces for each row execute function workspaces_first_relationships();
select make_first_relationships(id) from workspaces;

-- The kinds are kept by those who keep the pipelines.
alter table roles no force row level security;
update roles set permissions = permissions
  || jsonb_build_object('relationships', coalesce(permissions -> 'pipelines', '{"view": "all"}'))
where permissions ? 'pipelines' and not permissions ? 'relationships';
alter table roles force row level security;
