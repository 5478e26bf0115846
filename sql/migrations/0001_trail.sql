-- The trail, before anything that it watches.
-- depends:

-- migrate: apply

create extension if not exists pg_trgm;

-- Nobody but whom a grant names runs our functions.
alter default privileges for role editorial_owner revoke execute on functions from public;

-- A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, the rest random. Postgres has its own from 18 on.
create function new_id() returns uuid
language sql volatile parallel safe
set search_path = pg_catalog
as $$
    select encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                    from 1 for 6
                ),
                52, 1
            ),
            53, 1
        ),
        'hex'
    )::uuid
$$;

-- Transaction numbers start again in a restored cluster: an entry says whose numbers it counts in.
create function cluster_identifier() returns bigint
language sql stable parallel safe
set search_path = pg_catalog
as $$ select system_identifier from pg_control_system() $$;

-- What the door said of this transaction: actor, action, object, request id, note. Null outside of the door.
create function acting_context() returns jsonb
language sql stable parallel safe
set search_path = pg_catalog
as $$ select nullif(current_setting('editorial.context', true), '')::jsonb $$;

-- The person who acts, where it is a person (the one behind a due schedule included).
create function acting_person() returns uuid
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'on_behalf_of',
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'actor'
    )::uuid
$$;

create table trail_entry (
    id uuid primary key default new_id(),
    at timestamptz not null default clock_timestamp(),
    cluster bigint not null default cluster_identifier(),
    transaction xid8 not null default pg_current_xact_id(),
    domain text not null,
    actor_kind text not null,
    actor_id uuid,
    on_behalf_of uuid,
    action text not null,
    object_kind text not null,
    object_id uuid,
    commentary_id uuid,
    request_id text not null,
    note text,
    constraint a_trail_entry_has_a_known_domain check (domain in ('editorial', 'accounts')),
    constraint a_trail_entry_has_a_known_actor check (actor_kind in ('person', 'service', 'system', 'anonymous')),
    constraint a_person_in_the_trail_is_identified check (actor_kind not in ('person', 'service') or actor_id is not null),
    constraint a_trail_action_is_a_word check (action ~ '^[a-z]+(_[a-z]+)*$')
);

create unique index one_entry_for_each_step on trail_entry
(transaction, cluster, action, object_id, actor_id, on_behalf_of) nulls not distinct;
create index trail_entry_of_commentary on trail_entry (commentary_id, at, id) where commentary_id is not null;
create index trail_entry_of_object on trail_entry (object_id, at, id);
create index trail_entry_of_domain on trail_entry (domain, at, id);

comment on table trail_entry is
'One entry for each step that a person, a service or the system took. Written by triggers only.';

create table trail_change (
    entry_id uuid not null references trail_entry (id),
    position integer not null,
    table_name text not null,
    operation text not null,
    row_key jsonb not null,
    before jsonb,
    after jsonb,
    primary key (entry_id, position),
    constraint a_trail_change_has_a_known_operation check (operation in ('insert', 'update', 'delete'))
);

comment on table trail_change is
'The rows that a step touched: changed columns before and after, texts and personal fields withheld.';

-- Finds this step's entry, or makes it. Fails where the transaction did not come through the door.
create function trail_entry_for_this_step(entry_domain text, row_commentary uuid) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    found uuid;
begin
    if context is null or context ->> 'actor_kind' is null or context ->> 'action' is null then
        raise exception 'a change needs an actor and an action'
            using errcode = 'insufficient_privilege', constraint = 'a_change_has_an_actor_and_an_action';
    end if;
    select entry.id into found
    from trail_entry as entry
    where entry.transaction = pg_current_xact_id()
        and entry.cluster = cluster_identifier()
        and entry.action = context ->> 'action'
        and entry.object_id is not distinct from (context ->> 'object')::uuid
        and entry.actor_id is not distinct from (context ->> 'actor')::uuid
        and entry.on_behalf_of is not distinct from (context ->> 'on_behalf_of')::uuid;
    if found is null then
        insert into trail_entry
            (domain, actor_kind, actor_id, on_behalf_of, action, object_kind, object_id, commentary_id, request_id, note)
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
            context ->> 'note'
        )
        returning id into found;
    end if;
    return found;
