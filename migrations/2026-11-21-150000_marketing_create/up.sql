-- E-mail to many: what is written, to whom it goes, and what became of each mail.

create table email_templates (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 150),
  subject text not null default '' check (length(subject) <= 500),
  body text not null default '' check (length(body) <= 524288),
  body_text text not null default '' check (length(body_text) <= 524288),
  search tsvector generated always as (search_words(name || ' ' || subject)) stored
);
create function email_templates_card(t email_templates) returns record_card language sql immutable parallel safe as $$
  select row(t.name, t.subject, t.search)::record_card $$;
call record_table('email_templates', 'email_template');
create index email_templates_by_name on email_templates (workspace_id, name, id) where archived_at is null;

-- A dynamic segment is a filter over contacts; a static one is the contacts that were put into it.
create table segments (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 150),
  description text not null default '' check (length(description) <= 2000),
  kind text not null default 'dynamic' check (kind in ('dynamic', 'static')),
  filter jsonb not null default '{"and": []}',
  search tsvector generated always as (search_words(name || ' ' || description)) stored
);
create function segments_card(s segments) returns record_card language sql immutable parallel safe as $$
  select row(s.name, s.description, s.search)::record_card $$;
call record_table('segments', 'segment');
create index segments_by_name on segments (workspace_id, name, id) where archived_at is null;

create table segment_members (
  segment_id uuid not null,
  contact_id uuid not null,
  added_by uuid default current_person(),
  added_at timestamptz not null default now()
);
call tenant_table('segment_members', 'segment_id, contact_id');
alter table segment_members add foreign key (workspace_id, segment_id) references segments (workspace_id, id) on delete cascade;
alter table segment_members add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
create index segment_members_by_contact on segment_members (workspace_id, contact_id);

create table topics (
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  description text not null default '' check (length(description) <= 500),
  position int not null default 0,
  created_at timestamptz not null default now()
);
call tenant_table('topics');
create unique index topics_by_name on topics (workspace_id, lower(name));

-- Addresses that want no mail on a topic; the absence of a row is the wish to have it.
create table topic_opt_outs (
  topic_id uuid not null,
  email text not null check (email = lower(email) and length(email) <= 254),
  at timestamptz not null default now()
);
call tenant_table('topic_opt_outs', 'topic_id, email');
alter table topic_opt_outs add foreign key (workspace_id, topic_id) references topics (workspace_id, id) on delete cascade;

-- Addresses that get no mail at all.
create table suppressions (
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  reason text not null check (reason in ('unsubscribed', 'bounced', 'complained', 'manual')),
  source text not null default '' check (length(source) <= 200),
  created_by uuid default current_person(),
  created_at timestamptz not null default now()
);
call tenant_table('suppressions', 'email');
create index suppressions_by_created_at on suppressions (workspace_id, created_at desc, email);

-- What is sent is kept in `content` from the start of sending on: a template may be edited meanwhile.
create table campaigns (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 150),
  status text not null default 'draft' check (status in ('draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
  subject text not null default '' check (length(subject) <= 500),
  sender_name text not null default '' check (length(sender_name) <= 150),
  sender_email text not null default '' check (length(sender_email) <= 254),
  reply_to text not null default '' check (length(reply_to) <= 254),
  template_id uuid,
  segment_id uuid,
  topic_id uuid,
  content jsonb,
  problem text not null default '',
  scheduled_at timestamptz,
  started_at timestamptz,
  snapshot_at timestamptz,
  finished_at timestamptz,
  search tsvector generated always as (search_words(name || ' ' || subject)) stored
);
create function campaigns_card(c campaigns) returns record_card language sql immutable parallel safe as $$
  select row(c.name, c.subject, c.search)::record_card $$;
call record_table('campaigns', 'campaign');
alter table campaigns add foreign key (workspace_id, template_id) references email_templates (workspace_id, id);
alter table campaigns add foreign key (workspace_id, segment_id) references segments (workspace_id, id);
alter table campaigns add foreign key (workspace_id, topic_id) references topics (workspace_id, id) on delete set null (topic_id);
create index campaigns_by_name on campaigns (workspace_id, name, id) where archived_at is null;
create index campaigns_due on campaigns (workspace_id, scheduled_at) where status = 'scheduled';

create table campaign_recipients (
  id uuid not null,
  campaign_id uuid not null,
  contact_id uuid,
  email text not null,
  status text not null default 'pending' check (status in ('pending', 'claimed', 'sent', 'failed', 'skipped', 'held')),
  attempts smallint not null default 0,
  claimed_by uuid,
  not_before timestamptz,
  sent_at timestamptz,
  error text not null default '',
  opened_at timestamptz,
  clicked_at timestamptz,
  unsubscribed_at timestamptz
) with (fillfactor = 70);
call tenant_table('campaign_recipients');
alter table campaign_recipients add foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade;
alter table campaign_recipients add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id);
create index campaign_recipients_to_send on campaign_recipients (workspace_id, campaign_id, id) where status in ('pending', 'claimed');
create index campaign_recipients_amiss on campaign_recipients (workspace_id, campaign_id, status, id) where status in ('failed', 'skipped', 'held');
create index campaign_recipients_by_contact on campaign_recipients (workspace_id, contact_id, campaign_id);
create index campaign_recipients_by_campaign on campaign_recipients (workspace_id, campaign_id, id);

