-- A view opens in the layout that it was saved from: the board, the calendar.
alter table saved_views drop constraint saved_views_layout_check;
alter table saved_views add constraint saved_views_layout_check check (layout ~ '^[a-z]{1,30}$');
