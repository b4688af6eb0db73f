drop trigger keep_activity on events;
drop function contacts_keep_activity();
drop trigger touch on contacts;
create trigger touch before update on contacts for each row execute function record_touch();
