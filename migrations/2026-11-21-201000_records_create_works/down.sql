alter table notifications drop column path;
alter table events drop column act_id;
drop table works;
