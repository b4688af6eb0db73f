drop table demo_tags;
drop table demo_records;
