-- Who wants to see no more of what a workspace begins with.
create table hidden_steps (
  person_id uuid not null,
  hidden_at timestamptz not null default now()
);
call tenant_table('hidden_steps', 'person_id');
alter table hidden_steps add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
