-- A view of the board keeps which pipeline it showed.
alter table saved_views add column beside jsonb not null default '{}' check (jsonb_typeof(beside) = 'object');
