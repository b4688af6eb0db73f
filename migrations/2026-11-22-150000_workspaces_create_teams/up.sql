-- Teams, who is in them, and the rules by which new records find their owner.

create table teams (
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  manager_id uuid,
  created_at timestamptz not null default now()
);
call tenant_table('teams');
create unique index teams_by_name on teams (workspace_id, lower(name));
alter table teams add foreign key (workspace_id, manager_id) references members (workspace_id, person_id) on delete set null (manager_id);

create table team_members (
  team_id uuid not null,
  person_id uuid not null,
  -- Rules pass over whoever is away.
  away boolean not null default false,
  created_at timestamptz not null default now()
);
call tenant_table('team_members', 'team_id, person_id');
alter table team_members add foreign key (workspace_id, team_id) references teams (workspace_id, id) on delete cascade;
alter table team_members add foreign key (workspace_id, person_id) references members (workspace_id, person_id) on delete cascade;
create index team_members_by_person on team_members (workspace_id, person_id);

create table assignment_rules (
  id uuid not null,
  kind text not null,
  name text not null check (length(name) between 1 and 80),
  filter jsonb not null default '{}',
  team_id uuid not null,
  method text not null default 'round_robin' check (method in ('round_robin', 'load')),
  active boolean not null default true,
  position int not null default 0,
  last_person_id uuid,
  assigned bigint not null default 0,
  created_at timestamptz not null default now()
);
call tenant_table('assignment_rules');
alter table assignment_rules add foreign key (workspace_id, team_id) references teams (workspace_id, id);
create unique index assignment_rules_by_name on assignment_rules (workspace_id, kind, lower(name));
create index assignment_rules_by_team on assignment_rules (workspace_id, team_id);

-- Until now a team was a word that members had in common.
alter table teams no force row level security;
alter table team_members no force row level security;
insert into teams (workspace_id, id, name)
select distinct on (workspace_id, lower(team)) workspace_id, new_id(), team from members where team <> '' order by workspace_id, lower(team), team;
insert into team_members (workspace_id, team_id, person_id)
select m.workspace_id, t.id, m.person_id from members m join teams t on t.workspace_id = m.workspace_id and lower(t.name) = lower(m.team)
where m.team <> '';
alter table teams force row level security;
alter table team_members force row level security;
alter table members drop column team;

-- Whoever sees members sees their teams; whoever keeps pipelines keeps teams and rules.
alter table roles no force row level security;
update roles set permissions = permissions
  || jsonb_build_object('teams', coalesce(permissions -> 'pipelines', '{"view": "all"}'))
where permissions ? 'pipelines' and not permissions ? 'teams';
alter table roles force row level security;
