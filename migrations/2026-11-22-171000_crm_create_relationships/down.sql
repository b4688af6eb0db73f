drop trigger first_relationships on workspaces;
drop function workspaces_first_relationships(), make_first_relationships(uuid);
drop table relationships;
drop table relationship_kinds;
alter table roles no force row level security;
update roles set permissions = permissions - 'relationships';
alter table roles force row level security;
