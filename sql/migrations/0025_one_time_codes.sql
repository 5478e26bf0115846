-- One-time codes (TOTP, RFC 6238), and the codes that stand in for a lost telephone.
-- depends: 0024_mail_and_attempts

-- migrate: apply

-- `secret` proves who signs in; `pending_secret` takes its place once its owner has shown a code of it. Both are
-- sealed where the settings have a key for that. A code is good once: `last_step` is the time step of the last one.
create table totp (
    person_id uuid primary key references person (id),
    secret bytea,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    pending_secret bytea,
    pending_since timestamptz,
    constraint a_one_time_secret_is_confirmed check ((secret is null) = (confirmed_at is null)),
    constraint a_pending_secret_has_a_beginning check ((pending_secret is null) = (pending_since is null))
);

create table recovery_code (
    person_id uuid not null references person (id),
    code_hash bytea not null,
    used_at timestamptz,
    primary key (person_id, code_hash)
);

call watch('totp', 'accounts', '', 'person_id', 'secret,pending_secret,last_step');
call watch('recovery_code', 'accounts', '', 'person_id', 'code_hash');
grant select, insert, update, delete on totp, recovery_code to editorial_app;

alter table session drop constraint a_session_ends_for_a_known_reason;
alter table session add constraint a_session_ends_for_a_known_reason check (
    ended_because in ('sign_out', 'deactivation', 'password_change', 'refresh_reuse', 'erasure', 'totp_change')
);

-- Whoever is erased leaves no secret and no mail that waits for them, however the erasure goes about it.
create function forget_second_proofs() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    delete from totp where person_id = new.id;
    delete from recovery_code where person_id = new.id;
    delete from mail where person_id = new.id;
    return null;
end
$$;

create trigger forget_second_proofs after update of state on person
for each row when (new.state = 'erased') execute function forget_second_proofs();

-- migrate: rollback
