drop table widgets cascade;
drop function widgets_insert_records(), widgets_update_records(), widgets_delete_records();
