-- Pipelines and their stages, why deals are won and lost, deals, and the way that each of them has gone.

create table pipelines (
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  currency text not null default 'EUR' check (currency ~ '^[A-Z]{3}$'),
  position int not null default 0,
  archived_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('pipelines');
create unique index pipelines_by_name on pipelines (workspace_id, lower(name)) where archived_at is null;

create table stages (
  id uuid not null,
  pipeline_id uuid not null,
  name text not null check (length(name) between 1 and 80),
  tone text not null default 'slate' check (tone in ('slate', 'red', 'amber', 'green', 'teal', 'blue', 'violet', 'pink')),
  position int not null default 0,
  probability int not null default 0 check (probability between 0 and 100),
  kind text not null default 'open' check (kind in ('open', 'won', 'lost')),
  rots_after int check (rots_after between 1 and 3650),
  required text[] not null default '{}',
  gate jsonb not null default '{}',
  created_at timestamptz not null default now()
);
call tenant_table('stages');
alter table stages add foreign key (workspace_id, pipeline_id) references pipelines (workspace_id, id) on delete cascade;
create unique index stages_by_name on stages (workspace_id, pipeline_id, lower(name));
-- What a deal says of its stage is held to be true by this key.
alter table stages add unique (workspace_id, pipeline_id, id, kind);

create table close_reasons (
  id uuid not null,
  kind text not null check (kind in ('won', 'lost')),
  name text not null check (length(name) between 1 and 80),
  position int not null default 0,
  archived_at timestamptz,
  created_at timestamptz not null default now()
);
call tenant_table('close_reasons');
create unique index close_reasons_by_name on close_reasons (workspace_id, kind, lower(name)) where archived_at is null;

create table deals (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 200),
  pipeline_id uuid not null,
  stage_id uuid not null,
  status text not null default 'open' check (status in ('open', 'won', 'lost')),
  amount bigint not null default 0 check (amount between 0 and 1000000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  closes_on date,
  -- What lists sort by: never null, and what nobody has named comes last.
  closes_by date not null generated always as (coalesce(closes_on, 'infinity'::date)) stored,
  kind text not null default 'new_business' check (kind in ('new_business', 'existing_business', 'renewal')),
  source text not null default 'other' check (source in
    ('website', 'referral', 'campaign', 'social', 'event', 'phone', 'walk_in', 'partner', 'import', 'form', 'api', 'other')),
  company_id uuid,
  contact_id uuid,
  reason_id uuid,
  stage_since timestamptz not null default now(),
  closed_at timestamptz,
  description text not null default '' check (length(description) <= 20000),
  search tsvector generated always as (search_words(name)) stored,
  check ((status = 'open') = (closed_at is null)),
  check (status <> 'open' or reason_id is null)
);
create function deals_card(d deals) returns record_card language sql immutable parallel safe as $$
  select row(d.name, d.currency || ' ' || (d.amount / 100), d.search)::record_card $$;
call record_table('deals', 'deal');
-- The stage is one of its pipeline, and the status is what kind of stage that is.
alter table deals add foreign key (workspace_id, pipeline_id, stage_id, status) references stages (workspace_id, pipeline_id, id, kind) on update cascade;
alter table deals add foreign key (workspace_id, company_id) references companies (workspace_id, id) on delete set null (company_id);
alter table deals add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id);
alter table deals add foreign key (workspace_id, reason_id) references close_reasons (workspace_id, id) on delete set null (reason_id);
create index deals_by_name on deals (workspace_id, name, id) where archived_at is null;
create index deals_by_amount on deals (workspace_id, amount desc, id desc) where archived_at is null;
create index deals_by_close on deals (workspace_id, closes_by, id) where archived_at is null;
create index deals_by_stage_since on deals (workspace_id, stage_since desc, id desc) where archived_at is null;
create index deals_by_company on deals (workspace_id, company_id, created_at desc, id desc);
create index deals_by_contact on deals (workspace_id, contact_id, created_at desc, id desc);
-- A column of the board, newest arrivals first, and what its head adds up.
create index deals_by_stage on deals (workspace_id, stage_id, stage_since desc, id desc) include (amount, currency) where archived_at is null;
create index deals_forecast on deals (workspace_id, closes_on) include (pipeline_id, stage_id, owner_id, amount, currency)
  where archived_at is null and status = 'open';

-- The further people of a deal, and what each is to it.
create table deal_contacts (
  deal_id uuid not null,
  contact_id uuid not null,
  role text not null default 'other' check (role in
    ('decision_maker', 'champion', 'influencer', 'budget_holder', 'user', 'blocker', 'legal', 'other')),
  created_at timestamptz not null default now()
);
call tenant_table('deal_contacts', 'deal_id, contact_id');
alter table deal_contacts add foreign key (workspace_id, deal_id) references deals (workspace_id, id) on delete cascade;
alter table deal_contacts add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
create index deal_contacts_by_contact on deal_contacts (workspace_id, contact_id, deal_id);

