do $$
declare t text;
begin
  foreach t in array array['contacts', 'companies', 'deals', 'tasks'] loop
    execute format('drop trigger keep_values_insert on %1$s; drop trigger keep_values_update on %1$s; drop trigger keep_values_delete on %1$s', t);
  end loop;
end $$;
drop procedure custom_table(regclass, text);
drop function keep_custom_values(), custom_words(jsonb), custom_number(numeric), folded_words(text[]), folded_word(text);
drop table custom_values;
alter table custom_fields drop column sought_at, drop column indexed_at;
