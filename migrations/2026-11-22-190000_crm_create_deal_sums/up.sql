-- What the open deals add up to by stage, owner, currency and month, so that nobody adds them up who looks at a board.
-- Each write adds a row with what it changed and waits for nobody; a sum is the sum of its rows, which a schedule joins.

create table deal_sums (
  id uuid not null default new_id(),
  stage_id uuid not null,
  owner_id uuid,
  currency text not null,
  -- The first day of it; infinity where nobody has said when a deal closes.
  month date not null,
  count bigint not null,
  amount numeric not null
);
call tenant_table('deal_sums');
alter table deal_sums add foreign key (workspace_id, stage_id) references stages (workspace_id, id) on delete cascade;
create index deal_sums_by_stage on deal_sums (workspace_id, stage_id);

create function deal_month(closes_on date) returns date language sql immutable parallel safe as $$
  select coalesce(date_trunc('month', closes_on)::date, 'infinity'::date) $$;

create function deals_add_sums() returns trigger language plpgsql as $$
begin
  insert into deal_sums (workspace_id, stage_id, owner_id, currency, month, count, amount)
  select workspace_id, stage_id, owner_id, currency, deal_month(closes_on), count(*), sum(amount)
  from new_rows where status = 'open' and archived_at is null group by 1, 2, 3, 4, 5;
  return null;
end $$;
create function deals_change_sums() returns trigger language plpgsql as $$
begin
  insert into deal_sums (workspace_id, stage_id, owner_id, currency, month, count, amount)
  select workspace_id, stage_id, owner_id, currency, deal_month(closes_on), sum(n), sum(n * amount)
  from (select 1 n, workspace_id, stage_id, owner_id, currency, closes_on, amount from new_rows where status = 'open' and archived_at is null
    union all select -1, workspace_id, stage_id, owner_id, currency, closes_on, amount from old_rows where status = 'open' and archived_at is null) d
  group by 1, 2, 3, 4, 5 having sum(n) <> 0 or sum(n * amount) <> 0;
  return null;
end $$;
create function deals_take_sums() returns trigger language plpgsql as $$
begin
  insert into deal_sums (workspace_id, stage_id, owner_id, currency, month, count, amount)
  select workspace_id, stage_id, owner_id, currency, deal_month(closes_on), -count(*), -sum(amount)
  -- A workspace that goes takes its sums with it.
  from old_rows where status = 'open' and archived_at is null and exists (select from workspaces w where w.id = old_rows.workspace_id)
  group by 1, 2, 3, 4, 5;
  return null;
end $$;
create trigger keep_sums_insert after insert on deals referencing new table as new_rows
  for each statement execute function deals_add_sums();
create trigger keep_sums_update after update on deals referencing old table as old_rows new table as new_rows
  for each statement execute function deals_change_sums();
create trigger keep_sums_delete after delete on deals referencing old table as old_rows
  for each statement execute function deals_take_sums();

alter table deals no force row level security;
alter table deal_sums no force row level security;
insert into deal_sums (workspace_id, stage_id, owner_id, currency, month, count, amount)
select workspace_id, stage_id, owner_id, currency, deal_month(closes_on), count(*), sum(amount)
from deals where status = 'open' and archived_at is null group by 1, 2, 3, 4, 5;
alter table deals force row level security;
alter table deal_sums force row level security;
