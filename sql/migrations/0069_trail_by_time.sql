-- The trail is partitioned by time: by ranges of ids, which begin with their time, so that keys and references stay.
-- depends: 0068_entry_of_a_step

-- migrate: apply

-- The least id of a millisecond (RFC 9562, version 7).
create function first_id_of(at timestamptz) returns uuid
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    return rpad(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid;
end
$$;

create function first_id_of_year(year integer) returns uuid
language plpgsql immutable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return first_id_of(make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'));
end
$$;

revoke all on function first_id_of(timestamptz), first_id_of_year(integer) from public;

-- Whoever is in the middle of a function that the last migration replaced, and would find another table when it goes on,
-- is through with it in a second.
select pg_sleep(1)
where exists (
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
);

-- In the order in which a step takes them.
lock table trail_entry, trail_change, trail_salt, trail_leaf in access exclusive mode;

-- What was one table becomes the first part, up to the end of this year, or of that of what was written last.
alter table trail_change drop constraint trail_change_entry_id_fkey;
alter table trail_salt drop constraint trail_salt_entry_id_fkey;
alter table trail_leaf drop constraint trail_leaf_entry_id_fkey;

alter table trail_entry rename to trail_entry_first;
alter table trail_change rename to trail_change_first;
alter table trail_salt rename to trail_salt_first;

alter index trail_entry_pkey rename to trail_entry_first_pkey;
alter index trail_entry_of_commentary rename to trail_entry_first_of_commentary;
alter index trail_entry_of_domain rename to trail_entry_first_of_domain;
alter index trail_entry_of_object rename to trail_entry_first_of_object;
alter index trail_entry_of_person rename to trail_entry_first_of_person;
alter index one_entry_for_each_step rename to one_entry_for_each_step_first;
alter index trail_change_pkey rename to trail_change_first_pkey;
alter index trail_change_of_sign_in rename to trail_change_first_of_sign_in;
alter index trail_salt_pkey rename to trail_salt_first_pkey;
alter index trail_salt_of_person rename to trail_salt_first_of_person;

drop trigger stays_written on trail_entry_first;
drop trigger stays_written on trail_change_first;
drop trigger stays_written on trail_salt_first;
revoke all on trail_entry_first, trail_change_first from editorial_app;

create table trail_entry (like trail_entry_first including defaults including constraints including comments)
partition by range (id);
create table trail_change (like trail_change_first including defaults including constraints including comments)
partition by range (entry_id);
create table trail_salt (like trail_salt_first including defaults including constraints including comments)
partition by range (entry_id);

comment on table trail_entry is
'One entry for each step that a person, a service or the system took. Written by triggers only.';
comment on table trail_change is
'The rows that a step touched: changed columns before and after, texts and personal fields withheld.';
comment on table trail_salt is
'Gone with the person whom they concern: what is left of the digests then tells nothing.';
comment on table trail_entry_first is null;
comment on table trail_change_first is null;
comment on table trail_salt_first is null;

alter sequence trail_change_sequence owned by trail_change.sequence;

alter table trail_entry add primary key (id);
alter table trail_change add primary key (entry_id, position);
alter table trail_salt add primary key (entry_id, position);

create index trail_entry_of_commentary on trail_entry (commentary_id, at, id) where commentary_id is not null;
create index trail_entry_of_domain on trail_entry (domain, at, id);
create index trail_entry_of_object on trail_entry (object_id, at, id);
create index trail_entry_of_person on trail_entry (coalesce(on_behalf_of, actor_id), at, id);
create index trail_change_of_sign_in on trail_change ((row_key ->> 'id'))
where table_name in ('session', 'one_time_link');
create index trail_salt_of_person on trail_salt (person_id) where person_id is not null;

create trigger stays_written before update or delete on trail_entry
for each row execute function only_a_note_is_wiped();
create trigger stays_written before update or delete on trail_change
for each row execute function refuse_change();
create trigger stays_written before update or delete on trail_salt
for each row execute function a_salt_is_only_destroyed();
create trigger no_truncate before truncate on trail_entry for each statement execute function refuse_change();
create trigger no_truncate before truncate on trail_change for each statement execute function refuse_change();
create trigger no_truncate before truncate on trail_salt for each statement execute function refuse_change();
alter table trail_entry enable always trigger stays_written;
alter table trail_change enable always trigger stays_written;
alter table trail_salt enable always trigger stays_written;
alter table trail_entry enable always trigger no_truncate;
alter table trail_change enable always trigger no_truncate;
alter table trail_salt enable always trigger no_truncate;

grant select on trail_entry, trail_change to editorial_app;

-- What a part does not get from the whole: a trigger against `truncate`, guards that stand in replication, too, and
-- what two rows of one step meet at. (An index of the whole would have to contain the id.)
create function guard_part_of_trail(part text) returns void
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not exists (
        select from pg_trigger
        where tgrelid = to_regclass(format('public.%I', part)) and tgname = 'no_truncate'
    ) then
        execute format(
            'create trigger no_truncate before truncate on public.%I '
            'for each statement execute function public.refuse_change()', part
        );
    end if;
    execute format('alter table public.%I enable always trigger no_truncate', part);
    execute format('alter table public.%I enable always trigger stays_written', part);
    if starts_with(part, 'trail_entry') then
        execute format(
            'create unique index if not exists %I on public.%I '
            '(transaction, cluster, action, object_id, actor_id, on_behalf_of) nulls not distinct',
            replace(part, 'trail_entry', 'one_entry_for_each_step'), part
        );
    end if;
end
$$;

revoke all on function guard_part_of_trail(text) from public;

do $$
declare
    after_first integer := extract(year from now() at time zone 'UTC')::integer + 1;
    whole text;
begin
    while exists (
        select from trail_entry_first
        where id >= first_id_of_year(after_first)
    ) loop
        after_first := after_first + 1;
    end loop;
    foreach whole in array array['trail_entry', 'trail_change', 'trail_salt'] loop
        execute format(
            'alter table %I attach partition %I for values from (minvalue) to (%L)',
            whole, whole || '_first', first_id_of_year(after_first)
        );
        execute format('create table %I partition of %I default', whole || '_beyond', whole);
        perform guard_part_of_trail(whole || '_first');
        perform guard_part_of_trail(whole || '_beyond');
    end loop;
end
$$;

alter table trail_change add foreign key (entry_id) references trail_entry (id);
alter table trail_salt add foreign key (entry_id) references trail_entry (id);
alter table trail_leaf add foreign key (entry_id) references trail_entry (id);

-- This year and the next, where they have no part of their own yet. One whose entries are there already, since a clock
-- ran ahead or nobody made its part in time, stays where it is, in what lies beyond.
create function years_without_part() returns setof integer
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return query
        select year
        from generate_series(
            extract(year from now() at time zone 'UTC')::integer, extract(year from now() at time zone 'UTC')::integer + 1
        ) as year
        where to_regclass('public.trail_entry_' || year) is null
            and first_id_of_year(year) >= (
                select substring(pg_get_expr(relpartbound, oid) from 'TO \(''([0-9a-f-]+)''\)')::uuid
                from pg_class
                where oid = 'public.trail_entry_first'::regclass
            )
            and not exists (
                select from trail_entry_beyond
                where id >= first_id_of_year(year) and id < first_id_of_year(year + 1)
            );
end
$$;

-- Gives years their parts ahead of time. Where somebody writes or reads the trail at this very moment it does nothing,
-- and keeps nobody waiting; whoever asked asks again.
create function add_parts_of_trail() returns setof text
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set lock_timeout = '100ms'
as $$
declare
    year integer;
    whole text;
    part text;
begin
    if not exists (select from years_without_part()) then
        return;
    end if;
    lock table trail_entry, trail_change, trail_salt, trail_leaf in share row exclusive mode nowait;
    lock table trail_entry_beyond, trail_change_beyond, trail_salt_beyond in access exclusive mode nowait;
    for year in select years_without_part() loop
        foreach whole in array array['trail_entry', 'trail_change', 'trail_salt'] loop
            part := whole || '_' || year;
            execute format(
                'create table public.%I (like public.%I including defaults including constraints)', part, whole
            );
            execute format(
                'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                whole, part, first_id_of_year(year), first_id_of_year(year + 1)
            );
            perform guard_part_of_trail(part);
            return next part;
        end loop;
    end loop;
exception when lock_not_available then
    return;
end
$$;

revoke all on function years_without_part(), add_parts_of_trail() from public;
grant execute on function add_parts_of_trail() to editorial_app;

-- migrate: rollback
