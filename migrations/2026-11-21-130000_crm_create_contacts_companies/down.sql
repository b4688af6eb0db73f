drop table contacts, companies cascade;
drop function contacts_insert_records(), contacts_update_records(), contacts_delete_records();
drop function companies_insert_records(), companies_update_records(), companies_delete_records();
