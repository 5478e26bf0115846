-- name: find_actor(session, person)^
-- Who stands behind an access token, as they are now, and whether the session still holds.
select
    person.id,
    person.mail_language as own_language,
    session.ended_because,
    session.ended_at is null and session.expires_at > now() and person.state = 'active' as holds,
    extract(epoch from session.expires_at - now())::double precision as seconds,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
    ) as languages,
    exists (
        select from totp
        where totp.person_id = person.id and totp.confirmed_at is not null
    ) as has_totp
from session
inner join person on person.id = session.person_id
where session.id = :session and person.id = :person;

-- name: find_service(token_hash)^
-- Which service stands behind a token, and whether its last use is worth noting again.
select
    service_token.id,
    service_token.scopes,
    extract(epoch from service_token.expires_at - now())::double precision as seconds,
    service_token_use.used_at is null or service_token_use.used_at < now() - interval '1 minute' as use_is_news
from service_token
left join service_token_use on service_token_use.token_id = service_token.id
where service_token.token_hash = :token_hash
    and service_token.revoked_at is null
    and service_token.expires_at > now();

-- name: note_use(id)!
-- A service token was used just now.
insert into service_token_use (token_id, used_at) values (:id, now())
on conflict (token_id) do update set used_at = greatest(service_token_use.used_at, excluded.used_at);

-- name: lock_signing_keys()$
-- Waits for whoever else is making keys at this moment.
select pg_advisory_xact_lock(hashtextextended('editorial.signing_key', 0));

-- name: list_signing_keys()
-- The keys that sign and verify access tokens, newest first.
select id, private_key, refresh_secret, signs_from <= clock_timestamp() as signs, retired_at from signing_key
where distrusted_at is null
order by signs_from desc, id;

-- name: list_all_signing_keys()
-- Every key there ever was, newest first, for whoever keeps the server.
select id, created_at, signs_from, retired_at, distrusted_at from signing_key
order by signs_from desc, id;

-- name: add_signing_key(id, private_key, refresh_secret, seconds)!
-- A new key. It is published from now on, and signs after a while.
insert into signing_key (id, private_key, refresh_secret, created_at, signs_from)
values (
    :id, :private_key, :refresh_secret, clock_timestamp(), clock_timestamp() + make_interval(secs => :seconds)
);

-- name: retire_signing_keys(seconds)!
-- The present keys sign nothing any more after a while; what they have signed runs out.
update signing_key set retired_at = clock_timestamp() + make_interval(secs => :seconds)
where retired_at is null;

-- name: distrust_signing_keys()!
-- Nothing that any of the present keys has made is taken any more.
update signing_key set distrusted_at = clock_timestamp()
where distrusted_at is null;

-- name: distrust_signing_key(id)$
-- Nothing that one retired key has made is taken any more.
update signing_key set distrusted_at = clock_timestamp()
where id = :id and retired_at <= clock_timestamp() and distrusted_at is null
returning id;
