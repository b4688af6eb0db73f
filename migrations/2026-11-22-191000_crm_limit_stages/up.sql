-- How many deals somebody wants to stand in a stage at once; a board marks what is above it.
alter table stages add column wip_limit int check (wip_limit between 1 and 100000);
