-- What each step calls is read once for a session, and what publication looks at is looked at once for a text.
-- depends: 0066_remembered_under_its_key

-- migrate: apply

-- A function in SQL that has a search path of its own is no part of its query: Postgres reads and plans it anew in
-- each statement that calls it. In plpgsql it stays for the session, at a fifth of that.
create or replace function new_id() returns uuid
language plpgsql parallel safe
set search_path = pg_catalog
as $$
begin
        return encode(
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
        )::uuid;
end
$$;

create or replace function cluster_identifier() returns bigint
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return (pg_control_system()).system_identifier;
end
$$;

create or replace function acting_context() returns jsonb
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return nullif(current_setting('editorial.context', true), '')::jsonb;
end
$$;

create or replace function acting_person() returns uuid
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

create or replace function salted_digest(salt bytea, content text) returns bytea
language plpgsql immutable strict parallel safe
set search_path = pg_catalog
as $$
begin
    return sha256(salt || convert_to(content, 'UTF8'));
end
$$;

create or replace function new_salt() returns bytea
language plpgsql parallel safe
set search_path = pg_catalog
as $$
begin
    return uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
end
$$;

-- Most steps change one row: the entry is written first, and looked for where the step has one already.
create or replace function trail_entry_for_this_step(entry_domain text, row_commentary uuid) returns uuid
language plpgsql security definer
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
    on conflict (transaction, cluster, action, object_id, actor_id, on_behalf_of) do nothing
    returning id into found;
    if found is null then
        select entry.id into found
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
    return found;
end
$$;

create or replace function write_trail() returns trigger
language plpgsql security definer
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
        (select count(*) from trail_change as earlier where earlier.entry_id = entry),
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

create or replace function linked_addresses(words text)
returns table (address text, is_live boolean, is_ours boolean, was_live boolean)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if words !~ 'https?://' then
        return;
    end if;
    return query
        select
            link.address,
            coalesce(target.is_live, false) or case
                -- What a week has, and lists and feeds of a language.
                when link.path[2] ~ '^[0-9]{4}-W[0-9]{2}$' and coalesce(link.path[3], '') = '' then exists (
                    select from edition
                    inner join commentary on commentary.id = edition.commentary_id
                    where edition.language = link.path[1]
                        and edition.live_revision is not null
                        and commentary.week = link.path[2]
                )
                when link.path[2] ~ '^[0-9]{4}-W[0-9]{2}$' then false
                when link.path[1] = 'sitemap.xml' then true
                else exists (
                    select from language
                    where language.tag = link.path[1]
                )
            end,
            link.path is not null,
            not coalesce(target.is_live, false) and coalesce(target.was_live, false)
        from (
            select
                written.matched[1] as address,
                regexp_split_to_array(written.matched[1], '[/?#&=.]+') as parts,
                string_to_array(
                    substring(written.matched[1] from '^https?://[^/?#]+(?:/[^?#]*)?/v1/published/([^?#]*)'), '/'
                ) as path
            from regexp_matches(words, '(https?://[^\s"<>()\[\]\\]+)', 'g') as written (matched)
        ) as link
        cross join lateral (
            select
                bool_or(edition.live_revision is not null) as is_live,
                bool_or(edition.first_published_at is not null) as was_live
            from slug
            inner join edition
                on edition.commentary_id = slug.commentary_id and edition.language = slug.language
            where slug.language = any(link.parts) and slug.slug = any(link.parts)
        ) as target;
end
$$;

-- Nothing is looked at for an edition that has no text to publish, and a text's links once.
create or replace function publication_facts(in_commentary uuid, in_language text, in_revision integer) returns jsonb
language plpgsql stable strict
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select
            jsonb_build_object(
                'pictures', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'place', picture.place,
                        'credit', coalesce(picture.credit, ''),
                        'alternative', coalesce(picture.alternative, '')
                    )), '[]'::jsonb)
                    from (
                        select 'photo' as place, written.photo ->> 'credit' as credit, written.photo ->> 'alt' as alternative
                        where written.photo is not null
                        union all
                        select block ->> 'id', block ->> 'credit', block ->> 'alt'
                        from jsonb_array_elements(written.blocks) as block
                        where block ->> 'type' = 'figure'
                    ) as picture
                ),
                'dead_links', links.dead,
                'other_links', links.other,
                'section_is_taken', exists (
                    select from commentary as other
                    inner join edition as live
                        on live.commentary_id = other.id
                        and live.language = in_language
                        and live.live_revision is not null
                    where other.week = commentary.week
                        and other.section = commentary.section
                        and other.id <> commentary.id
                ),
                'made_from', written.source_revision,
                'source_at', source.approved_revision,
                'unanswered_warnings', coalesce((
                    select translation_task.open_warnings from translation_task
                    where translation_task.commentary_id = in_commentary
                        and translation_task.language = in_language
                ), 0)
            )
        from revision as written
        inner join commentary on commentary.id = written.commentary_id
        inner join edition as source on source.commentary_id = commentary.id and source.is_source
        cross join lateral (
            select
                coalesce(jsonb_agg(distinct jsonb_build_object(
                    'address', link.address,
                    'is_retracted', link.was_live
                )) filter (where not link.is_live and (link.is_ours or link.was_live)), '[]'::jsonb) as dead,
                coalesce(jsonb_agg(distinct link.address) filter (
                    where not (link.is_live or link.is_ours or link.was_live)
                ), '[]'::jsonb) as other
            from linked_addresses(written.lead || ' ' || written.blocks::text) as link
        ) as links
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_revision
    );
end
$$;

-- Four eyes are asked where an update names what they watch, and not at each change of a state.
drop trigger keeps_its_author on commentary;
create trigger keeps_its_author before insert or update of author_id, source_language on commentary
for each row execute function a_commentary_keeps_its_author();
alter table commentary enable always trigger keeps_its_author;

drop trigger own_byline on commentary;
create trigger own_byline before insert or update of author_id, byline_id on commentary
for each row execute function a_byline_is_its_authors_own();
alter table commentary enable always trigger own_byline;

-- migrate: rollback
