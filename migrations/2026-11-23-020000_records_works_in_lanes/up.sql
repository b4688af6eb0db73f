-- An act on very many records is done by two connections at once; each lane remembers its own place.
alter table works add column lanes jsonb not null default '[]';
update works set lanes = jsonb_build_array(jsonb_build_object('after', place, 'upto', null, 'done', false)) where place is not null;
alter table works drop column place;
