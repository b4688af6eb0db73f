alter table roles no force row level security;
update roles set permissions = permissions - 'playbooks' where permissions ? 'playbooks';
alter table roles force row level security;
drop table playbook_runs, playbooks;
