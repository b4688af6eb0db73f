-- Saved views can be deleted and brought back, and whoever sees one decides where it stands and whether it opens the list.

drop index saved_views_default_own;
drop index saved_views_default_shared;
alter table saved_views drop column is_default;
alter table saved_views add column version int not null default 1;
alter table saved_views add column archived_at timestamptz;
alter table saved_views add check (layout = 'table');

create table view_habits (
  id uuid not null,
  person_id uuid not null,
  record_kind text not null,
  default_id uuid,
  tab_order uuid[] not null default '{}'
);
comment on table view_habits is 'what one person is used to in the lists of one kind of record: the view that opens them and the order of the tabs';
call tenant_table('view_habits');
alter table view_habits add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
alter table view_habits add foreign key (workspace_id, default_id) references saved_views (workspace_id, id) on delete set null (default_id);
alter table view_habits add unique (workspace_id, person_id, record_kind);
