drop trigger first_pipeline on workspaces;
drop function workspaces_first_pipeline(), make_first_pipeline(uuid, text);
drop table deal_moves, deal_contacts, deals, close_reasons, stages, pipelines cascade;
drop function deals_keep_moves(), deals_keep_move(), deals_insert_records(), deals_update_records(), deals_delete_records();
