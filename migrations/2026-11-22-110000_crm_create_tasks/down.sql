drop table tasks, follow_up_rules cascade;
drop function if exists tasks_insert_records(), tasks_update_records(), tasks_delete_records();
delete from records where kind = 'task';
