-- Back to the name from before.
alter table segments no force row level security;
update segments set filter = replace(filter::text, '"field": "owner_id"', '"field": "owner"')::jsonb
where filter::text like '%"field": "owner_id"%';
alter table segments force row level security;
