drop table view_habits;
alter table saved_views drop constraint saved_views_layout_check;
alter table saved_views drop column archived_at;
alter table saved_views drop column version;
alter table saved_views add column is_default boolean not null default false;
create unique index saved_views_default_shared on saved_views (workspace_id, record_kind) where is_default and shared;
create unique index saved_views_default_own on saved_views (workspace_id, record_kind, person_id) where is_default and not shared;
