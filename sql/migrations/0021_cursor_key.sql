-- The key that cursors are sealed with: every process has to read what another has written.
-- depends: 0020_kept_answers

-- migrate: apply

create table cursor_key (
    secret bytea primary key,
    is_the_one boolean not null default true,
    constraint there_is_one_cursor_key unique (is_the_one),
    constraint a_cursor_key_is_the_one check (is_the_one),
    constraint a_cursor_key_is_long check (length(secret) = 64)
);

call watch('cursor_key', 'accounts', '', '', 'secret');
grant select on cursor_key to editorial_app;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into cursor_key (secret)
select sha512(string_agg(uuid_send(gen_random_uuid()), '')) from generate_series(1, 8);

-- migrate: rollback