-- Sums over a campaign's recipients, kept by the trigger below so that progress costs one row.
create table campaign_counts (
  campaign_id uuid not null,
  recipients bigint not null default 0,
  sent bigint not null default 0,
  failed bigint not null default 0,
  skipped bigint not null default 0,
  held bigint not null default 0,
  opened bigint not null default 0,
  clicked bigint not null default 0,
  unsubscribed bigint not null default 0
) with (fillfactor = 50);
call tenant_table('campaign_counts', 'campaign_id');
alter table campaign_counts add foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade;

create function campaign_recipients_count() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into campaign_counts as c (workspace_id, campaign_id, recipients, skipped)
    select workspace_id, campaign_id, count(*), count(*) filter (where status = 'skipped') from new_rows group by 1, 2
    on conflict (workspace_id, campaign_id) do update
      set recipients = c.recipients + excluded.recipients, skipped = c.skipped + excluded.skipped;
  else
    update campaign_counts c set
      sent = c.sent + d.sent, failed = c.failed + d.failed, skipped = c.skipped + d.skipped, held = c.held + d.held,
      opened = c.opened + d.opened, clicked = c.clicked + d.clicked, unsubscribed = c.unsubscribed + d.unsubscribed
    from (
      select workspace_id, campaign_id,
        coalesce(sum(n) filter (where status = 'sent'), 0) sent, coalesce(sum(n) filter (where status = 'failed'), 0) failed,
        coalesce(sum(n) filter (where status = 'skipped'), 0) skipped, coalesce(sum(n) filter (where status = 'held'), 0) held,
        coalesce(sum(n) filter (where opened_at is not null), 0) opened,
        coalesce(sum(n) filter (where clicked_at is not null), 0) clicked,
        coalesce(sum(n) filter (where unsubscribed_at is not null), 0) unsubscribed
      from (select 1 n, * from new_rows union all select -1, * from old_rows) both_rows
      group by 1, 2
    ) d
    where c.workspace_id = d.workspace_id and c.campaign_id = d.campaign_id
      and (d.sent, d.failed, d.skipped, d.held, d.opened, d.clicked, d.unsubscribed) <> (0, 0, 0, 0, 0, 0, 0);
  end if;
  return null;
end $$;
create trigger count_inserted after insert on campaign_recipients referencing new table as new_rows
  for each statement execute function campaign_recipients_count();
create trigger count_updated after update on campaign_recipients referencing old table as old_rows new table as new_rows
  for each statement execute function campaign_recipients_count();

-- Who is sending a campaign at present; one run at a time.
create table campaign_runs (
  campaign_id uuid not null,
  run_id uuid not null,
  node_id uuid not null,
  seen_at timestamptz not null
);
call tenant_table('campaign_runs', 'campaign_id');
alter table campaign_runs add foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade;

create table campaign_links (
  campaign_id uuid not null,
  number int not null,
  url text not null,
  clicks bigint not null default 0,
  readers bigint not null default 0
);
call tenant_table('campaign_links', 'campaign_id, number');
alter table campaign_links add foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade;

-- What readers did, and what their servers said: by the million, so no records and no timeline.
create table mail_events (
  id uuid not null,
  kind text not null check (kind in ('open', 'click', 'unsubscribe', 'resubscribe', 'bounce', 'complaint')),
  source text not null check (source in ('campaign', 'sequence', 'single')),
  recipient_id uuid not null,
  campaign_id uuid,
  contact_id uuid,
  link int,
  user_agent text not null default '',
  at timestamptz not null
);
call tenant_table('mail_events');
alter table mail_events add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id);
create index mail_events_by_campaign on mail_events (workspace_id, campaign_id, kind, at) where campaign_id is not null;
create index mail_events_by_contact on mail_events (workspace_id, contact_id, at desc) where contact_id is not null;
create index mail_events_by_recipient on mail_events (workspace_id, recipient_id);
