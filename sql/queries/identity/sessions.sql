-- name: find_credentials(email)^
-- What a sign-in is checked against.
select
    person.id,
    person.password_hash,
    person.state = 'active' as is_active,
    exists (
        select from totp
        where totp.person_id = person.id and totp.confirmed_at is not null
    ) as has_totp
from person
where lower(person.email) = lower(:email);

-- name: start_session(id, person, password_hash, has_totp, days, device)$
-- A session for somebody who is active and still has what was checked: the password, one-time codes or none.
insert into session (id, person_id, device, created_at, rotated_at, expires_at)
select
    :id,
    checked.id,
    :device,
    clock_timestamp(),
    clock_timestamp(),
    clock_timestamp() + make_interval(days => :days)
from (
    select person.id from person
    where person.id = :person and person.state = 'active' and person.password_hash = :password_hash
        and :has_totp::boolean = exists (
            select from totp
            where totp.person_id = person.id and totp.confirmed_at is not null
        )
    for share
) as checked
returning session.id;

-- name: lock_session(id)^
-- A session, locked: of two that refresh at once, the second one sees what the first one did.
select
    session.person_id,
    session.generation,
    session.ended_because,
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
select id, device, created_at, rotated_at, expires_at from session
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

-- name: end_sessions(person, because)!
-- All of somebody's sessions are over.
update session set ended_at = clock_timestamp(), ended_because = :because
where person_id = :person and ended_at is null;

-- name: record_attempt()$
-- The trail hears of something that was tried and changed nothing.
select record_attempt('accounts');
