-- Answers that are kept for a day, so that a request that is sent twice is carried out once.
-- depends: 0004_translation_tasks

-- migrate: apply

-- Found by a hash of who asked and their Idempotency-Key, and sealed with that key: without it nobody reads
-- whose it is or what it says. Emptied when somebody is erased, for any of them may name that person.
create table kept_answer (
    id bytea primary key,
    sealed bytea,
    kept_at timestamptz not null default clock_timestamp(),
    constraint a_kept_answer_is_found_by_a_hash check (length(id) = 32)
);

create index kept_answer_by_age on kept_answer (kept_at);

-- Only one request with this key at a time gets past here, and none after one that was carried out.
create function begin_keyed_request(wanted bytea) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not pg_try_advisory_xact_lock(('x' || encode(substr(wanted, 1, 8), 'hex'))::bit(64)::bigint) then
        raise exception 'a request with this key is running'
            using errcode = 'check_violation', constraint = 'a_keyed_request_runs_once', table = 'kept_answer';
    end if;
    if exists (
        select from kept_answer
        where kept_answer.id = wanted and kept_answer.kept_at > clock_timestamp() - interval '24 hours'
    ) then
        raise exception 'a request with this key was carried out'
            using errcode = 'check_violation', constraint = 'a_keyed_request_is_done_once', table = 'kept_answer';
    end if;
end
$$;

-- Keeps the answer of a request that changed something, in the transaction of the change and as a part of
-- its step in the trail. Of a request that changed nothing there is nothing to keep.
create function keep_answer(wanted bytea, answer bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    step jsonb;
begin
    select jsonb_build_object(
        'actor_kind', entry.actor_kind,
        'actor', entry.actor_id,
        'on_behalf_of', entry.on_behalf_of,
        'action', entry.action,
        'object_kind', entry.object_kind,
        'object', entry.object_id,
        'request', entry.request_id,
        'note', entry.note
    )
    into step
    from trail_entry as entry
    where entry.transaction = pg_current_xact_id() and entry.cluster = cluster_identifier()
    order by entry.id
    limit 1;
    if step is null then
        return;
    end if;
    perform set_config('editorial.context', step::text, true);
    insert into kept_answer (id, sealed) values (wanted, answer)
    on conflict (id) do update set sealed = excluded.sealed, kept_at = excluded.kept_at;
end
$$;

-- What was answered about somebody does not outlive their erasure, whoever asked.
create function empty_kept_answers() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    update kept_answer set sealed = null where kept_answer.sealed is not null;
    return null;
end
$$;

create trigger an_erasure_empties_kept_answers after update of state on person for each row
when (new.state = 'erased' and old.state <> 'erased')
execute function empty_kept_answers();
alter table person enable always trigger an_erasure_empties_kept_answers;

-- That an answer was kept is told, never which.
call watch('kept_answer', 'accounts', '', '', 'id,sealed,kept_at');

grant select, delete on kept_answer to editorial_app;
grant execute on function begin_keyed_request(bytea), keep_answer(bytea, bytea) to editorial_app;

-- migrate: rollback
