drop trigger touch on contacts;
create trigger touch before update on contacts for each row
  when (new.last_activity_at is not distinct from old.last_activity_at) execute function record_touch();
drop index contacts_by_activity;
alter table contacts drop column temperature;
drop table score_settings;
drop table score_rules;
alter table roles no force row level security;
update roles set permissions = permissions - 'scoring';
alter table roles force row level security;
