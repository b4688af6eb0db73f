alter table roles no force row level security;
update roles set permissions = permissions - 'chat' where permissions ? 'chat';
alter table roles force row level security;
drop trigger open_general on workspaces;
drop function workspaces_open_general();
drop table messages, seats, conversations;
drop function id_floor(timestamptz);
