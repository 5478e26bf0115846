-- name: lock_secret(person)$
-- What somebody's one-time codes are made of, locked: a code is good once.
select secret from totp
where person_id = :person and secret is not null
for update;

-- name: spend_step(person, step, secret)$
-- A code was shown: neither it nor an older one is good again.
update totp set last_step = :step, secret = :secret
where person_id = :person and last_step < :step
returning person_id;

-- name: spend_recovery_code(person, code_hash)$
-- A recovery code was shown, which is good once.
update recovery_code set used_at = clock_timestamp()
where person_id = :person and code_hash = :code_hash and used_at is null
returning person_id;
