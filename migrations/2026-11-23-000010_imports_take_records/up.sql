-- Files hold companies, deals and tasks as well.

alter table imports add column record_kind text not null default 'contact'
  check (record_kind in ('contact', 'company', 'deal', 'task'));

-- What an import made itself has no changes here, what was there before it has them field by field. `row` is the row of
-- the file that a record came with; none for a company that was made because rows name it.
alter table import_changes add column row bigint;
alter table import_changes drop constraint import_changes_kind_check;
alter table import_changes add constraint import_changes_kind_check check (kind in ('contact', 'company', 'deal', 'task'));
