alter table works
  drop column refused,
  drop column refusals;
