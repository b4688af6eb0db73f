create index contacts_by_phone on contacts (workspace_id, phone) where phone is not null;
