-- A person can be erased, and old sign-ins are forgotten. What they did stays, under an id that leads to nobody.
-- depends: 0015_ids_without_a_time

-- migrate: apply

create index session_by_end on session (coalesce(ended_at, expires_at));
create index one_time_link_by_end on one_time_link (coalesce(used_at, expires_at));

-- Name, address, credentials, sessions, links and rights of a person go, and so do the salts of what the trail
-- withholds of them: who stood behind a byline among it. Only in the step `erase` on that person.
create function erase_person(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
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

-- Who stood behind the bylines of somebody who was erased is gone. A byline that signs a text stays on it.
create function forget_bylines(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    forgotten uuid[];
begin
    if not exists (select from person where id = erased and state = 'erased') then
        raise exception 'bylines are forgotten of somebody who was erased'
            using errcode = 'insufficient_privilege', constraint = 'only_the_erased_are_forgotten';
    end if;
    with gone as (
        delete from byline_holder where person_id = erased returning byline_id
    )
    select array_agg(byline_id) into forgotten from gone;
    delete from byline
    where id = any(forgotten) and not exists (select from commentary where commentary.byline_id = byline.id);
end
$$;

-- A salt is destroyed by an erasure or, where it hides what is kept of a sign-in, when that is forgotten.
create or replace function a_salt_is_only_destroyed() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'DELETE' and acting_context() ->> 'action' = 'erase' then
        return old;
    end if;
    if tg_op = 'DELETE' and acting_context() ->> 'action' = 'forget_sign_ins' and exists (
        select from trail_change
        where trail_change.entry_id = old.entry_id
            and trail_change.position = old.position
            and trail_change.table_name in ('session', 'one_time_link')
    ) then
        return old;
    end if;
    raise exception '% of trail_salt is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'trail_salt';
end
$$;

-- Sessions and links that ended so many days ago are gone, and with them what hides behind the trail's digests of
-- them: devices, the hashes of links. That somebody signed in then stays in the trail, by their id.
create function forget_sign_ins(days integer) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    since timestamptz := clock_timestamp() - make_interval(days => greatest(days, 1));
    forgotten bigint;
begin
    with old_session as (
        delete from session where coalesce(ended_at, expires_at) < since returning id
    ),
    old_link as (
        delete from one_time_link where coalesce(used_at, expires_at) < since returning id
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
            and trail_change.table_name = gone.table_name
            and trail_change.row_key = jsonb_build_object('id', gone.id)
    )
    select count(*) into forgotten from gone;
    return forgotten;
end
$$;

grant execute on function erase_person(uuid), forget_bylines(uuid), forget_sign_ins(integer) to editorial_app;

-- migrate: rollback
