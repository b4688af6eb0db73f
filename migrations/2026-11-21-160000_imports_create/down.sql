drop index companies_by_name_key;
alter table companies drop column name_key;
alter table contacts drop constraint contacts_workspace_id_import_id_fkey;
drop table import_changes, import_problems, imports;
