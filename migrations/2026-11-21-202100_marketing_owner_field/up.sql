-- Segments ask by the names that the list of contacts has for its fields.
alter table segments no force row level security;
update segments set filter = replace(filter::text, '"field": "owner"', '"field": "owner_id"')::jsonb
where filter::text like '%"field": "owner"%';
alter table segments force row level security;