end
$$;

-- The row trigger of every watched table. Arguments: domain; the column that names the commentary, or '';
-- the key columns; the columns whose values are withheld (texts, secrets, personal fields).
create function write_trail() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    old_row jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) end;
    new_row jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) end;
    one_row jsonb := coalesce(new_row, old_row);
    withheld text[] := string_to_array(tg_argv[3], ',');
    entry uuid;
    before jsonb;
    after jsonb;
begin
    if tg_op = 'UPDATE' then
        select
            jsonb_object_agg(key, case when key = any(withheld) then '"withheld"'::jsonb else old_row -> key end),
            jsonb_object_agg(key, case when key = any(withheld) then '"withheld"'::jsonb else new_row -> key end)
        into before, after
        from jsonb_object_keys(new_row) as key
        where old_row -> key is distinct from new_row -> key and key <> 'updated_at';
        if after is null then
            return null;
        end if;
    else
        before := old_row - withheld - 'updated_at';
        after := new_row - withheld - 'updated_at';
    end if;
    entry := trail_entry_for_this_step(
        tg_argv[0], case when tg_argv[1] = '' then null else (one_row ->> tg_argv[1])::uuid end
    );
    insert into trail_change (entry_id, position, table_name, operation, row_key, before, after)
    values (
        entry,
        (select count(*) from trail_change as earlier where earlier.entry_id = entry),
        tg_table_name,
        lower(tg_op),
        coalesce(
            (select jsonb_object_agg(key, one_row -> key) from unnest(string_to_array(tg_argv[2], ',')) as key),
            '{}'::jsonb
        ),
        before,
        after
    );
    return null;
end
$$;

-- An attempt that changed nothing but that the trail must know: a failed sign-in, a refused role change.
create function record_attempt(entry_domain text) returns uuid
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$ select trail_entry_for_this_step(entry_domain, null) $$;

-- What was written stays written, whoever asks.
create function refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    raise exception '% of % is refused: what was written stays written', lower(tg_op), tg_table_name
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = tg_table_name;
end
$$;

-- Puts a table under the trail. Called once in the migration that makes the table.
create procedure watch(
    watched regclass, domain text, commentary_column text, key_columns text, withheld_columns text default ''
)
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    execute format(
        'create trigger trail after insert or update or delete on %s for each row '
        'execute function public.write_trail(%L, %L, %L, %L)',
        watched, domain, commentary_column, key_columns, withheld_columns
    );
    execute format('alter table %s enable always trigger trail', watched);
    execute format(
        'create trigger no_truncate before truncate on %s for each statement execute function public.refuse_change()',
        watched
    );
    execute format('alter table %s enable always trigger no_truncate', watched);
end
$$;

-- Makes a table insert-only, for its owner too.
create procedure freeze(frozen regclass)
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    execute format(
        'create trigger stays_written before update or delete on %s for each row '
        'execute function public.refuse_change()', frozen
    );
    execute format('alter table %s enable always trigger stays_written', frozen);
end
$$;

call freeze('trail_entry');
call freeze('trail_change');
create trigger no_truncate before truncate on trail_entry for each statement execute function refuse_change();
create trigger no_truncate before truncate on trail_change for each statement execute function refuse_change();
alter table trail_entry enable always trigger no_truncate;
alter table trail_change enable always trigger no_truncate;

grant usage on schema public to editorial_app;
grant select on trail_entry, trail_change to editorial_app;
grant execute on function new_id(), cluster_identifier(), acting_context(), acting_person(), record_attempt(text)
to editorial_app;

-- migrate: rollback
