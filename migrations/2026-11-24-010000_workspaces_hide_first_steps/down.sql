drop table hidden_steps;
