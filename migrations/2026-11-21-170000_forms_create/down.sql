drop table form_submissions;
drop table forms cascade;
drop function forms_insert_records(), forms_update_records(), forms_delete_records();
