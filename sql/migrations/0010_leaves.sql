-- What makes a trail entry fit to be sealed: digests of what may be erased one day, and changes in their order.
-- depends: 0004_translation_tasks

-- migrate: apply

-- Of a note and of withheld values, an entry's leaf holds a digest of salt and content. Without the salt nobody
-- can tell the content from the digest, not even by trying what is likely.
alter table trail_entry add column note_digest bytea;

-- Rows that two transactions touched are told apart by the order in which they were touched; neither the number
-- of a transaction nor the time of its step is that order.
create sequence trail_change_sequence as bigint;
alter table trail_change
add column sequence bigint not null default nextval('trail_change_sequence'),
add column withheld text[],
add column withheld_digest bytea,
add constraint a_trail_change_names_what_it_withholds check ((withheld is null) = (withheld_digest is null));
alter sequence trail_change_sequence owned by trail_change.sequence;

comment on column trail_change.withheld is
'The withheld columns that the digest covers: all of the row''s, whenever one of them was written.';

-- The salts, one for an entry's note (position -1) and one for each change that withholds something. The
-- application cannot read them: with a salt, whoever guesses a content can be sure.
create table trail_salt (
    entry_id uuid not null references trail_entry (id),
    position integer not null,
    person_id uuid,
    salt bytea not null,
    primary key (entry_id, position)
);

create index trail_salt_of_person on trail_salt (person_id) where person_id is not null;

comment on table trail_salt is
'Gone with the person whom they concern: what is left of the digests then tells nothing.';

create function new_salt() returns bytea
language sql volatile parallel safe
set search_path = pg_catalog
as $$ select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) $$;

create function salted_digest(salt bytea, content text) returns bytea
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$ select sha256(salt || convert_to(content, 'UTF8')) $$;

-- Entries that are there already get a digest of their note.
alter table trail_entry disable trigger stays_written;
insert into trail_salt (entry_id, position, salt)
select id, -1, new_salt() from trail_entry
where note is not null;
update trail_entry set note_digest = salted_digest(trail_salt.salt, trail_entry.note)
from trail_salt
where trail_salt.entry_id = trail_entry.id and trail_salt.position = -1;
alter table trail_entry enable always trigger stays_written;

create or replace function trail_entry_for_this_step(entry_domain text, row_commentary uuid) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    context jsonb := acting_context();
    found uuid;
    salt bytea;
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
        returning id into found;
        if salt is not null then
            insert into trail_salt (entry_id, position, person_id, salt)
            values (
                found, -1, case when entry_domain = 'accounts' then (context ->> 'object')::uuid end, salt
            );
        end if;
    end if;
    return found;
end
$$;

-- The same, and each change keeps its place in the order of things and a digest of what it withholds. Instants
-- are written in UTC and bytes in hex, whatever the session likes: the trail has to explain its rows to the letter.
create or replace function write_trail() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
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
    entry uuid;
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
    place := (select count(*) from trail_change as earlier where earlier.entry_id = entry);
    if withholds then
        salt := new_salt();
        digest := salted_digest(
            salt, (select jsonb_object_agg(key, new_row -> key) from unnest(withheld) as key)::text
        );
    end if;
    insert into trail_change
        (entry_id, position, table_name, operation, row_key, before, after, withheld, withheld_digest)
    values (
        entry,
        place,
        tg_table_name,
        lower(tg_op),
        coalesce((select jsonb_object_agg(key, one_row -> key) from unnest(key_columns) as key), '{}'::jsonb),
        before,
        after,
        case when withholds then withheld end,
        digest
    );
    if withholds then
        insert into trail_salt (entry_id, position, person_id, salt)
        values (
            entry,
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
    raise exception '% of trail_entry is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'trail_entry';
end
$$;

drop trigger stays_written on trail_entry;
create trigger stays_written before update or delete on trail_entry
for each row execute function only_a_note_is_wiped();
alter table trail_entry enable always trigger stays_written;

-- A salt can be destroyed by an erasure, and never be changed.
create function a_salt_is_only_destroyed() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if tg_op = 'DELETE' and acting_context() ->> 'action' = 'erase' then
        return old;
    end if;
    raise exception '% of trail_salt is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'trail_salt';
end
$$;

create trigger stays_written before update or delete on trail_salt
for each row execute function a_salt_is_only_destroyed();
alter table trail_salt enable always trigger stays_written;
create trigger no_truncate before truncate on trail_salt for each statement execute function refuse_change();
alter table trail_salt enable always trigger no_truncate;

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
    perform trail_entry_for_this_step('accounts', null);
    delete from trail_salt where person_id = erased;
    update trail_entry set note = null where domain = 'accounts' and object_id = erased and note is not null;
end
$$;

-- A row's key is its table's: by half a key two rows could not be told apart.
drop trigger trail on same_meaning;
drop trigger no_truncate on same_meaning;
call watch('same_meaning', 'editorial', 'commentary_id', 'commentary_id,unit,was,became');

grant execute on function erase_from_trail(uuid) to editorial_app;

-- migrate: rollback
