drop table saved_views, custom_fields, notifications, followers, tags, notes;
drop procedure record_table(regclass, text);
drop function record_touch();
drop function keep_tags(text[]);
drop type record_card;
drop table records;
