create table companies (
  id uuid not null,
  name text collate "und-x-icu" not null check (length(name) between 1 and 200),
  domain text check (length(domain) <= 253),
  kind text not null default 'prospect' check (kind in ('prospect', 'customer', 'partner', 'supplier', 'competitor', 'other')),
  status text not null default 'active' check (status in ('active', 'inactive', 'churned')),
  tier text not null default 'standard' check (tier in ('strategic', 'key', 'standard', 'small')),
  engagement text not null default 'medium' check (engagement in ('high', 'medium', 'low', 'none')),
  industry text not null default '',
  employees int check (employees >= 0),
  phone text not null default '',
  website text not null default '',
  address jsonb not null default '{}',
  description text not null default '' check (length(description) <= 20000),
  parent_id uuid,
  enrichment jsonb not null default '{}',
  search tsvector generated always as (search_words(name || ' ' || industry) || search_address(domain)) stored
);
create function companies_card(c companies) returns record_card language sql immutable parallel safe as $$
  select row(c.name, coalesce(c.domain, c.industry), c.search)::record_card $$;
call record_table('companies', 'company');
alter table companies add foreign key (workspace_id, parent_id) references companies (workspace_id, id) on delete set null (parent_id);
create index companies_by_name on companies (workspace_id, name, id) where archived_at is null;
create index companies_by_domain on companies (workspace_id, domain);
create index companies_by_parent on companies (workspace_id, parent_id);

create table contacts (
  id uuid not null,
  first_name text not null default '' check (length(first_name) <= 100),
  last_name text collate "und-x-icu" not null default '' check (length(last_name) <= 100),
  email text check (email = lower(email) and length(email) <= 254),
  phone text check (length(phone) <= 40),
  job_title text not null default '' check (length(job_title) <= 150),
  company_id uuid,
  company_role text not null default '',
  lifecycle_stage text not null default 'lead' check (lifecycle_stage in
    ('subscriber', 'lead', 'marketing_qualified', 'sales_qualified', 'opportunity', 'customer', 'evangelist', 'other')),
  lead_status text not null default 'new' check (lead_status in
    ('new', 'open', 'in_progress', 'open_deal', 'unqualified', 'attempted', 'connected', 'bad_timing')),
  lead_source text not null default 'other' check (lead_source in
    ('website', 'referral', 'campaign', 'social', 'event', 'phone', 'walk_in', 'partner', 'import', 'form', 'api', 'other')),
  more_emails jsonb not null default '[]',
  more_phones jsonb not null default '[]',
  addresses jsonb not null default '[]',
  city text not null default '',
  country text not null default '',
  zone text,
  birthday date,
  consent_email text not null default 'unknown' check (consent_email in ('unknown', 'given', 'withdrawn')),
  consent_sms text not null default 'unknown' check (consent_sms in ('unknown', 'given', 'withdrawn')),
  consent_phone text not null default 'unknown' check (consent_phone in ('unknown', 'given', 'withdrawn')),
  email_status text not null default 'ok' check (email_status in ('ok', 'bounced', 'complained', 'unsubscribed')),
  score int not null default 0,
  description text not null default '' check (length(description) <= 20000),
  lifecycle_changed_at timestamptz not null default now(),
  last_activity_at timestamptz,
  import_id uuid,
  search tsvector generated always as
    (search_words(first_name || ' ' || last_name || ' ' || coalesce(phone, '')) || search_address(email)) stored,
  check (first_name <> '' or last_name <> '' or email is not null or phone is not null)
);
create function contacts_card(c contacts) returns record_card language sql immutable parallel safe as $$
  select row(coalesce(nullif(trim(c.first_name || ' ' || c.last_name), ''), c.email, c.phone, ''), coalesce(c.email, c.job_title), c.search)::record_card $$;
call record_table('contacts', 'contact');
alter table contacts add foreign key (workspace_id, company_id) references companies (workspace_id, id) on delete set null (company_id);
create index contacts_by_name on contacts (workspace_id, last_name, id) where archived_at is null;
create index contacts_by_email on contacts (workspace_id, email, id);
create index contacts_by_phone on contacts (workspace_id, phone) where phone is not null;
create index contacts_by_company on contacts (workspace_id, company_id, created_at desc, id desc);
create index contacts_by_stage on contacts (workspace_id, lifecycle_stage, created_at desc, id desc) where archived_at is null;
create index contacts_by_score on contacts (workspace_id, score desc, id desc) where archived_at is null;
create index contacts_by_import on contacts (workspace_id, import_id) where import_id is not null;
