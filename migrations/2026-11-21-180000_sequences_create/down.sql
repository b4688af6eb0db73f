drop table sequence_mails, sequence_enrolments;
drop table sequences cascade;
drop function sequences_insert_records(), sequences_update_records(), sequences_delete_records();
