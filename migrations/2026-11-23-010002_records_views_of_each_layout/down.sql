update saved_views set layout = 'table' where layout <> 'table';
alter table saved_views drop constraint saved_views_layout_check;
alter table saved_views add constraint saved_views_layout_check check (layout = 'table');
