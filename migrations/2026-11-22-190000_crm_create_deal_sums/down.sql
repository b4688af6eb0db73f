drop trigger keep_sums_insert on deals;
drop trigger keep_sums_update on deals;
drop trigger keep_sums_delete on deals;
drop function deals_add_sums();
drop function deals_change_sums();
drop function deals_take_sums();
drop table deal_sums;
drop function deal_month(date);