-- Which stages a deal has been in; `seconds` is how long it had stood in the one that it left.
create table deal_moves (
  id uuid not null default new_id(),
  deal_id uuid not null,
  from_stage_id uuid,
  to_stage_id uuid,
  from_name text not null default '',
  to_name text not null,
  seconds bigint not null default 0 check (seconds >= 0),
  moved_by uuid default current_person(),
  moved_at timestamptz not null
);
call tenant_table('deal_moves');
alter table deal_moves add foreign key (workspace_id, deal_id) references deals (workspace_id, id) on delete cascade;
alter table deal_moves add foreign key (workspace_id, from_stage_id) references stages (workspace_id, id) on delete set null (from_stage_id);
alter table deal_moves add foreign key (workspace_id, to_stage_id) references stages (workspace_id, id) on delete set null (to_stage_id);
create index deal_moves_by_deal on deal_moves (workspace_id, deal_id, moved_at desc, id desc);
create index deal_moves_from on deal_moves (workspace_id, from_stage_id);
create index deal_moves_to on deal_moves (workspace_id, to_stage_id);

-- Here rather than in Rust, so that no way of moving a deal leaves it out.
create function deals_keep_moves() returns trigger language plpgsql as $$
begin
  insert into deal_moves (workspace_id, deal_id, to_stage_id, to_name, moved_at, moved_by)
  select n.workspace_id, n.id, n.stage_id, s.name, n.stage_since, n.created_by
  from new_rows n join stages s on s.workspace_id = n.workspace_id and s.id = n.stage_id;
  return null;
end $$;
create trigger keep_moves_insert after insert on deals referencing new table as new_rows
  for each statement execute function deals_keep_moves();
create function deals_keep_move() returns trigger language plpgsql as $$
begin
  insert into deal_moves (workspace_id, deal_id, from_stage_id, to_stage_id, from_name, to_name, seconds, moved_at)
  select new.workspace_id, new.id, f.id, t.id, f.name, t.name,
    greatest(0, extract(epoch from new.stage_since - old.stage_since))::bigint, new.stage_since
  from stages f, stages t
  where f.workspace_id = new.workspace_id and f.id = old.stage_id and t.workspace_id = new.workspace_id and t.id = new.stage_id;
  return null;
end $$;
create trigger keep_moves_update after update of stage_id on deals
  for each row when (old.stage_id is distinct from new.stage_id) execute function deals_keep_move();

-- Every workspace begins with a pipeline that works, however the workspace is made.
create function make_first_pipeline(workspace uuid, currency text) returns void language plpgsql as $$
declare
  before text := coalesce(current_setting('app.workspace_id', true), '');
  pipeline uuid := new_id();
begin
  perform set_config('app.workspace_id', workspace::text, true);
  insert into pipelines (workspace_id, id, name, currency) values (workspace, pipeline, 'Sales', currency);
  insert into stages (workspace_id, id, pipeline_id, name, tone, position, probability, kind, rots_after)
  select workspace, new_id(), pipeline, s.* from (values
    ('New', 'slate', 1, 10, 'open', 14), ('Qualified', 'blue', 2, 25, 'open', 21), ('Proposal', 'violet', 3, 50, 'open', 21),
    ('Negotiation', 'amber', 4, 75, 'open', 14), ('Won', 'green', 5, 100, 'won', null), ('Lost', 'red', 6, 0, 'lost', null)) s;
  insert into close_reasons (workspace_id, id, kind, name, position)
  select workspace, new_id(), r.* from (values
    ('lost', 'Price', 1), ('lost', 'Went to a competitor', 2), ('lost', 'No budget', 3), ('lost', 'Bad timing', 4),
    ('lost', 'No answer', 5), ('lost', 'Not a fit', 6), ('won', 'Best fit', 1), ('won', 'Price', 2), ('won', 'Relationship', 3)) r;
  perform set_config('app.workspace_id', before, true);
end $$;
create function workspaces_first_pipeline() returns trigger language plpgsql as $$
begin
  perform make_first_pipeline(new.id, new.currency::text);
  return null;
end $$;
create trigger first_pipeline after insert on workspaces for each row execute function workspaces_first_pipeline();
select make_first_pipeline(id, currency::text) from workspaces;

-- Whoever may do something with companies may do it with deals; pipelines are kept by those who keep the tags.
alter table roles no force row level security;
update roles set permissions = permissions
  || jsonb_build_object('deals', permissions -> 'companies', 'pipelines', coalesce(permissions -> 'tags', '{"view": "all"}'))
where permissions ? 'companies' and not permissions ? 'deals';
alter table roles force row level security;
