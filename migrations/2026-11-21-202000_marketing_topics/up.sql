-- Topics can be put away without forgetting who refused them, and sequences are about one too.
alter table topics add column archived_at timestamptz;
alter table sequences add column topic_id uuid;
alter table sequences add foreign key (workspace_id, topic_id) references topics (workspace_id, id) on delete set null (topic_id);

-- A suppressed address is a row that people look at, page by page and newest first.
alter table suppressions add column id uuid not null default gen_random_uuid();
drop index suppressions_by_created_at;
create unique index suppressions_by_id on suppressions (workspace_id, id);
create index suppressions_by_created_at on suppressions (workspace_id, created_at desc, id desc);

create index topic_opt_outs_by_email on topic_opt_outs (workspace_id, email);

-- An unsubscription leaves every sequence at once; without this each one would read the enrolments of all time.
create index sequence_enrolments_active on sequence_enrolments (workspace_id, contact_id) where status = 'active';

-- Whoever keeps the list of suppressed addresses keeps the topics too.
alter table roles no force row level security;
update roles set permissions = jsonb_set(permissions, '{topics}', permissions -> 'suppressions')
where permissions ? 'suppressions' and not permissions ? 'topics';
alter table roles force row level security;
