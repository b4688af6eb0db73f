alter table works add column place uuid;
update works set place = (lanes -> 0 ->> 'after')::uuid;
alter table works drop column lanes;
