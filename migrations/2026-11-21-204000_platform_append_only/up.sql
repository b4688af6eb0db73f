-- Emptied at once is altered too.
create trigger no_truncate before truncate on events for each statement execute function append_only();
create trigger no_truncate before truncate on event_seals for each statement execute function append_only();
create trigger append_only before update or delete on event_seals for each row execute function append_only();
create trigger no_truncate before truncate on sign_ins for each statement execute function append_only();
