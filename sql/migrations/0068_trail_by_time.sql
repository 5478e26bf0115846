-- The trail is partitioned by time: by ranges of ids, which begin with their time, so that keys and references stay.
-- depends: 0067_read_once

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

-- An id of a step: it begins with the time at which the transaction began, so that all entries of a transaction lie
-- in one part of the trail, and one index sees whether a step has an entry.
create function new_step_id() returns uuid
language plpgsql parallel safe
set search_path = pg_catalog
as $$
begin
    return encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    placing substring(int8send((extract(epoch from now()) * 1000)::bigint) from 3)
                    from 1 for 6
                ),
                52, 1
            ),
            53, 1
        ),
        'hex'
    )::uuid;
end
$$;

revoke all on function first_id_of(timestamptz), first_id_of_year(integer), new_step_id() from public;

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

alter table trail_entry alter column id set default new_step_id();
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
create function guard_part_of_trail(whole text, part text) returns void
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
    if whole = 'trail_entry' then
        execute format(
            'create unique index if not exists %I on public.%I '
            '(transaction, cluster, action, object_id, actor_id, on_behalf_of) nulls not distinct',
            replace(part, 'trail_entry', 'one_entry_for_each_step'), part
        );
    end if;
end
$$;

revoke all on function guard_part_of_trail(text, text) from public;

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
        perform guard_part_of_trail(whole, whole || '_first');
        perform guard_part_of_trail(whole, whole || '_beyond');
    end loop;
end
$$;

alter table trail_change add foreign key (entry_id) references trail_entry (id);
alter table trail_salt add foreign key (entry_id) references trail_entry (id);
alter table trail_leaf add foreign key (entry_id) references trail_entry (id);

-- This year and the next, where they have no part of their own yet. One whose entries are there already, since a clock
-- ran ahead or nobody made its part in time, stays where it is, in what lies beyond.
create function years_without_part() returns setof integer
language plpgsql stable security definer
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
            perform guard_part_of_trail(whole, part);
            return next part;
        end loop;
    end loop;
exception when lock_not_available then
    return;
end
$$;

revoke all on function years_without_part(), add_parts_of_trail() from public;
grant execute on function years_without_part(), add_parts_of_trail() to editorial_app;

-- The entry is written first, and looked for where the step has one already: among those of this transaction.
create type step_entry as (id uuid, is_new boolean);

drop function trail_entry_for_this_step(text, uuid);
create function trail_entry_for_this_step(entry_domain text, row_commentary uuid) returns step_entry
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    found uuid;
    is_new boolean;
    salt bytea;
begin
    if context is null or context ->> 'actor_kind' is null or context ->> 'action' is null then
        raise exception 'a change needs an actor and an action'
            using errcode = 'insufficient_privilege', constraint = 'a_change_has_an_actor_and_an_action';
    end if;
    if context ->> 'note' is not null then
        salt := new_salt();
    end if;
    insert into trail_entry (
        domain, actor_kind, actor_id, on_behalf_of, action, object_kind, object_id, commentary_id, request_id,
        note, note_digest
    )
    values (
        entry_domain,
        context ->> 'actor_kind',
        (context ->> 'actor')::uuid,
        (context ->> 'on_behalf_of')::uuid,
        context ->> 'action',
        coalesce(context ->> 'object_kind', 'none'),
        (context ->> 'object')::uuid,
        row_commentary,
        coalesce(context ->> 'request', 'none'),
        context ->> 'note',
        salted_digest(salt, context ->> 'note')
    )
    on conflict do nothing
    returning id into found;
    is_new := found is not null;
    if not is_new then
        select entry.id into strict found
        from trail_entry as entry
        where entry.id >= first_id_of(now())
            and entry.id < first_id_of(now() + interval '1 millisecond')
            and entry.transaction = pg_current_xact_id()
            and entry.cluster = cluster_identifier()
            and entry.action = context ->> 'action'
            and entry.object_id is not distinct from (context ->> 'object')::uuid
            and entry.actor_id is not distinct from (context ->> 'actor')::uuid
            and entry.on_behalf_of is not distinct from (context ->> 'on_behalf_of')::uuid;
    elsif salt is not null then
        insert into trail_salt (entry_id, position, person_id, salt)
        values (
            found, -1, case when entry_domain = 'accounts' then (context ->> 'object')::uuid end, salt
        );
    end if;
    return row(found, is_new)::step_entry;
