drop table mail_events, campaign_links, campaign_runs, campaign_counts, campaign_recipients, campaigns, suppressions,
  topic_opt_outs, topics, segment_members, segments, email_templates cascade;
drop function campaign_recipients_count();
drop function campaigns_insert_records(), campaigns_update_records(), campaigns_delete_records();
drop function segments_insert_records(), segments_update_records(), segments_delete_records();
drop function email_templates_insert_records(), email_templates_update_records(), email_templates_delete_records();
