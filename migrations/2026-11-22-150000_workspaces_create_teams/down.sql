alter table members add column team text not null default '';
update members m set team = t.name
from team_members tm join teams t on t.workspace_id = tm.workspace_id and t.id = tm.team_id
where tm.workspace_id = m.workspace_id and tm.person_id = m.person_id;
drop table assignment_rules;
drop table team_members;
drop table teams;
alter table roles no force row level security;
update roles set permissions = permissions - 'teams';
alter table roles force row level security;
