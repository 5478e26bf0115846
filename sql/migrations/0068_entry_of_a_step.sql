-- What writes the entry of a step is planned once for a session, and knows whether the entry is new.
-- depends: 0067_read_once

-- migrate: apply

-- An id that begins with a time (RFC 9562, version 7).
create function id_of(at timestamptz) returns uuid
language plpgsql parallel safe
set search_path = pg_catalog
as $$
begin
    return encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3)
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

revoke all on function id_of(timestamptz) from public;
grant execute on function id_of(timestamptz) to editorial_app;

create or replace function new_id() returns uuid
language plpgsql parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return id_of(clock_timestamp());
end
$$;

-- That of a step begins with the time at which its transaction began, so that all entries of a transaction lie in one
-- part of the trail, and one index sees whether a step has an entry. (The next migration makes the parts while others
-- may be writing: what writes the trail holds for both forms.)
alter table trail_entry alter column id set default id_of(now());

-- The entry is written first, and looked for where the step has one already.
create type step_entry as (id uuid, is_new boolean);

create function entry_of_step(entry_domain text, row_commentary uuid) returns step_entry
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
        where entry.transaction = pg_current_xact_id()
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

revoke all on function entry_of_step(text, uuid) from public;

create or replace function trail_entry_for_this_step(entry_domain text, row_commentary uuid) returns uuid
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return (entry_of_step(entry_domain, row_commentary)).id;
end
$$;

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
    entry := entry_of_step(
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
