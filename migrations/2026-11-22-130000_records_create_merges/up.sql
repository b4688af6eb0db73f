-- Several records that are about the same become one, and can be told apart again; and which ones look like the same.

create table merges (
  id uuid not null,
  record_kind text not null,
  into_id uuid not null,
  into_title text not null,
  from_ids uuid[] not null check (array_position(from_ids, null) is null),
  from_titles text[] not null check (array_position(from_titles, null) is null),
  person_id uuid,
  actor_name text not null default '',
  created_at timestamptz not null,
  undone_at timestamptz,
  undone_by text not null default ''
);
call tenant_table('merges');
-- Where the one that stayed is merged away itself, this points at the next one.
alter table merges add foreign key (workspace_id, into_id) references records (workspace_id, id) on delete cascade;
create index merges_by_record on merges (workspace_id, into_id, id desc);

-- Every row that a merge changed or put away, as it was, step by step: read backwards it undoes the merge.
create table merge_rows (
  merge_id uuid not null,
  seq bigint generated always as identity,
  step int not null,
  act text not null check (act in ('changed', 'removed')),
  table_name text not null,
  -- The part of the row that changed, where it is a column of jsonb.
  part text not null default '',
  key jsonb not null,
  was jsonb not null,
  became jsonb not null default '{}'
);
call tenant_table('merge_rows', 'merge_id, seq');
alter table merge_rows add foreign key (workspace_id, merge_id) references merges (workspace_id, id) on delete cascade;
create index merge_rows_by_step on merge_rows (workspace_id, merge_id, step);

-- Where a record that was merged away is found now.
create table merged_records (
  record_id uuid not null,
  into_id uuid not null,
  merge_id uuid not null
);
call tenant_table('merged_records', 'record_id');
alter table merged_records add foreign key (workspace_id, into_id) references records (workspace_id, id) on delete cascade;
alter table merged_records add foreign key (workspace_id, merge_id) references merges (workspace_id, id) on delete cascade;
create index merged_records_by_into on merged_records (workspace_id, into_id);
create index merged_records_by_merge on merged_records (workspace_id, merge_id);

-- Two records that look like the same. No foreign keys: a record that is merged away leaves its pairs as they are, unseen,
-- and finds them again if it comes back.
create table duplicate_pairs (
  id uuid not null default new_id(),
  record_kind text not null,
  a_id uuid not null,
  b_id uuid not null check (a_id < b_id),
  score int not null check (score between 0 and 100),
  reasons text[] not null check (array_position(reasons, null) is null),
  state text not null default 'open' check (state in ('open', 'dismissed')),
  scan_id uuid,
  found_at timestamptz not null,
  dismissed_at timestamptz,
  dismissed_by uuid
);
call tenant_table('duplicate_pairs');
alter table duplicate_pairs add unique (workspace_id, record_kind, a_id, b_id);
create index duplicate_pairs_open on duplicate_pairs (workspace_id, record_kind, state, score desc, id desc);
create index duplicate_pairs_by_b on duplicate_pairs (workspace_id, b_id);

-- When each kind of record was last looked through, and what came of it.
create table duplicate_scans (
  record_kind text not null,
  scan_id uuid not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  compared bigint not null default 0,
  found bigint not null default 0,
  -- Groups too large to be about the same person, such as all who share an address of the house.
  passed_over bigint not null default 0
);
call tenant_table('duplicate_scans', 'record_kind');

alter table works drop constraint works_kind_check;
alter table works add constraint works_kind_check check (kind in ('export', 'bulk', 'scan'));

-- The end of a number is the same however it is written. A column, because behind the fence no index on an expression is used.
alter table contacts add column phone_key text
  generated always as (nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 8), '')) stored;
create index contacts_by_phone_key on contacts (workspace_id, phone_key) where phone_key is not null;
alter table companies add column phone_key text
  generated always as (nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 8), '')) stored;
create index companies_by_phone_key on companies (workspace_id, phone_key) where phone_key is not null;

-- Without it, each contact that is merged away would read all mails of all sequences.
create index sequence_mails_by_contact on sequence_mails (workspace_id, contact_id);
