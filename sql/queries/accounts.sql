-- name: find_actor(session, person)^
-- Who stands behind an access token, as they are now, and whether the session still holds.
select
    person.id,
    session.ended_at is null and session.expires_at > now() and person.state = 'active' as holds,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
    ) as languages
from session
inner join person on person.id = session.person_id
where session.id = :session and person.id = :person;

-- name: lock_signing_keys()$
-- Waits for whoever else is making keys at this moment.
select pg_advisory_xact_lock(hashtextextended('editorial.signing_key', 0));

-- name: list_signing_keys()
-- The keys that sign and verify access tokens, newest first.
select id, private_key, refresh_secret, retired_at from signing_key
order by created_at desc, id;

-- name: add_signing_key(id, private_key, refresh_secret)!
-- A new key. It signs from now on.
insert into signing_key (id, private_key, refresh_secret, created_at)
values (:id, :private_key, :refresh_secret, clock_timestamp());

-- name: retire_signing_keys()!
-- The present keys sign nothing any more; what they have signed runs out.
update signing_key set retired_at = clock_timestamp()
where retired_at is null;

-- name: find_credentials(email)^
-- What a sign-in is checked against.
select id, password_hash, state = 'active' as is_active from person
where lower(email) = lower(:email);

-- name: find_own_credentials(person)^
-- What a change of one's own password is checked against.
select id, password_hash from person
where id = :person and state = 'active';

-- name: start_session(id, person, password_hash, days)$
-- A session for somebody who is active and still has the password that was checked.
insert into session (id, person_id, created_at, rotated_at, expires_at)
select :id, checked.id, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(days => :days)
from (
    select person.id from person
    where person.id = :person and person.state = 'active' and person.password_hash = :password_hash
    for share
) as checked
returning session.id;

-- name: lock_session(id)^
-- A session, locked: of two that refresh at once, the second one sees what the first one did.
select
    session.person_id,
    session.generation,
    clock_timestamp() - session.rotated_at as since_rotation,
    session.ended_at is null and session.expires_at > clock_timestamp() and person.state = 'active' as holds
from session
inner join person on person.id = session.person_id
where session.id = :id
for update of session;

-- name: rotate_session(id)$
-- The next generation of a session's refresh token.
update session set generation = generation + 1, rotated_at = clock_timestamp()
where id = :id
returning generation;

-- name: list_sessions(person, after, page)
-- Somebody's own devices that are signed in, newest first.
select id, created_at, rotated_at, expires_at from session
where person_id = :person
    and ended_at is null
    and expires_at > now()
    and (:after::uuid is null or id < :after)
order by id desc
limit :page;

-- name: end_session(id, person, because)$
-- One of somebody's own sessions is over.
update session set ended_at = clock_timestamp(), ended_because = :because
where id = :id and person_id = :person and ended_at is null and expires_at > now()
returning id;

-- name: end_sessions(person, except_session, because)!
-- All of somebody's sessions are over, but for one where it is named.
update session set ended_at = clock_timestamp(), ended_because = :because
where person_id = :person and ended_at is null and id is distinct from :except_session::uuid;

-- name: record_attempt()$
-- The trail hears of something that was tried and changed nothing.
select record_attempt('accounts');

-- name: find_link(token_hash)$
-- Whose link this is, while it is good.
select person.id
from one_time_link
inner join person on person.id = one_time_link.person_id
where one_time_link.token_hash = :token_hash
    and one_time_link.used_at is null
    and one_time_link.expires_at > now()
    and person.state in ('invited', 'active');

-- name: set_password(person, password_hash)$
-- A password for somebody who was invited, or has lost theirs. Whoever has one is active.
update person set password_hash = :password_hash, state = 'active'
where id = :person and state in ('invited', 'active')
returning id;

-- name: spend_link(token_hash)$
-- A link is good for one use, for one of those who try it at once.
update one_time_link set used_at = clock_timestamp()
where token_hash = :token_hash and used_at is null and expires_at > clock_timestamp()
returning id;

-- name: void_links(person)!
-- The links that somebody has not used lead nowhere any more.
update one_time_link set used_at = clock_timestamp()
where person_id = :person and used_at is null;

-- name: change_password(person, was, password_hash)$
-- A new password in place of the one that was checked.
update person set password_hash = :password_hash
where id = :person and state = 'active' and password_hash = :was
returning id;

-- name: get_me(person)^
-- What somebody may know of their own account.
select
    person.id,
    person.display_name,
    person.email,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
        order by person_role.role
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
        order by person_language.language
    ) as languages,
    array(select own.name from bylines_of(person.id) as own) as bylines
from person
where person.id = :person;

-- name: take_byline(id, name)$
-- A byline of that name for the person who acts, or the one they have already.
select take_byline(:id, :name);
