-- The audit trail: its entries, the changes of each, the Merkle tree over them, and the guards that nothing passes.
-- depends:

-- migrate: apply

create extension if not exists pg_trgm;

-- A role runs a function only where a grant names the role.
alter default privileges for role editorial_owner revoke execute on functions from public;

-- The order in which rows were changed. Neither transaction numbers nor times give that order.
create sequence audit_change_sequence as bigint;

create type step_entry as (id uuid, is_new boolean);

create function new_salt() returns bytea
language plpgsql parallel safe
set search_path = pg_catalog
as $$
begin
    return uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
end
$$;

-- An id that begins with a time (RFC 9562, version 7).
create function id_at(at timestamptz) returns uuid
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

-- A function in SQL that has a search path of its own is no part of its query: Postgres reads and plans it anew in
-- each statement that calls it. In plpgsql it stays for the session, at a fifth of that.
create function new_id() returns uuid
language plpgsql parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return id_at(clock_timestamp());
end
$$;

-- No server changes its cluster while it runs: each plan asks once, and no control file is read at each step.
create function cluster_identifier() returns bigint
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    return (pg_control_system()).system_identifier;
end
$$;

-- The context that the application set for this transaction: actor, action, object, request id, note. Else null.
create function acting_context() returns jsonb
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return nullif(current_setting('editorial.context', true), '')::jsonb;
end
$$;

-- The person who acts, where it is a person (the one behind a due schedule included).
create function acting_person() returns uuid
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return coalesce(
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'on_behalf_of',
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'actor'
    )::uuid;
end
$$;

