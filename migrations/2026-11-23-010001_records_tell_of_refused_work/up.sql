-- Of the records that a piece of work skipped: how many refused it, and which of them and why, as far as that is kept.
alter table works
  add column refused bigint not null default 0,
  add column refusals jsonb not null default '[]';
