alter table saved_views drop column beside;