-- The least id of a millisecond (RFC 9562, version 7).
create function first_id_at(at timestamptz) returns uuid
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
    return first_id_at(make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'));
end
$$;

create function salted_digest(salt bytea, content text) returns bytea
language plpgsql immutable strict parallel safe
set search_path = pg_catalog
as $$
begin
    return sha256(salt || convert_to(content, 'UTF8'));
end
$$;

-- Refuses a change of what was written, for every role.
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
        'execute function public.write_audit_change(%L, %L, %L, %L)',
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

create table audit_entry (
    id uuid default id_at(now()),
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
    note_digest bytea,
    primary key (id),
    constraint a_trail_entry_has_a_known_domain check (domain in ('editorial', 'accounts')),
    constraint a_trail_entry_has_a_known_actor check (actor_kind in ('person', 'service', 'system', 'anonymous')),
    constraint a_person_in_the_trail_is_identified check (actor_kind not in ('person', 'service') or actor_id is not null),
    constraint a_trail_action_is_a_word check (action ~ '^[a-z]+(_[a-z]+)*$')
) partition by range (id);

comment on table audit_entry is
'One entry for each step that a person, a service or the system took. Only triggers write it.';

create index audit_entry_of_commentary on audit_entry (commentary_id, at, id) where commentary_id is not null;
create index audit_entry_of_object on audit_entry (object_id, at, id);
create index audit_entry_of_domain on audit_entry (domain, at, id);
create index audit_entry_of_person on audit_entry (coalesce(on_behalf_of, actor_id), at, id);
-- In the order of the trail, so that a page is read in it and nothing is sorted.
create index audit_entry_of_request on audit_entry (request_id, at, id);

grant select on audit_entry to editorial_app;

create table audit_change (
    entry_id uuid not null,
    position integer not null,
    table_name text not null,
    operation text not null,
    row_key jsonb not null,
    before jsonb,
    after jsonb,
    sequence bigint not null default nextval('audit_change_sequence'),
    withheld text[],
    withheld_digest bytea,
    primary key (entry_id, position),
    foreign key (entry_id) references audit_entry (id),
    constraint a_trail_change_has_a_known_operation check (operation in ('insert', 'update', 'delete')),
    constraint a_trail_change_names_what_it_withholds check ((withheld is null) = (withheld_digest is null))
) partition by range (entry_id);

comment on table audit_change is
'The rows that a step touched: changed columns before and after. Texts and personal fields are withheld.';
comment on column audit_change.withheld is
'The withheld columns that the digest covers: all of the row''s, whenever one of them was written.';

-- Finds the changes of a session or a link without a read of the whole trail.
create index audit_change_of_sign_in on audit_change ((row_key ->> 'id'))
where table_name in ('session', 'account_link');

grant select on audit_change to editorial_app;

alter sequence audit_change_sequence owned by audit_change.sequence;

create table audit_salt (
    entry_id uuid not null,
    position integer not null,
    person_id uuid,
    salt bytea not null,
    primary key (entry_id, position),
    foreign key (entry_id) references audit_entry (id)
) partition by range (entry_id);

comment on table audit_salt is
'Salts of the digests of withheld values. They are deleted with the person whom they concern: the digests then tell nothing.';

create index audit_salt_of_person on audit_salt (person_id) where person_id is not null;

create table audit_key (
    number integer primary key,
    verifier text not null,
    introduced_at timestamptz not null default now(),
    constraint a_seal_key_is_introduced_once unique (verifier)
);

comment on table audit_key is
'The public keys that may sign checkpoints, in the order in which they were introduced. Each private key is a file beside a worker.';

grant select, insert on audit_key to editorial_app;

create table audit_leaf (
    position bigint primary key,
    entry_id uuid not null references audit_entry (id),
    hash bytea not null,
    constraint an_entry_is_sealed_once unique (entry_id),
    constraint a_leaf_has_a_place check (position >= 0),
    constraint a_leaf_is_a_hash check (length(hash) = 32)
);

comment on table audit_leaf is
'The leaves of the Merkle tree (RFC 9162): one hash for each sealed entry, in sealing order.';

grant select, insert on audit_leaf to editorial_app;

create table audit_node (
    level integer not null,
    position bigint not null,
    hash bytea not null,
    primary key (level, position),
    constraint a_node_is_on_a_level_that_is_kept check (level > 0 and level % 8 = 0),
    constraint a_node_is_a_hash check (length(hash) = 32)
);

comment on table audit_node is
'Every eighth level of the tree above its leaves, so that a proof reads a few hundred hashes and no more.';

grant select, insert on audit_node to editorial_app;

create table audit_checkpoint (
    number bigint primary key,
    size bigint not null,
    note text not null,
    cluster bigint not null,
    horizon xid8 not null,
    sealed_at timestamptz not null default now(),
    constraint a_checkpoint_counts_leaves check (size >= 0)
);

comment on table audit_checkpoint is
'Signed statements of what the tree was at a size (C2SP tlog-checkpoint). The sealer continues from the newest.';

create index audit_checkpoint_by_size on audit_checkpoint (size, number);
create index audit_checkpoint_by_time on audit_checkpoint (sealed_at, number);

grant select, insert on audit_checkpoint to editorial_app;

create table refusal_count (
    actor_id uuid,
    refused text,
    counted_hour timestamptz not null,
    primary key (actor_id, refused)
);

comment on table refusal_count is
'What each person and service was refused in this hour: each refusal is one entry an hour, and all of them are sixty.';

-- The entry of the current step, made where it has none.
create function current_audit_entry(entry_domain text, row_commentary uuid) returns uuid
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return (add_audit_entry(entry_domain, row_commentary)).id;
end
$$;

-- The trigger of every audited table: writes the change, and the entry where the step has none. Arguments: the part of
-- the trail, the column with the commentary, the key columns, the withheld columns. A generic plan looks expensive, since
-- it contains all partitions: without the setting, Postgres would plan again at each step.
create function write_audit_change() returns trigger
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
    entry := add_audit_entry(
        tg_argv[0], case when tg_argv[1] = '' then null else (one_row ->> tg_argv[1])::uuid end
    );
    if withholds then
        salt := new_salt();
        digest := salted_digest(
            salt, (select jsonb_object_agg(key, new_row -> key) from unnest(withheld) as key)::text
        );
    end if;
    insert into audit_change
        (entry_id, position, table_name, operation, row_key, before, after, withheld, withheld_digest)
    values (
        entry.id,
        case
            when entry.is_new then 0
            else (select count(*) from audit_change as earlier where earlier.entry_id = entry.id)
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
        insert into audit_salt (entry_id, position, person_id, salt)
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

-- Records an attempt that changed nothing, such as a failed sign-in.
create function record_attempt(entry_domain text) returns uuid
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$ select current_audit_entry(entry_domain, null) $$;

-- Counts each change of a desk object, so that an answer's ETag names exactly what was read.
create function count_version() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.version := old.version + 1;
    return new;
end
$$;

-- A note can be wiped, and nothing else of an entry can be changed.
create function only_a_note_is_wiped() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and new.note is null and acting_context() ->> 'action' = 'erase'
        and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
        return new;
    end if;
    raise exception '% of audit_entry is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'audit_entry';
end
$$;

-- A salt is destroyed by an erasure or, where it hides what is kept of a sign-in, when that is forgotten.
create function a_salt_is_only_destroyed() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'DELETE' and acting_context() ->> 'action' = 'erase' then
        return old;
    end if;
    if tg_op = 'DELETE' and acting_context() ->> 'action' = 'forget_sign_ins' and exists (
        select from audit_change
        where audit_change.entry_id = old.entry_id
            and audit_change.position = old.position
            and audit_change.table_name in ('session', 'account_link')
    ) then
        return old;
    end if;
    raise exception '% of audit_salt is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'audit_salt';
end
$$;

-- Destroys the salts of what the trail withholds of a person, and the notes on their account. Only within the step
-- `erase` on that very person, which is then in the trail: an auditor takes a missing salt for nothing else.
create function erase_from_trail(erased uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if acting_context() ->> 'action' is distinct from 'erase'
        or (acting_context() ->> 'object')::uuid is distinct from erased then
        raise exception 'a person is erased from the trail in a step that says so'
            using errcode = 'insufficient_privilege', constraint = 'an_erasure_says_so';
    end if;
    perform current_audit_entry('accounts', null);
    delete from audit_salt where person_id = erased;
    update audit_entry set note = null where domain = 'accounts' and object_id = erased and note is not null;
end
$$;

-- Most steps change one row: the entry is written first, and read only where the step has one already.
create function add_audit_entry(entry_domain text, row_commentary uuid) returns step_entry
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
    insert into audit_entry (
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
        from audit_entry as entry
        where entry.transaction = pg_current_xact_id()
            and entry.cluster = cluster_identifier()
            and entry.action = context ->> 'action'
            and entry.object_id is not distinct from (context ->> 'object')::uuid
            and entry.actor_id is not distinct from (context ->> 'actor')::uuid
            and entry.on_behalf_of is not distinct from (context ->> 'on_behalf_of')::uuid;
    elsif salt is not null then
        insert into audit_salt (entry_id, position, person_id, salt)
        values (
            found, -1, case when entry_domain = 'accounts' then (context ->> 'object')::uuid end, salt
        );
    end if;
    return row(found, is_new)::step_entry;
end
$$;

-- Adds to a partition what it does not inherit: a trigger against truncate, guards that also work in replication mode, and
-- the index that makes a step have one entry. The cluster comes first in that index: after a restore, transaction numbers
-- of the old cluster are larger than new ones, and an index that begins with the number would be read through them all.
create function guard_audit_partition(part text) returns void
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
    if starts_with(part, 'audit_entry') then
        execute format(
            'create unique index if not exists %I on public.%I '
            '(cluster, transaction, action, object_id, actor_id, on_behalf_of) nulls not distinct',
            replace(part, 'audit_entry', 'one_entry_for_each_step'), part
        );
    end if;
end
$$;

-- This year and the next, where they have no partition. A year whose entries are already in the default partition (a
-- clock ran ahead, or no worker ran) stays there.
create function years_without_partition() returns setof integer
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return query
        select year
        from generate_series(
            extract(year from now() at time zone 'UTC')::integer, extract(year from now() at time zone 'UTC')::integer + 1
        ) as year
        where to_regclass('public.audit_entry_' || year) is null
            and not exists (
                select from audit_entry_beyond
                where id >= first_id_of_year(year) and id < first_id_of_year(year + 1)
            );
end
$$;

-- Makes partitions ahead of time. Where another session writes or reads the trail at this moment, it does nothing and
-- blocks no session; the caller tries again later.
create function add_audit_partitions() returns setof text
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set lock_timeout = '100ms'
as $$
declare
    year integer;
    whole text;
    part text;
begin
    if not exists (select from years_without_partition()) then
        return;
    end if;
    lock table audit_entry, audit_change, audit_salt, audit_leaf in share row exclusive mode nowait;
    lock table audit_entry_beyond, audit_change_beyond, audit_salt_beyond in access exclusive mode nowait;
    for year in select years_without_partition() loop
        foreach whole in array array['audit_entry', 'audit_change', 'audit_salt'] loop
            part := whole || '_' || year;
            execute format(
                'create table public.%I (like public.%I including defaults including constraints)', part, whole
            );
            execute format(
                'alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                whole, part, first_id_of_year(year), first_id_of_year(year + 1)
            );
            perform guard_audit_partition(part);
            return next part;
        end loop;
    end loop;
exception when lock_not_available then
    return;
end
$$;

-- Writes the entry of a refusal: one for each actor, action and object in an hour, sixty for each actor, and then one
-- that says that there were more. Returns whether it was `recorded` or `known`, or whether the hour is `full`.
create function record_refusal(entry_domain text) returns text
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
    context jsonb := acting_context();
    actor uuid := (context ->> 'actor')::uuid;
    this text := concat_ws(' ', context ->> 'action', context ->> 'object_kind', context ->> 'object');
    hour timestamptz := date_trunc('hour', clock_timestamp());
    counted bigint;
begin
    if actor is null or context ->> 'action' is null then
        raise exception 'a change needs an actor and an action'
            using errcode = 'insufficient_privilege', constraint = 'a_change_has_an_actor_and_an_action';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('editorial.refusal ' || actor, 0));
    delete from refusal_count where actor_id = actor and counted_hour < hour;
    if exists (select from refusal_count where actor_id = actor and refused = this) then
        return 'known';
    end if;
    select count(*) into counted from refusal_count where actor_id = actor;
    if counted > 60 then
        return 'full';
    end if;
    if counted = 60 then
        this := 'more_refused';
        perform set_config(
            'editorial.context',
            (context || '{"action": "more_refused", "object_kind": "none", "object": null}')::text,
            true
        );
    end if;
    insert into refusal_count (actor_id, refused, counted_hour) values (actor, this, hour);
    -- Without a commentary: who works on a text does not read in its history who else asked for it.
    perform add_audit_entry(entry_domain, null);
    return case when counted = 60 then 'full' else 'recorded' end;
end
$$;

create trigger no_truncate before truncate on audit_entry for each statement execute function refuse_change();
alter table audit_entry enable always trigger no_truncate;

create trigger no_truncate before truncate on audit_change for each statement execute function refuse_change();
alter table audit_change enable always trigger no_truncate;

create trigger stays_written before update or delete on audit_entry
for each row execute function only_a_note_is_wiped();
alter table audit_entry enable always trigger stays_written;

create trigger stays_written before update or delete on audit_salt
for each row execute function a_salt_is_only_destroyed();
alter table audit_salt enable always trigger stays_written;

create trigger no_truncate before truncate on audit_salt for each statement execute function refuse_change();
alter table audit_salt enable always trigger no_truncate;

create trigger no_truncate before truncate on audit_leaf for each statement execute function refuse_change();
alter table audit_leaf enable always trigger no_truncate;

create trigger no_truncate before truncate on audit_node for each statement execute function refuse_change();
alter table audit_node enable always trigger no_truncate;

create trigger no_truncate before truncate on audit_checkpoint for each statement execute function refuse_change();
alter table audit_checkpoint enable always trigger no_truncate;

create trigger stays_written before update or delete on audit_change
for each row execute function refuse_change();
alter table audit_change enable always trigger stays_written;

call freeze('audit_key');
call freeze('audit_leaf');
call freeze('audit_node');
call freeze('audit_checkpoint');

call watch('audit_key', 'accounts', '', 'number');

do $$
declare
    whole text;
begin
    foreach whole in array array['audit_entry', 'audit_change', 'audit_salt'] loop
        execute format('create table %I partition of %I default', whole || '_beyond', whole);
        perform guard_audit_partition(whole || '_beyond');
    end loop;
end
$$;

select add_audit_partitions();

grant execute on function new_id(), cluster_identifier(), acting_context(), acting_person(), record_attempt(text),
id_at(timestamptz), add_audit_partitions(), record_refusal(text) to editorial_app;

-- migrate: rollback
