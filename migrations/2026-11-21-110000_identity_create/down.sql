drop table idempotency_keys, sign_ins;
drop function api_key_holder(bytea);
drop table api_keys, refresh_tokens, password_tokens, sessions;
