-- When somebody last heard of a contact or a colleague wrote about them: what they opened, clicked or sent in, and notes.
-- What is sent to many isn't an activity of theirs.
create function contacts_keep_activity() returns trigger language plpgsql as $$
begin
  update contacts set last_activity_at = new.at
  where workspace_id = new.workspace_id and id = new.record_id and (last_activity_at is null or last_activity_at < new.at);
  return null;
end $$;
create trigger keep_activity after insert on events for each row
  when (new.record_kind = 'contact' and new.kind in ('contact.email_opened', 'contact.email_clicked', 'form.submitted', 'note.created'))
  execute function contacts_keep_activity();

-- An activity is no change of the record: whoever edits it meanwhile has nothing to merge.
drop trigger touch on contacts;
create trigger touch before update on contacts for each row
  when (new.last_activity_at is not distinct from old.last_activity_at) execute function record_touch();

-- Nothing that `records` keeps of them changes.
alter table contacts disable trigger keep_records_update;
update contacts c set last_activity_at = e.at
from (select workspace_id, record_id, max(at) at from events
  where record_kind = 'contact' and kind in ('contact.email_opened', 'contact.email_clicked', 'form.submitted', 'note.created')
  group by workspace_id, record_id) e
where c.workspace_id = e.workspace_id and c.id = e.record_id;
alter table contacts enable trigger keep_records_update;
