-- A deal that an undo puts back stands there since when it did before; the way back is told when it is gone.
create or replace function deals_keep_move() returns trigger language plpgsql as $$
declare
  at timestamptz := case when new.stage_since < old.stage_since then greatest(old.stage_since, now()) else new.stage_since end;
begin
  insert into deal_moves (workspace_id, deal_id, from_stage_id, to_stage_id, from_name, to_name, seconds, moved_at)
  select new.workspace_id, new.id, f.id, t.id, f.name, t.name, greatest(0, extract(epoch from at - old.stage_since))::bigint, at
  from stages f, stages t
  where f.workspace_id = new.workspace_id and f.id = old.stage_id and t.workspace_id = new.workspace_id and t.id = new.stage_id;
  return null;
end $$;
