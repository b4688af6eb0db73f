-- What somebody won and lost in a year is counted among theirs; among everybody's it took the dashboard as long as all the rest.
create index deals_closed_of_owner on deals (workspace_id, owner_id, status, closed_at) include (amount, currency)
  where archived_at is null and closed_at is not null;
