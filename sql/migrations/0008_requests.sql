-- Requests: idempotency records and the key that encrypts cursors.
-- depends: 0007_search

-- migrate: apply

create table idempotency_record (
    id bytea primary key,
    sealed bytea,
    kept_at timestamptz not null default clock_timestamp(),
    constraint a_kept_answer_is_found_by_a_hash check (length(id) = 32)
);

comment on table idempotency_record is
'The first answer to each idempotency key, encrypted with the key itself, for 24 hours.';

create index idempotency_record_by_age on idempotency_record (kept_at);

grant select on idempotency_record to editorial_app;

create table cursor_key (
    secret bytea primary key,
    is_the_one boolean not null default true,
    constraint there_is_one_cursor_key unique (is_the_one),
    constraint a_cursor_key_is_the_one check (is_the_one),
    constraint a_cursor_key_is_long check (length(secret) = 64)
);

comment on table cursor_key is
'The secret that encrypts list cursors.';

grant select on cursor_key to editorial_app;

-- Only one request with this key at a time gets past here, and none after one that was carried out.
create function begin_idempotent_request(wanted bytea) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not pg_try_advisory_xact_lock(('x' || encode(substr(wanted, 1, 8), 'hex'))::bit(64)::bigint) then
        raise exception 'a request with this key is running'
            using errcode = 'check_violation', constraint = 'a_keyed_request_runs_once', table = 'idempotency_record';
    end if;
    if exists (
        select from idempotency_record
        where idempotency_record.id = wanted and idempotency_record.kept_at > clock_timestamp() - interval '24 hours'
    ) then
        raise exception 'a request with this key was carried out'
            using errcode = 'check_violation', constraint = 'a_keyed_request_is_done_once', table = 'idempotency_record';
    end if;
end
$$;

-- Keeps the answer of a request that changed something, in the transaction of the change, which has an audit entry by
-- then. A request that changed nothing has no answer to keep.
create function keep_idempotency_record(wanted bytea, answer bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if exists (
        select from audit_entry as entry
        where entry.transaction = pg_current_xact_id() and entry.cluster = cluster_identifier()
    ) then
        insert into idempotency_record (id, sealed) values (wanted, answer)
        on conflict (id) do update set sealed = excluded.sealed, kept_at = excluded.kept_at;
    end if;
end
$$;

-- Answers about a person do not outlive the person's erasure.
create function empty_idempotency_records() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    update idempotency_record set sealed = null where idempotency_record.sealed is not null;
    return null;
end
$$;

-- Deletes answers after a day. `now()`, not `clock_timestamp()`, which no index can serve; and no sequential scan, which
-- Postgres would choose without statistics.
create function forget_idempotency_records() returns void
language sql security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
begin atomic
    delete from idempotency_record
    where idempotency_record.kept_at < now() - interval '24 hours';
end;

create trigger an_erasure_empties_idempotency_records after update of state on person for each row
when (new.state = 'erased' and old.state <> 'erased')
execute function empty_idempotency_records();
alter table person enable always trigger an_erasure_empties_idempotency_records;

create trigger no_truncate before truncate on idempotency_record for each statement execute function refuse_change();
alter table idempotency_record enable always trigger no_truncate;

call watch('cursor_key', 'accounts', '', '', 'secret');

grant execute on function begin_idempotent_request(bytea), keep_idempotency_record(bytea, bytea), forget_idempotency_records()
to editorial_app;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into cursor_key (secret)
select sha512(string_agg(uuid_send(gen_random_uuid()), '')) from generate_series(1, 8);

-- migrate: rollback
