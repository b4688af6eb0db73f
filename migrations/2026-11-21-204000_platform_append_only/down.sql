drop trigger no_truncate on events;
drop trigger no_truncate on event_seals;
drop trigger append_only on event_seals;
drop trigger no_truncate on sign_ins;
