drop index sequence_mails_by_contact;
alter table companies drop column phone_key;
alter table contacts drop column phone_key;
delete from works where kind = 'scan';
alter table works drop constraint works_kind_check;
alter table works add constraint works_kind_check check (kind in ('export', 'bulk'));
drop table duplicate_scans, duplicate_pairs, merged_records, merge_rows, merges cascade;
