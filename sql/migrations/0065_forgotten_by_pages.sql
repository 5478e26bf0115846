-- Old sign-ins are forgotten a page at a time, and what the trail withholds of them is found by an index.
-- depends: 0064_facts_planned_once

-- migrate: apply

-- Which changes are about a session or a link, so that nobody reads the whole trail for them.
create index trail_change_of_sign_in on trail_change ((row_key ->> 'id'))
where table_name in ('session', 'one_time_link');

-- A link that goes takes its mail along, which is looked for.
create index mail_of_link on mail (link_id) where link_id is not null;

drop function forget_sign_ins(integer);

-- Sessions and links that ended so many days ago are gone, at most a page of each, and with them what hides behind
-- the trail's digests of them. A step's changes are counted anew for each, so that all at once would take the square
-- of their number. Returns how many are gone.
create function forget_sign_ins(days integer, page integer default 500) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
-- By the indexes, whatever is known of the tables: after a restore, nothing is.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    since timestamptz := clock_timestamp() - make_interval(days => greatest(days, 1));
    forgotten bigint;
begin
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

revoke all on function forget_sign_ins(integer, integer) from public;
grant execute on function forget_sign_ins(integer, integer) to editorial_app;

-- migrate: rollback