end
$$;

revoke all on function trail_entry_for_this_step(text, uuid) from public;

create or replace function record_attempt(entry_domain text) returns uuid
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$ select (trail_entry_for_this_step(entry_domain, null)).id $$;

-- No server changes its cluster while it runs: each plan asks once, and no control file is read at each step.
create or replace function cluster_identifier() returns bigint
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    return (pg_control_system()).system_identifier;
end
$$;

-- What an entry that is new has touched is not counted. A plan for any arguments looks dearer than it is, since it has
-- all parts in it: left to itself, Postgres would plan anew at each step.
create or replace function write_trail() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set timezone = 'UTC'
set bytea_output = 'hex'
as $$
declare
    old_row jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
    new_row jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
    one_row jsonb := coalesce(new_row, old_row);
    withheld text[] := string_to_array(tg_argv[3], ',');
    key_columns text[] := string_to_array(tg_argv[2], ',');
    withholds boolean;
    entry step_entry;
    place integer;
    before jsonb;
    after jsonb;
    salt bytea;
    digest bytea;
begin
    if tg_op = 'UPDATE' then
        select
            jsonb_object_agg(key, case when key = any(withheld) then '"withheld"'::jsonb else old_row -> key end),
            jsonb_object_agg(key, case when key = any(withheld) then '"withheld"'::jsonb else new_row -> key end),
            bool_or(key = any(withheld))
        into before, after, withholds
        from jsonb_object_keys(new_row) as key
        where old_row -> key is distinct from new_row -> key and key <> 'updated_at';
        if after is null then
            return null;
        end if;
        if after ?| key_columns then
            raise exception 'a row of % keeps its key', tg_table_name
                using errcode = 'check_violation', constraint = 'a_row_keeps_its_key', table = tg_table_name;
        end if;
    else
        before := old_row - withheld - 'updated_at';
        after := new_row - withheld - 'updated_at';
        withholds := tg_op = 'INSERT' and withheld <> '{}';
    end if;
    entry := trail_entry_for_this_step(
        tg_argv[0], case when tg_argv[1] = '' then null else (one_row ->> tg_argv[1])::uuid end
    );
    if withholds then
        salt := new_salt();
        digest := salted_digest(
            salt, (select jsonb_object_agg(key, new_row -> key) from unnest(withheld) as key)::text
        );
    end if;
    insert into trail_change
        (entry_id, position, table_name, operation, row_key, before, after, withheld, withheld_digest)
    values (
        entry.id,
        case
            when entry.is_new then 0
            else (select count(*) from trail_change as earlier where earlier.entry_id = entry.id)
        end,
        tg_table_name,
        lower(tg_op),
        coalesce((select jsonb_object_agg(key, one_row -> key) from unnest(key_columns) as key), '{}'::jsonb),
        before,
        after,
        case when withholds then withheld end,
        digest
    )
    returning position into place;
    if withholds then
        insert into trail_salt (entry_id, position, person_id, salt)
        values (
            entry.id,
            place,
            -- Whom the withheld values concern: of an account's rows the person, or whoever acts.
            case
                when tg_table_name = 'person' then (one_row ->> 'id')::uuid
                when tg_argv[0] = 'accounts' then coalesce((one_row ->> 'person_id')::uuid, acting_person())
            end,
            salt
        );
    end if;
    return null;
end
$$;

-- migrate: rollback
