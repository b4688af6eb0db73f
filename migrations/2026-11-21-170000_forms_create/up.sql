-- Public forms: what a visitor fills in, and what became of it.

create table forms (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 150),
  status text not null default 'draft' check (status in ('draft', 'published', 'closed')),
  intro text not null default '' check (length(intro) <= 5000),
  fields jsonb not null default '[]',
  button text not null default 'Send' check (length(button) between 1 and 60),
  thanks text not null default 'Thank you.' check (length(thanks) <= 2000),
  redirect_url text check (length(redirect_url) <= 2000),
  add_tags text[] not null default '{}' check (coalesce(array_length(add_tags, 1), 0) <= 20 and array_position(add_tags, null) is null),
  sequence_id uuid,
  closes_at timestamptz,
  submissions bigint not null default 0,
  search tsvector generated always as (search_words(name)) stored
);
create function forms_card(f forms) returns record_card language sql immutable parallel safe as $$
  select row(f.name, f.status, f.search)::record_card $$;
call record_table('forms', 'form');
create index forms_by_name on forms (workspace_id, name, id) where archived_at is null;

create table form_submissions (
  id uuid not null,
  form_id uuid not null,
  contact_id uuid,
  answers jsonb not null,
  ip text not null default '',
  referrer text not null default '',
  created_at timestamptz not null default now()
);
call tenant_table('form_submissions');
alter table form_submissions add foreign key (workspace_id, form_id) references forms (workspace_id, id) on delete cascade;
alter table form_submissions add foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id);
create index form_submissions_by_form on form_submissions (workspace_id, form_id, created_at desc, id desc);
create index form_submissions_by_contact on form_submissions (workspace_id, contact_id);
