-- What custom fields, tags and saved views learnt after they were made.

alter table custom_fields add column target text not null default '';
comment on column custom_fields.target is 'the kind of record that a field of the type record points at';
create index custom_fields_by_kind on custom_fields (workspace_id, record_kind, position);

alter table tags add check (colour in ('slate', 'red', 'amber', 'green', 'teal', 'blue', 'violet', 'pink'));

-- One view at most opens a list by itself: one that everybody shares, and one of each person's own.
create unique index saved_views_default_shared on saved_views (workspace_id, record_kind) where is_default and shared;
create unique index saved_views_default_own on saved_views (workspace_id, record_kind, person_id) where is_default and not shared;
