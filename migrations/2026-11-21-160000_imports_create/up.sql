-- Files that people bring in: how each is read, how far it is, what it did, and how to take it back.

create table imports (
  id uuid not null,
  file_name text not null check (length(file_name) between 1 and 255),
  size bigint not null,
  format jsonb not null,
  header text[] not null,
  source text,
  state text not null default 'draft' check (state in
    ('draft', 'checking', 'checked', 'running', 'done', 'stopped', 'failed', 'undoing', 'undone')),
  -- Where each column goes, and what holds for all rows.
  plan jsonb not null,
  -- Rows before and with this one are written; the job goes on behind it.
  last_row bigint not null default 0,
  position bigint not null default 0,
  rows int not null default 0,
  created int not null default 0,
  updated int not null default 0,
  skipped int not null default 0,
  refused int not null default 0,
  noted int not null default 0,
  -- How often each kind of problem was met.
  problems jsonb not null default '{}',
  -- What the check found: the first problems, and what a run would do.
  preview jsonb,
  undone int not null default 0,
  kept int not null default 0,
  error text,
  stalls int not null default 0,
  created_by uuid default current_person(),
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
call tenant_table('imports');
alter table imports add foreign key (workspace_id, created_by) references members (workspace_id, person_id) on delete set null (created_by);
create index imports_by_created_at on imports (workspace_id, created_at desc, id desc);
create index imports_at_work on imports (workspace_id, updated_at) where state in ('checking', 'running', 'undoing');

-- What was wrong with a row, in the order of the file.
create table import_problems (
  import_id uuid not null,
  row bigint not null,
  seq int not null,
  line bigint not null,
  outcome text not null check (outcome in ('refused', 'skipped', 'noted')),
  kind text not null,
  column_name text not null default '',
  value text not null default '',
  reason text not null
);
call tenant_table('import_problems', 'import_id, row, seq');
alter table import_problems add foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete cascade;

-- What an import did to records that it may be asked to put back: the companies that it made, and the contacts that
-- were there before it, field by field as [before, after].
create table import_changes (
  import_id uuid not null,
  record_id uuid not null,
  kind text not null check (kind in ('company', 'contact')),
  changes jsonb not null default '{}',
  undone_at timestamptz
);
call tenant_table('import_changes', 'import_id, record_id');
alter table import_changes add foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete cascade;

alter table contacts add foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete set null (import_id);

-- An import finds companies by their names, whatever the case. A column, because behind the fence no index on an
-- expression is used.
alter table companies add column name_key text collate "und-x-icu" generated always as (lower(name)) stored;
create index companies_by_name_key on companies (workspace_id, name_key);
