alter table stages drop column wip_limit;
