drop index contacts_by_warmth_of_owner, activities_by_author, activities_by_kind, tasks_done, tasks_open_by_day, deals_closed;
drop index contacts_by_stage;
create index contacts_by_stage on contacts (workspace_id, lifecycle_stage, created_at desc, id desc) where archived_at is null;
drop table dashboards;
