-- What came with the demo data and is still here: that, and nothing else, goes with it.
create table demo_records (
  record_id uuid not null,
  kind text not null check (kind in ('company', 'contact', 'deal', 'task'))
);
call tenant_table('demo_records', 'record_id');
alter table demo_records add foreign key (workspace_id, record_id) references records (workspace_id, id) on delete cascade;

-- The tags that nobody had used before it.
create table demo_tags (
  tag_id uuid not null
);
call tenant_table('demo_tags', 'tag_id');
alter table demo_tags add foreign key (workspace_id, tag_id) references tags (workspace_id, id) on delete cascade;
