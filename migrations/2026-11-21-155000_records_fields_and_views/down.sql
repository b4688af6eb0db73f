drop index saved_views_default_own;
drop index saved_views_default_shared;
alter table tags drop constraint tags_colour_check;
drop index custom_fields_by_kind;
alter table custom_fields drop column target;
