-- Signing keys that change without a break, what a signed-in device is called, and the tokens of front-end servers.
-- depends: 0004_translation_tasks

-- migrate: apply

-- A new key is published before it signs: whoever keeps a copy of the key set knows it by then.
alter table signing_key add column signs_from timestamptz not null default now();
-- Nothing that a distrusted key has made is taken any more.
alter table signing_key add column distrusted_at timestamptz;
alter table signing_key add constraint a_distrusted_key_is_retired
check (distrusted_at is null or retired_at is not null);

-- A browser and a system, in a few words: neither versions nor addresses, which would lead to a person.
alter table session add column device text;
alter table session add constraint a_device_is_told_in_few_words check (length(device) between 1 and 60);
drop trigger trail on session;
drop trigger no_truncate on session;
call watch('session', 'accounts', '', 'id', 'device');

-- What the server of a front end signs in with. Only the hash of a token is kept.
create table service_token (
    id uuid primary key,
    name text not null,
    prefix text not null,
    token_hash bytea not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint a_service_token_has_a_name check (length(name) between 1 and 100),
    constraint a_service_token_has_known_scopes check (
        cardinality(scopes) > 0 and scopes <@ array['preview:read', 'events:read']
    ),
    constraint a_service_token_is_found_by_its_hash unique (token_hash)
);

-- When a token was used last, to the minute. Kept apart: the trail has no entry for each request of a server.
create table service_token_use (
    token_id uuid primary key references service_token (id),
    used_at timestamptz not null
);

call watch('service_token', 'accounts', '', 'id', 'token_hash');
grant select, insert, update on service_token, service_token_use to editorial_app;

-- migrate: rollback
