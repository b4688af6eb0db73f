alter table notes drop column html;
drop index events_by_aspect;
alter table events drop column aspect;
drop table activities;
drop function activities_keep_activity();
