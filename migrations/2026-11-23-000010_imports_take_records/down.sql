delete from import_changes where kind in ('deal', 'task');
delete from imports where record_kind <> 'contact';
alter table import_changes drop constraint import_changes_kind_check;
alter table import_changes add constraint import_changes_kind_check check (kind in ('contact', 'company'));
alter table import_changes drop column row;
alter table imports drop column record_kind;
