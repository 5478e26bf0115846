-- name: get_totp(person)^
-- Since when somebody signs in with one-time codes, and how many recovery codes they have left.
select
    (
        select totp.confirmed_at from totp
        where totp.person_id = :person
    ) as confirmed_at,
    (
        select count(*) from recovery_code
        where recovery_code.person_id = :person and recovery_code.used_at is null
    ) as recovery_codes_left;

-- name: has_totp(person)$
-- Whether somebody signs in with one-time codes.
select exists (
    select from totp
    where totp.person_id = :person and totp.confirmed_at is not null
);

-- name: find_password(person)$
-- What somebody's present password is checked against.
select password_hash from person
where id = :person and state = 'active';

-- name: keep_pending(person, secret)!
-- A secret that waits to be confirmed.
insert into totp (person_id, pending_secret, pending_since) values (:person, :secret, clock_timestamp())
on conflict (person_id) do update
set pending_secret = excluded.pending_secret, pending_since = excluded.pending_since;

-- name: lock_pending(person)$
-- The secret that waits to be confirmed, for half an hour at the most.
select pending_secret from totp
where person_id = :person and pending_since > now() - interval '30 minutes'
for update;

-- name: confirm(person, step)!
-- The pending secret is the one that counts from now on.
update totp set
    secret = pending_secret,
    confirmed_at = clock_timestamp(),
    last_step = :step,
    pending_secret = null,
    pending_since = null
where person_id = :person;

-- name: remove(person)!
-- Somebody signs in without one-time codes.
delete from totp
where person_id = :person;

-- name: void_recovery_codes(person)!
-- Somebody's recovery codes are worth nothing any more.
delete from recovery_code
where person_id = :person;

-- name: add_recovery_code(person, code_hash)!
-- A recovery code, of which the hash is kept.
insert into recovery_code (person_id, code_hash) values (:person, :code_hash);

-- name: end_other_sessions(person, session)!
-- Somebody is signed out everywhere, but for one session where it is named.
update session set ended_at = clock_timestamp(), ended_because = 'totp_change'
where person_id = :person and ended_at is null and id is distinct from :session::uuid;

-- name: person_exists(person)$
-- Whether there is such an account.
select exists (
    select from person
    where person.id = :person and person.state <> 'erased'
);

-- name: record_attempt()$
-- The trail hears of something that was tried and changed nothing.
select record_attempt('accounts');
