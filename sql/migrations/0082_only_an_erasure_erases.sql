-- Salts and notes go with a person who is erased in the same step, or with a sign-in that is forgotten, and in no other.
-- depends: 0081_bytes_that_go_out

-- migrate: apply

-- The application could run this for a living person. Only `erase_person` does, which erases the person as well.
revoke execute on function erase_from_trail(uuid) from editorial_app;

-- As before, and only in the step that says so: the verifier takes a missing salt of a sign-in for nothing else.
create or replace function forget_sign_ins(days integer, page integer default 500) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    since timestamptz := clock_timestamp() - make_interval(days => greatest(days, 1));
    forgotten bigint;
begin
    if acting_context() ->> 'action' is distinct from 'forget_sign_ins'
        or acting_context() ->> 'actor_kind' is distinct from 'system' then
        raise exception 'sign-ins are forgotten in a step that says so'
            using errcode = 'insufficient_privilege', constraint = 'forgetting_sign_ins_says_so';
    end if;
    with old_session as (
        delete from session
        where session.id in (
            select id from session
            where coalesce(ended_at, expires_at) < since
            order by coalesce(ended_at, expires_at)
            limit page
            for update skip locked
        )
        returning id
    ),
    old_link as (
        delete from one_time_link
        where one_time_link.id in (
            select id from one_time_link
            where coalesce(used_at, expires_at) < since
            order by coalesce(used_at, expires_at)
            limit page
            for update skip locked
        )
        returning id
    ),
    gone as (
        select 'session' as table_name, id from old_session
        union all
        select 'one_time_link', id from old_link
    ),
    told as (
        delete from trail_salt
        using trail_change, gone
        where trail_change.entry_id = trail_salt.entry_id
            and trail_change.position = trail_salt.position
            and trail_change.table_name in ('session', 'one_time_link')
            and trail_change.table_name = gone.table_name
            and trail_change.row_key ->> 'id' = gone.id::text
    )
    select count(*) into forgotten from gone;
    return forgotten;
end
$$;

-- Only those who are there are erased, and once.
create or replace function erase_person(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not exists (select from person where id = erased and state <> 'erased') then
        raise exception 'there is no such person to erase'
            using errcode = 'insufficient_privilege', constraint = 'a_person_is_erased_once';
    end if;
    perform erase_from_trail(erased);
    delete from trail_salt
    using trail_change, trail_entry
    where trail_change.entry_id = trail_salt.entry_id
        and trail_change.position = trail_salt.position
        and trail_change.table_name = 'byline_holder'
        and trail_entry.id = trail_change.entry_id
        and coalesce(trail_entry.on_behalf_of, trail_entry.actor_id) = erased;
    delete from one_time_link where person_id = erased;
    delete from session where person_id = erased;
    delete from person_role where person_id = erased;
    delete from person_language where person_id = erased;
    update person set state = 'erased', email = null, display_name = null, password_hash = null
    where id = erased;
end
$$;

-- migrate: rollback
