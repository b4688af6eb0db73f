drop table job_outcomes;
drop table job_schedules;
drop table queue_pauses;
drop table jobs;
