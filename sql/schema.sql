--
-- PostgreSQL database dump
--

\restrict editorial

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

--
-- Name: step_entry; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.step_entry AS (
	id uuid,
	is_new boolean
);

--
-- Name: a_byline_is_its_authors_own(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_byline_is_its_authors_own() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if new.byline_id is not null
        and (tg_op = 'INSERT' or new.byline_id is distinct from old.byline_id or new.author_id <> old.author_id)
        and not exists (
            select from byline_links(new.author_id, null) as own where own.byline_id = new.byline_id
        ) then
        raise exception 'the byline is not the author''s'
            using errcode = 'check_violation', constraint = 'a_byline_is_its_authors_own';
    end if;
    return new;
end
$$;

--
-- Name: a_claim_is_held_by_a_translator(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_claim_is_held_by_a_translator() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    perform from person where id = new.assignee_id for share;
    if not translates(new.assignee_id, new.language) then
        raise exception 'a claim is held by a translator of the language'
            using errcode = 'check_violation', constraint = 'a_claim_is_held_by_a_translator';
    end if;
    return new;
end
$$;

--
-- Name: a_commentary_keeps_its_author(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_commentary_keeps_its_author() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if tg_op = 'INSERT' and new.author_id is distinct from acting_person() then
        raise exception 'a commentary is begun by its author'
            using errcode = 'check_violation', constraint = 'a_commentary_is_begun_by_its_author';
    end if;
    if tg_op = 'UPDATE'
        and (new.author_id <> old.author_id or new.source_language <> old.source_language) then
        raise exception 'a commentary keeps its author and its language'
            using errcode = 'check_violation', constraint = 'a_commentary_keeps_its_author';
    end if;
    return new;
end
$$;

--
-- Name: a_coordinator_is_confirmed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_coordinator_is_confirmed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    context jsonb := acting_context();
begin
    if new.role <> 'coordinator' or pg_has_role(current_user, 'editorial_owner', 'member') then
        return new;
    end if;
    if context ->> 'actor_kind' is distinct from 'person'
        or context ->> 'on_behalf_of' is not null
        or not exists (
            select from pending_coordinator as pending
            inner join person as given
                on given.id = pending.person_id and given.state = 'active' and not given.password_set_by_shown_link
            inner join person as confirming on confirming.id = acting_person() and confirming.state = 'active'
            inner join person_role
                on person_role.person_id = confirming.id and person_role.role = 'coordinator'
            where pending.person_id = new.person_id
                and pending.given_by <> confirming.id
                and pending.person_id <> confirming.id
        ) then
        raise exception 'a coordinator is confirmed by another coordinator'
            using errcode = 'check_violation', constraint = 'a_coordinator_is_confirmed_by_another_coordinator';
    end if;
    return new;
end
$$;

--
-- Name: a_link_of_a_used_account_is_not_shown(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_link_of_a_used_account_is_not_shown() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if new.delivery = 'shown' and (tg_op = 'INSERT' or old.delivery <> 'shown') and (
        exists (
            select from person
            where person.id = new.person_id and person.state <> 'invited'
        )
        or exists (
            select from pending_coordinator
            where pending_coordinator.person_id = new.person_id
        )
        or exists (
            select from person_role
            where person_role.person_id = new.person_id and person_role.role = 'coordinator'
        )
    ) then
        raise exception 'a link into an account in use is mailed, or made on the server'
            using errcode = 'check_violation', constraint = 'a_link_into_an_account_in_use_is_never_shown';
    end if;
    return new;
end
$$;

--
-- Name: a_pending_role_is_given_by_an_administrator(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_pending_role_is_given_by_an_administrator() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if acting_context() ->> 'actor_kind' is distinct from 'person'
        or acting_context() ->> 'on_behalf_of' is not null
        or new.given_by is distinct from acting_person()
        or not exists (
            select from person
            inner join person_role on person_role.person_id = person.id and person_role.role = 'administrator'
            where person.id = new.given_by and person.state = 'active'
        ) then
        raise exception 'the role of coordinator is given by an administrator'
            using errcode = 'check_violation', constraint = 'a_pending_role_is_given_by_an_administrator';
    end if;
    return new;
end
$$;

--
-- Name: a_revision_is_signed_and_numbered(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_revision_is_signed_and_numbered() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if new.created_by is distinct from acting_person() then
        raise exception 'a revision is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'a_revision_is_signed_by_its_maker';
    end if;
    if new.number <> 1 + coalesce(
        (
            select max(earlier.number) from revision as earlier
            where earlier.commentary_id = new.commentary_id and earlier.language = new.language
        ),
        0
    ) then
        raise exception 'a revision follows the one before it'
            using errcode = 'check_violation', constraint = 'a_revision_follows_the_one_before';
    end if;
    return new;
end
$$;

--
-- Name: a_salt_is_only_destroyed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_salt_is_only_destroyed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: a_source_edition_stays_the_source(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.a_source_edition_stays_the_source() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if new.is_source <> old.is_source then
        raise exception 'a source edition stays the source'
            using errcode = 'check_violation', constraint = 'a_source_edition_stays_the_source';
    end if;
    return new;
end
$$;

--
-- Name: acting_context(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.acting_context() RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return nullif(current_setting('editorial.context', true), '')::jsonb;
end
$$;

--
-- Name: acting_person(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.acting_person() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return coalesce(
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'on_behalf_of',
        nullif(current_setting('editorial.context', true), '')::jsonb ->> 'actor'
    )::uuid;
end
$$;

--
-- Name: add_audit_entry(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.add_audit_entry(entry_domain text, row_commentary uuid) RETURNS public.step_entry
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: add_audit_partitions(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.add_audit_partitions() RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET lock_timeout TO '100ms'
    AS $$
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

--
-- Name: an_approval_is_by_a_second_person(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.an_approval_is_by_a_second_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    context jsonb := acting_context();
    since integer;
begin
    if context ->> 'actor_kind' is distinct from 'person'
        or context ->> 'on_behalf_of' is not null
        or (context ->> 'actor')::uuid is distinct from new.approved_by then
        raise exception 'an approval is signed by the person who acts'
            using errcode = 'check_violation', constraint = 'an_approval_is_signed_by_its_actor';
    end if;
    select coalesce(max(earlier.revision), 0) into since
    from approval as earlier
    where earlier.commentary_id = new.commentary_id
        and earlier.language = new.language
        and earlier.withdrawn_at is null
        and earlier.revision < new.revision;
    if since = new.revision - 1 and only_follows_source(new.commentary_id, new.language, new.revision) then
        return new;
    end if;
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number > since
            and written.number <= new.revision
            and written.created_by = new.approved_by
            and not only_follows_source(written.commentary_id, written.language, written.number)
    ) or exists (
        select from commentary
        inner join edition on edition.commentary_id = commentary.id
        where commentary.id = new.commentary_id
            and edition.language = new.language
            and edition.is_source
            and commentary.author_id = new.approved_by
    ) or exists (
        select from translation_task
        where translation_task.commentary_id = new.commentary_id
            and translation_task.language = new.language
            and translation_task.assignee_id = new.approved_by
    ) then
        raise exception 'nobody approves what they wrote'
            using errcode = 'check_violation', constraint = 'nobody_approves_what_they_wrote';
    end if;
    return new;
end
$$;

--
-- Name: an_approval_is_only_withdrawn(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.an_approval_is_only_withdrawn() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if tg_op = 'DELETE' or old.withdrawn_at is not null
        or to_jsonb(new) - 'withdrawn_at' is distinct from to_jsonb(old) - 'withdrawn_at' then
        raise exception 'an approval can only be withdrawn'
            using errcode = 'check_violation', constraint = 'an_approval_is_only_withdrawn';
    end if;
    return new;
end
$$;

--
-- Name: base_forms(text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.base_forms(words text[]) RETURNS TABLE(place bigint, form text)
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    dictionary oid := (
        select pg_ts_dict.oid from pg_ts_dict
        inner join pg_namespace on pg_namespace.oid = pg_ts_dict.dictnamespace
        where pg_namespace.nspname = 'editorial_dictionary' and pg_ts_dict.dictname = 'belarusian'
    );
begin
    if dictionary is null then
        return;
    end if;
    return query
    select distinct word.place, folded(base.form)
    from unnest(words) with ordinality as word (spelling, place)
    cross join lateral unnest(coalesce(
        ts_lexize(dictionary::regdictionary, word.spelling),
        ts_lexize(dictionary::regdictionary, translate(left(word.spelling, 1), 'ў', 'у') || substr(word.spelling, 2))
    )) as base (form);
exception when config_file_error then
    -- Its files are gone from this server. The doctor tells; what is published goes on.
    return;
end
$$;

--
-- Name: begin_idempotent_request(bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_idempotent_request(wanted bytea) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if not pg_try_advisory_xact_lock(('x' || encode(substr(wanted, 1, 8), 'hex'))::bit(64)::bigint) then
        raise exception 'a request with this key is running'
            using errcode = 'check_violation', constraint = 'a_keyed_request_runs_once', table = 'idempotency_record';
    end if;
    if exists (
        select from idempotency_record
        where idempotency_record.id = wanted and idempotency_record.kept_at > clock_timestamp() - interval '24 hours'
    ) then
        raise exception 'a request with this key was carried out'
            using errcode = 'check_violation', constraint = 'a_keyed_request_is_done_once', table = 'idempotency_record';
    end if;
end
$$;

--
-- Name: byline_links(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.byline_links(of_person uuid, of_name text) RETURNS TABLE(byline_id uuid, name text, person_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if of_person is null and of_name is null then
        raise exception 'say whose bylines, or which one'
            using errcode = 'insufficient_privilege', constraint = 'bylines_are_looked_up_one_by_one';
    end if;
    perform current_audit_entry(
        'editorial',
        case when acting_context() ->> 'object_kind' = 'commentary' then (acting_context() ->> 'object')::uuid end
    );
    return query
    select byline.id, byline.name, byline_holder.person_id
    from byline
    inner join byline_holder on byline_holder.byline_id = byline.id
    where (of_person is null or byline_holder.person_id = of_person)
        and (of_name is null or byline.name = of_name)
    order by byline.name, byline.id;
end
$$;

--
-- Name: cluster_identifier(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.cluster_identifier() RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return (pg_control_system()).system_identifier;
end
$$;

--
-- Name: content_hash_of(text, text, text, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return sha256(convert_to(jsonb_build_array(title, lead, trend, photo, blocks)::text, 'UTF8'));
end
$$;

--
-- Name: count_version(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.count_version() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    new.version := old.version + 1;
    return new;
end
$$;

--
-- Name: credentials_are_changed_by_their_person(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.credentials_are_changed_by_their_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    -- An account that is erased lets nobody in.
    if new.state = 'erased'
        or acting_person() is not distinct from new.id
        or pg_has_role(current_user, 'editorial_owner', 'member') then
        return new;
    end if;
    if new.email is distinct from old.email then
        raise exception 'an address is changed by its person'
            using errcode = 'check_violation', constraint = 'an_address_is_changed_by_its_person';
    end if;
    if new.password_hash is distinct from old.password_hash
        or new.password_set_by_shown_link is distinct from old.password_set_by_shown_link then
        raise exception 'a password is set by its person'
            using errcode = 'check_violation', constraint = 'a_password_is_set_by_its_person';
    end if;
    return new;
end
$$;

--
-- Name: current_audit_entry(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.current_audit_entry(entry_domain text, row_commentary uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return (add_audit_entry(entry_domain, row_commentary)).id;
end
$$;

--
-- Name: date_publication(uuid, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.date_publication(in_commentary uuid, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if at > now() then
        raise exception 'a publication is dated back, not forward'
            using errcode = 'check_violation', constraint = 'a_publication_is_dated_back';
    end if;
    perform set_config('editorial.context', jsonb_build_object(
        'actor_kind', 'system',
        'action', 'date_publication',
        'object_kind', 'commentary',
        'object_id', in_commentary,
        'request', 'quickstart'
    )::text, true);
    insert into publication_date (commentary_id, published_at, good_until)
    values (in_commentary, at, now() + interval '1 minute')
    on conflict (commentary_id) do update
        set published_at = excluded.published_at, good_until = excluded.good_until;
end
$$;

--
-- Name: date_the_edition(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.date_the_edition() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    present timestamptz := publication_time(new.commentary_id);
begin
    -- Where a row is new, nothing of it was published before.
    if new.published_at is distinct from old.published_at and new.published_at is not null then
        new.published_at := present;
    end if;
    if new.first_published_at is distinct from old.first_published_at then
        new.first_published_at := coalesce(old.first_published_at, present);
    end if;
    if new.retracted_at is distinct from old.retracted_at and new.retracted_at is not null then
        new.retracted_at := present;
    end if;
    return new;
end
$$;

--
-- Name: date_the_publication(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.date_the_publication() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    new.published_at := publication_time(new.commentary_id);
    return new;
end
$$;

--
-- Name: dictionary_serves(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.dictionary_serves() RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return (
        select coalesce(cardinality(ts_lexize(pg_ts_dict.oid::regdictionary, 'дом')), 0) >= 0 from pg_ts_dict
        inner join pg_namespace on pg_namespace.oid = pg_ts_dict.dictnamespace
        where pg_namespace.nspname = 'editorial_dictionary' and pg_ts_dict.dictname = 'belarusian'
    );
exception when config_file_error then
    return false;
end
$$;

--
-- Name: empty_idempotency_records(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.empty_idempotency_records() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    update idempotency_record set sealed = null where idempotency_record.sealed is not null;
    return null;
end
$$;

--
-- Name: end_of_week(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.end_of_week(week text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select pg_catalog.timezone(
        'UTC', (pg_catalog.to_date(week, 'IYYY"-W"IW') operator(pg_catalog.+) 7)::pg_catalog.timestamp
    )
$$;

--
-- Name: erase_from_trail(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_from_trail(erased uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: erase_person(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_person(erased uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if not exists (select from person where id = erased and state <> 'erased') then
        raise exception 'there is no such person to erase'
            using errcode = 'insufficient_privilege', constraint = 'a_person_is_erased_once';
    end if;
    perform erase_from_trail(erased);
    delete from audit_salt
    using audit_change, audit_entry
    where audit_change.entry_id = audit_salt.entry_id
        and audit_change.position = audit_salt.position
        and audit_change.table_name = 'byline_holder'
        and audit_entry.id = audit_change.entry_id
        and coalesce(audit_entry.on_behalf_of, audit_entry.actor_id) = erased;
    delete from account_link where person_id = erased;
    delete from session where person_id = erased;
    delete from person_role where person_id = erased;
    delete from person_language where person_id = erased;
    update person set state = 'erased', email = null, display_name = null, password_hash = null
    where id = erased;
end
$$;

--
-- Name: first_id_at(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.first_id_at(at timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return rpad(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid;
end
$$;

--
-- Name: first_id_of_year(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.first_id_of_year(year integer) RETURNS uuid
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return first_id_at(make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'));
end
$$;

--
-- Name: folded(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.folded(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select btrim(regexp_replace(
        translate(
            regexp_replace(
                lower(normalize(regexp_replace(
                    words,
                    '[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g'
                ), nfc)),
                '\]\([^()]*\)', ' ', 'g'
            ),
            'ёў''’ʼ‘`´' || U&'\0301\0300',
            'еу'
        ),
        '[^[:alnum:]]+', ' ', 'g'
    ))
$$;

--
-- Name: forget_bylines(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_bylines(erased uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: idempotency_record; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_record (
    id bytea NOT NULL,
    sealed bytea,
    kept_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT a_kept_answer_is_found_by_a_hash CHECK ((length(id) = 32))
);

--
-- Name: TABLE idempotency_record; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.idempotency_record IS 'The first answer to each idempotency key, encrypted with the key itself, for 24 hours.';

--
-- Name: forget_idempotency_records(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_idempotency_records() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    BEGIN ATOMIC
 DELETE FROM public.idempotency_record
   WHERE (idempotency_record.kept_at < (now() - '24:00:00'::interval));
END;

--
-- Name: forget_pending_role(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_pending_role() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    delete from pending_coordinator where person_id = new.id;
    return null;
end
$$;

--
-- Name: forget_second_proofs(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_second_proofs() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    delete from totp where person_id = new.id;
    delete from recovery_code where person_id = new.id;
    delete from mail where person_id = new.id;
    return null;
end
$$;

--
-- Name: forget_sign_ins(integer, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_sign_ins(days integer, page integer DEFAULT 500) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
        delete from account_link
        where account_link.id in (
            select id from account_link
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
        select 'account_link', id from old_link
    ),
    told as (
        delete from audit_salt
        using audit_change, gone
        where audit_change.entry_id = audit_salt.entry_id
            and audit_change.position = audit_salt.position
            and audit_change.table_name in ('session', 'account_link')
            and audit_change.table_name = gone.table_name
            and audit_change.row_key ->> 'id' = gone.id::text
    )
    select count(*) into forgotten from gone;
    return forgotten;
end
$$;

--
-- Name: frame_of_blocks(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.frame_of_blocks(blocks jsonb, named jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select coalesce(jsonb_agg(
        jsonb_build_array(
            named_as.id, one -> 'type', one -> 'ordered', one -> 'url', one -> 'credit', one -> 'licence'
        ) order by place
    ), '[]')
    from jsonb_array_elements(blocks) with ordinality as listed (one, place)
    cross join lateral (
        select
            (one ->> 'id') || case when one ->> 'id' in ('title', 'lead', 'photo') then '-block' else '' end as id
    ) as named_as
    where named ? named_as.id
$$;

--
-- Name: freeze(regclass); Type: PROCEDURE; Schema: public; Owner: -
--

CREATE PROCEDURE public."freeze"(IN frozen regclass)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    execute format(
        'create trigger stays_written before update or delete on %s for each row '
        'execute function public.refuse_change()', frozen
    );
    execute format('alter table %s enable always trigger stays_written', frozen);
end
$$;

--
-- Name: guard_audit_partition(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.guard_audit_partition(part text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: hash_revision(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.hash_revision() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    new.content_hash := content_hash_of(new.title, new.lead, new.trend, new.photo, new.blocks);
    return new;
end
$$;

--
-- Name: id_at(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.id_at(at timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
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

--
-- Name: index_working_document(uuid, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.index_working_document(in_commentary uuid, in_language text, in_revision integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    update working_document
    set heading = told.heading, heading_words = told.heading_words, words = told.words
    from (
        select
            folded(concat_ws(' ', revision.title, revision.lead)) as heading,
            searchable(in_language, concat_ws(' ', revision.title, revision.lead)) as heading_words,
            searchable(in_language, text_of(revision.title, revision.lead, revision.blocks)) as words
        from revision
        where revision.commentary_id = in_commentary
            and revision.language = in_language
            and revision.number = in_revision
        offset 0
    ) as told
    where working_document.commentary_id = in_commentary
        and working_document.language = in_language
        and working_document.revision = in_revision
        and working_document.words is null;
end
$$;

--
-- Name: is_altered(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.is_altered(approval uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return exists (
        select from approval as given
        inner join revision as written
            on written.commentary_id = given.commentary_id
            and written.language = given.language
            and written.number = given.revision
        where given.id = is_altered.approval
            and given.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    );
end
$$;

--
-- Name: is_coverage_week(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.is_coverage_week(week text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $_$
    select case
        when week ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$'
            then left(week, 4)::integer between 1990 and extract(year from now() at time zone 'UTC')::integer + 50
                and right(week, 2)::integer
                <= extract(week from make_date(greatest(left(week, 4)::integer, 1), 12, 28))::integer
        else false
    end
$_$;

--
-- Name: keep_idempotency_record(bytea, bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_idempotency_record(wanted bytea, answer bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if exists (
        select from audit_entry as entry
        where entry.transaction = pg_current_xact_id() and entry.cluster = cluster_identifier()
    ) then
        insert into idempotency_record (id, sealed) values (wanted, answer)
        on conflict (id) do update set sealed = excluded.sealed, kept_at = excluded.kept_at;
    end if;
end
$$;

--
-- Name: keep_public_id(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_public_id() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    raise exception 'an edition keeps its public id'
        using errcode = 'check_violation', constraint = 'an_edition_keeps_its_public_id', table = 'edition';
end
$$;

--
-- Name: keep_search_document(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_search_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if new.live_revision is null then
        delete from search_document
        where commentary_id = new.commentary_id and language = new.language;
        return null;
    end if;
    insert into search_document (
        commentary_id, language, heading, body, heading_words, words, first_published_at
    )
    select
        revision.commentary_id,
        revision.language,
        folded(told.heading),
        folded(told.body),
        searchable(revision.language, told.heading),
        searchable(revision.language, told.body),
        new.first_published_at
    from revision
    cross join lateral (
        select
            concat_ws(' ', revision.title, revision.lead) as heading,
            text_of(revision.title, revision.lead, revision.blocks) as body
    ) as told
    where revision.commentary_id = new.commentary_id
        and revision.language = new.language
        and revision.number = new.live_revision
    on conflict (commentary_id, language) do update
    set heading = excluded.heading,
        body = excluded.body,
        heading_words = excluded.heading_words,
        words = excluded.words,
        first_published_at = excluded.first_published_at;
    return null;
end
$$;

--
-- Name: keep_working_document(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_working_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    approved integer := case when new.is_source then new.approved_revision end;
begin
    delete from working_document
    where commentary_id = new.commentary_id and language = new.language
        and (revision = new.live_revision or revision not in (coalesce(new.revision, 0), coalesce(approved, 0)));
    insert into working_document (commentary_id, language, revision, created_at)
    select new.commentary_id, new.language, wanted.revision, commentary.created_at
    from (select new.revision union select approved) as wanted (revision)
    inner join commentary on commentary.id = new.commentary_id
    where wanted.revision is not null and wanted.revision is distinct from new.live_revision
    on conflict do nothing;
    return null;
end
$$;

--
-- Name: lexemes(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lexemes(language text, words text, asked text) RETURNS TABLE(place bigint, lexeme text)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
declare
    tongue text := split_part(language, '-', 1);
    spellings text[] := spelled(words);
    beginnings text := '^[' || (
        select string_agg(distinct
            case left(word.spelling, 1)
                when 'о' then 'аоэв' when 'а' then 'аоэв' when 'э' then 'аоэв' when 'в' then 'аоэв'
                when 'ў' then 'уў' when 'у' then 'уў'
                when 'е' then 'еёя' when 'ё' then 'еёя' when 'я' then 'еёя'
                else left(word.spelling, 1)
            end, ''
        )
        from unnest(spelled(asked)) as word (spelling)
    ) || ']';
begin
    return query
    with word as materialized (
        select given.spelling, given.form, array_agg(given.place) as places
        from unnest(spellings, string_to_array(folded(words), ' ')) with ordinality as given (spelling, form, place)
        where length(given.form) between 1 and 500
        group by given.spelling, given.form
    ),

    telling as materialized (
        select word.spelling, word.form, word.places, base.forms as bases,
            row_number() over (order by word.spelling, word.form) as number
        from word
        cross join lateral (
            select case
                when tongue = 'en' or (tongue = 'ru' and word.form ~ '^[a-z]+$')
                    then ts_lexize('pg_catalog.english_stem', word.form)
                when tongue = 'ru' then ts_lexize('pg_catalog.russian_stem', word.form)
                when tongue <> 'be' then array[word.form]
            end as forms
        ) as base
        where base.forms is distinct from '{}'
    ),

    found as (
        select telling.places, 'W' || telling.form as lexeme from telling
        union
        select telling.places, base.form from telling
        cross join lateral unnest(telling.bases) as base (form)
        union
        select telling.places, base.form
        from base_forms(case tongue when 'be' then (
            select array_agg(telling.spelling order by telling.number) from telling
        ) end) as base
        inner join telling on telling.number = base.place
        union
        select likely.places, stem.stem
        from (select array_agg(telling.spelling order by telling.number) as spellings from telling
            where beginnings is null or telling.spelling ~ beginnings) as given
        cross join lateral stems(language, given.spellings) as stem
        inner join (
            select telling.places, row_number() over (order by telling.number) as number from telling
            where beginnings is null or telling.spelling ~ beginnings
        ) as likely on likely.number = stem.place
    )

    select one.place, found.lexeme from found
    cross join lateral unnest(found.places) as one (place);
end
$_$;

--
-- Name: linked_addresses(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.linked_addresses(words text) RETURNS TABLE(address text, is_live boolean, is_ours boolean, was_live boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
$_$;

--
-- Name: lists_edition(text, boolean, boolean, text, text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lists_edition(sight text, is_source boolean, wanted boolean, status text, language text, languages text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (wanted or status = 'live') and case sight
        when 'whole' then true
        when 'translation' then is_source or status = 'live' or language = any(languages)
        else status = 'live'
    end
$$;

--
-- Name: live_matches(tsquery, text, text, text, text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.live_matches(asked tsquery, part text, in_language text, in_week text, in_section text, in_state text, most integer) RETURNS TABLE(commentary_id uuid, language text, score integer)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
begin
    return query
        select live.commentary_id, live.language, match_score(live.heading_words, live.words, asked)
        from (
            select one.commentary_id, one.language, one.heading_words, one.words from search_document as one
            inner join commentary on commentary.id = one.commentary_id
            where one.words @@ asked
                and (in_language is null or one.language = in_language)
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                -- To those who see only what is live, any of it is published.
                and (in_state is null or in_state in (commentary.state, 'published'))
            order by one.first_published_at desc
            limit most
        ) as live;
    if part is not null then
        return query
            select live.commentary_id, live.language, 0 from search_document as live
            inner join commentary on commentary.id = live.commentary_id
            where live.heading like '%' || part || '%'
                and (in_language is null or live.language = in_language)
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or in_state in (commentary.state, 'published'))
            order by live.first_published_at desc
            limit most;
    end if;
end
$$;

--
-- Name: match_score(tsvector, tsvector, tsquery); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.match_score(heading_words tsvector, words tsvector, asked tsquery) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (1000000::pg_catalog.float4 operator(pg_catalog.*) (
        4::pg_catalog.float4 operator(pg_catalog.*) pg_catalog.ts_rank(heading_words, asked)
        operator(pg_catalog.+) pg_catalog.ts_rank(words, asked, 1)
    ))::pg_catalog.int4
$$;

--
-- Name: may_claim(uuid, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.may_claim(claimant uuid, most integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    perform from person where id = claimant and state = 'active' for no key update;
    if not found then
        raise exception 'only who is active claims a task'
            using errcode = 'check_violation', constraint = 'only_who_is_active_claims';
    end if;
    if (select count(*) from translation_task where assignee_id = claimant and state = 'claimed') >= most then
        raise exception 'nobody claims more than so many tasks'
            using errcode = 'check_violation', constraint = 'nobody_claims_too_much';
    end if;
    return true;
end
$$;

--
-- Name: may_lack_words(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.may_lack_words(written text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return (
        -- A letter at the very beginning is in no address and in no entity.
        translate(left(written, 1), U&'\115F\1160\3164\FFA0', '') !~ '[[:alnum:]]'
        and regexp_replace(
            translate(written, U&'\115F\1160\3164\FFA0', ''), '&#?[[:alnum:]]+;|\]\([^)]*\)', '', 'g'
        ) !~ '[[:alnum:]]'
    )
    or (
        written like '%](%'
        and translate(written, U&'\115F\1160\3164\FFA0', '')
        ~ '\[([^][:alnum:]]|&#?[[:alnum:]]+;)*\]\('
    );
end
$$;

--
-- Name: new_id(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.new_id() RETURNS uuid
    LANGUAGE plpgsql PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return id_at(clock_timestamp());
end
$$;

--
-- Name: new_salt(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.new_salt() RETURNS bytea
    LANGUAGE plpgsql PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
end
$$;

--
-- Name: notify_actor_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_actor_changed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    perform pg_notify('actor_changed', '');
    return null;
end
$$;

--
-- Name: notify_published_changed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_published_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    concerned text := case when tg_argv[0] = '' then '*' else changed ->> tg_argv[0] end;
    relabels boolean := tg_argv[1]::boolean;
    here text := pg_current_xact_id()::text;
    present bigint;
begin
    if current_setting('editorial.published_change_notified', true) is distinct from here then
        update published_version set number = number + 1 returning number into present;
        perform set_config('editorial.published_change_notified', here, true);
    else
        select number into present from published_version;
    end if;
    if relabels then
        update published_version set relabelled_at = now() where relabelled_at <> now();
    end if;
    perform pg_notify('published_changed', present || ' ' || concerned);
    return null;
end
$$;

--
-- Name: only_a_note_is_wiped(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.only_a_note_is_wiped() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if tg_op = 'UPDATE' and new.note is null and acting_context() ->> 'action' = 'erase'
        and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
        return new;
    end if;
    raise exception '% of audit_entry is refused: what was written stays written', lower(tg_op)
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = 'audit_entry';
end
$$;

--
-- Name: only_follows_source(uuid, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.only_follows_source(in_commentary uuid, in_language text, in_number integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return exists (
        select from revision as written
        inner join revision as before
            on before.commentary_id = written.commentary_id
            and before.language = written.language
            and before.number = written.number - 1
        inner join commentary on commentary.id = written.commentary_id
        inner join revision as source
            on source.commentary_id = written.commentary_id
            and source.language = commentary.source_language
            and source.number = written.source_revision
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_number
            and written.language <> source.language
            and exists (
                select from approval
                where approval.commentary_id = source.commentary_id
                    and approval.language = source.language
                    and approval.revision = source.number
            )
            and written.title = before.title
            and written.lead = before.lead
            and written.trend is not distinct from source.trend
            and written.photo ->> 'alt' is not distinct from before.photo ->> 'alt'
            and written.photo ->> 'caption' is not distinct from before.photo ->> 'caption'
            and written.photo - 'alt' - 'caption' is not distinct from source.photo - 'alt' - 'caption'
            and words_by_block(written.blocks) = words_by_block(before.blocks)
            and frame_of_blocks(written.blocks, words_by_block(written.blocks))
            = frame_of_blocks(source.blocks, words_by_block(written.blocks))
    );
end
$$;

--
-- Name: publication_facts(uuid, text, integer, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.publication_facts(in_commentary uuid, in_language text, in_revision integer, is_taken boolean DEFAULT NULL::boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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
                'sparse_units', (
                    select coalesce(jsonb_agg(
                        jsonb_build_object('place', unit.place, 'type', unit.type, 'lines', unit.lines)
                        order by unit.position
                    ), '[]'::jsonb)
                    from (
                        select 0 as position, 'lead' as place, 'lead' as type, jsonb_build_array(written.lead) as lines
                        union all
                        select 1, 'photo', 'caption', jsonb_build_array(written.photo ->> 'caption')
                        where written.photo ->> 'caption' <> ''
                        union all
                        select
                            1 + block.position,
                            block.value ->> 'id',
                            case block.value ->> 'type' when 'figure' then 'caption' else block.value ->> 'type' end,
                            coalesce(block.value -> 'items', jsonb_build_array(block.value -> 'text'))
                        from jsonb_array_elements(written.blocks) with ordinality as block (value, position)
                    ) as unit
                    where exists (
                        select from jsonb_array_elements_text(unit.lines) as line (words)
                        where may_lack_words(line.words)
                    )
                ),
                'dead_links', links.dead,
                'other_links', links.other,
                'section_is_taken', coalesce(is_taken, exists (
                    select from commentary as other
                    inner join edition as live
                        on live.commentary_id = other.id
                        and live.language = in_language
                        and live.live_revision is not null
                    where other.week = commentary.week
                        and other.section = commentary.section
                        and other.id <> commentary.id
                )),
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
                coalesce(
                    jsonb_agg(distinct jsonb_build_object('address', link.address, 'is_retracted', link.was_live))
                    filter (where not link.is_live and (link.is_ours or link.was_live)),
                    '[]'::jsonb
                ) as dead,
                coalesce(
                    jsonb_agg(distinct link.address)
                    filter (where not (link.is_live or link.is_ours or link.was_live)),
                    '[]'::jsonb
                ) as other
            from linked_addresses(written.lead || ' ' || written.blocks::text) as link
        ) as links
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_revision
    );
end
$$;

--
-- Name: publication_time(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.publication_time(in_commentary uuid) RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    select coalesce(
        (
            select publication_date.published_at from publication_date
            where publication_date.commentary_id = in_commentary and publication_date.good_until > now()
        ),
        now()
    )
$$;

--
-- Name: record_attempt(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_attempt(entry_domain text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$ select current_audit_entry(entry_domain, null) $$;

--
-- Name: record_refusal(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_refusal(entry_domain text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
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

--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    raise exception '% of % is refused: what was written stays written', lower(tg_op), tg_table_name
        using errcode = 'insufficient_privilege', constraint = 'what_was_written_stays_written', table = tg_table_name;
end
$$;

--
-- Name: reindex_published(uuid, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reindex_published(after uuid, page integer, OUT last uuid, OUT changed integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    with next_ones as (
        select distinct search_document.commentary_id from search_document
        where search_document.commentary_id > after
        order by search_document.commentary_id
        limit page
    ),

    renewed as (
        update search_document
        set heading = told.heading, body = told.body, heading_words = told.heading_words, words = told.words
        from (
            select
                edition.commentary_id,
                edition.language,
                folded(written.heading) as heading,
                folded(written.body) as body,
                searchable(edition.language, written.heading) as heading_words,
                searchable(edition.language, written.body) as words
            from next_ones
            inner join edition on edition.commentary_id = next_ones.commentary_id
            inner join revision
                on revision.commentary_id = edition.commentary_id
                and revision.language = edition.language
                and revision.number = edition.live_revision
            cross join lateral (
                select
                    concat_ws(' ', revision.title, revision.lead) as heading,
                    text_of(revision.title, revision.lead, revision.blocks) as body
            ) as written
        ) as told
        where search_document.commentary_id = told.commentary_id
            and search_document.language = told.language
            and (search_document.heading, search_document.body, search_document.heading_words, search_document.words)
            is distinct from (told.heading, told.body, told.heading_words, told.words)
        returning 1
    )

    select (select next_ones.commentary_id from next_ones order by next_ones.commentary_id desc limit 1),
        (select count(*) from renewed)
    into last, changed;
end
$$;

--
-- Name: renew_dictionary(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.renew_dictionary() RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    create schema if not exists editorial_dictionary;
    drop text search dictionary if exists editorial_dictionary.belarusian;
    begin
        create text search dictionary editorial_dictionary.belarusian (
            template = ispell, dictfile = be_by, afffile = be_by
        );
    exception when config_file_error then
        drop schema editorial_dictionary;
        return sqlerrm;
    end;
    return null;
end
$$;

--
-- Name: roles_are_changed_by_another(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.roles_are_changed_by_another() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if coalesce(new.person_id, old.person_id) = acting_person()
        and not pg_has_role(current_user, 'editorial_owner', 'member') then
        raise exception 'roles and languages are changed by another person'
            using errcode = 'check_violation', constraint = 'roles_are_changed_by_another_person';
    end if;
    return coalesce(new, old);
end
$$;

--
-- Name: salted_digest(bytea, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.salted_digest(salt bytea, content text) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
begin
    return sha256(salt || convert_to(content, 'UTF8'));
end
$$;

--
-- Name: search_configuration(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.search_configuration(language text) RETURNS regconfig
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select case split_part(language, '-', 1)
        when 'ru' then 'pg_catalog.russian'::regconfig
        when 'en' then 'pg_catalog.english'::regconfig
        else 'pg_catalog.simple'::regconfig
    end
$$;

--
-- Name: search_query(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.search_query(asked text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    select search_query('be', asked) || search_query('ru', asked) || search_query('en', asked)
        || plainto_tsquery('pg_catalog.simple', folded(asked))
$$;

--
-- Name: search_query(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.search_query(language text, asked text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return (
        select coalesce(string_agg(format('(%s)', one.meant), ' & '), '')::tsquery
        from (
            select string_agg(distinct quote_literal(found.lexeme), ' | ') as meant
            from lexemes(search_query.language, left(search_query.asked, 1000), null) as found
            group by found.place
        ) as one
    );
end
$$;

--
-- Name: searchable(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.searchable(language text, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT COST 10000
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$ select searchable(language, words, null) $$;

--
-- Name: searchable(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.searchable(language text, words text, asked text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE COST 10000
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if asked is not null and split_part(language, '-', 1) <> 'be' then
        -- Postgres reads these by itself, and fast.
        return to_tsvector(search_configuration(language), folded(words)) || (
            with likely as materialized (
                select word.form, array_agg(word.place) as places, row_number() over (order by word.form) as number
                from unnest(string_to_array(folded(words), ' ')) with ordinality as word (form, place)
                where length(word.form) < 500 and left(word.form, 1) in (
                    select left(one.form, 1) from unnest(string_to_array(folded(asked), ' ')) as one (form)
                )
                group by word.form
            )

            select coalesce(string_agg(format('%s:%s', found.lexeme, least(found.place, 16383)), ' '), '')::tsvector
            from (
                select 'W' || likely.form as lexeme, one.place
                from likely
                cross join lateral unnest(likely.places[1:255]) as one (place)
                union all
                select distinct stem.stem, likely.places[1]
                from (select array_agg(likely.form order by likely.number) as forms from likely) as given
                cross join lateral stems(language, given.forms) as stem
                inner join likely on likely.number = stem.place
            ) as found
        );
    end if;
    return (
        select coalesce(string_agg(format('%s:%s', found.lexeme, found.places), ' '), '')::tsvector
        from (
            select each.lexeme, string_agg(each.place::text, ',') as places
            from (
                select one.lexeme, least(one.place, 16383) as place,
                    row_number() over (partition by one.lexeme order by one.place) as number
                from lexemes(searchable.language, searchable.words, searchable.asked) as one
            ) as each
            where each.number < 256
            group by each.lexeme
        ) as found
    );
exception when program_limit_exceeded then
    -- Of a text with more different words than an index entry holds, the words as they are written.
    return (
        select coalesce(string_agg(format('W%s', word.form), ' '), '')::tsvector
        from (select distinct regexp_split_to_table(folded(searchable.words), ' ') as form) as word
        where length(word.form) between 1 and 500
    );
end
$$;

--
-- Name: sight_of(uuid, uuid, text, uuid, text[], boolean, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sight_of(commentary uuid, author uuid, in_state text, actor uuid, languages text[], sees_all boolean, translator_states text[]) RETURNS TABLE(sight text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select case
        when
            sees_all
            or author = actor
            or (
                select true from public.contributor
                where contributor.commentary_id = commentary and contributor.person_id = actor
                limit 1
            )
            then 'whole'
        when
            in_state = any(translator_states)
            and (
                select true from public.translation_task
                where translation_task.commentary_id = commentary
                    and translation_task.language = any(languages)
                    and translation_task.state <> 'cancelled'
                limit 1
            )
            then 'translation'
        when
            (
                select true from public.edition
                where edition.commentary_id = commentary and edition.live_revision is not null
                limit 1
            )
            then 'live'
    end
$$;

--
-- Name: spelled(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.spelled(words text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select coalesce(array_agg(one.word order by one.place), '{}')
    from regexp_split_to_table(
        translate(
            regexp_replace(
                lower(normalize(regexp_replace(
                    words,
                    '[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g'
                ), nfc)),
                '\]\([^()]*\)', ' ', 'g'
            ),
            '’ʼ‘`´' || U&'\0301\0300',
            ''''''''''''
        ),
        '[^[:alnum:]'']+'
    ) with ordinality as one (word, place)
    where one.word ~ '[[:alnum:]]'
$$;

--
-- Name: stems(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.stems(language text, words text[]) RETURNS TABLE(place bigint, stem text)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
    with given as (
        select split_part(stems.language, '-', 1) as tongue,
            translate(array_to_string(stems.words, ' '), 'ё', 'е') as forms
    ),

    word as materialized (
        select one.place, one.form, given.tongue
        from given
        cross join lateral unnest(string_to_array(
            case given.tongue
                -- ў stands after a vowel, and у at the beginning: which of them was typed does not matter.
                when 'be' then substr(
                    replace(regexp_replace(' ' || given.forms, '([аеіоуыэюя])у', '\1ў', 'g'), ' ў', ' у'), 2
                )
                else given.forms
            end,
            ' '
        )) with ordinality as one (form, place)
        where given.tongue in ('be', 'ru') and one.form ~ '^[а-яіў'']{3,40}$'
    ),

    -- Each reading of a form: the stem, its ending, and whether it is that of a noun, an adjective or a verb.
    reading as (
        select
            word.place,
            word.tongue,
            'S' as kind,
            rtrim(word.form, 'ьй') as stem,
            case right(word.form, 1) when 'ь' then 'ь' else '' end as ending,
            word.form
        from word
        where strpos('аеиіоуыэюя''', right(word.form, 1)) = 0
        union all
        select
            word.place,
            word.tongue,
            'S',
            left(word.form, -ending.letters),
            right(word.form, ending.letters),
            word.form
        from word
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where length(word.form) - size.letters > 1 and case word.tongue
                when 'be' then right(word.form, size.letters) in (
                    'амі', 'ямі', 'ьмі', 'іма', 'ыма', 'мі', 'ам', 'ям', 'ом', 'ем', 'ой', 'ей', 'эй', 'ай', 'яй',
                    'ою', 'ею', 'эю', 'аю', 'яю', 'аў', 'яў', 'оў', 'еў', 'ах', 'ях', 'а', 'я', 'у', 'ў', 'ю', 'ы',
                    'і', 'е', 'э', 'о'
                )
                else right(word.form, size.letters) in (
                    'ами', 'ями', 'ьми', 'ам', 'ям', 'ом', 'ем', 'ой', 'ей', 'ою', 'ею', 'ью', 'ов', 'ев', 'ах',
                    'ях', 'а', 'я', 'у', 'ю', 'ы', 'и', 'е', 'о'
                )
            end
            limit 1
        ) as ending
        union all
        select word.place, word.tongue, 'A', left(word.form, -ending.letters), '', word.form
        from word
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where length(word.form) - size.letters > 1 and right(word.form, size.letters) in (
                'ымі', 'імі', 'ога', 'ага', 'яга', 'ому', 'аму', 'яму', 'ая', 'яя', 'ае', 'яе', 'ое', 'ыя', 'ія',
                'ых', 'іх', 'ым', 'ім', 'ую', 'юю', 'ой', 'ай', 'яй', 'ою', 'аю', 'яю', 'ы', 'і'
            )
            limit 1
        ) as ending
        where word.tongue = 'be'
        union all
        select
            word.place,
            word.tongue,
            'V',
            case
                when length(bare.stem) > 4 and right(bare.stem, 2) in ('ав', 'яв', 'ів', 'ыв') then left(bare.stem, -2)
                else bare.stem
            end,
            '',
            word.form
        from word
        cross join lateral (
            select case
                when word.form like '%цца' then left(word.form, -3) || 'ць'
                when word.form like '%ся' then left(word.form, -2)
                else word.form
            end as form
        ) as active
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where right(active.form, size.letters) in (
                'ўшы', 'юць', 'уць', 'ючы', 'учы', 'ячы', 'ачы', 'йце', 'ець', 'ць', 'ла', 'лі', 'ло', 'еш', 'ем',
                'іш', 'ім', 'ыш', 'ым', 'це', 'ці', 'ў', 'ю', 'е', 'й'
            )
            limit 1
        ) as ending
        cross join lateral (
            select rtrim(left(active.form, -ending.letters), 'аеіоуыэюя') as stem
        ) as bare
        where word.tongue = 'be' and length(bare.stem) > 2
    ),

    -- A noun's stem without a mobile vowel, where no ending stands behind it; and what е and ы have changed.
    changed as (
        select reading.place, reading.tongue, reading.kind, reading.stem, reading.ending, reading.form from reading
        union all
        select
            reading.place,
            reading.tongue,
            reading.kind,
            case
                when strpos('аеиіоуыэюя', right(part.head, 1)) > 0 then part.head || 'й'
                when strpos('нрл', part.last) > 0 and part.head like '%дз' then left(part.head, -1)
                when strpos('нрл', part.last) > 0 and part.head like '%ц' then left(part.head, -1) || 'т'
                else part.head
            end || part.last,
            reading.ending,
            reading.form
        from reading
        cross join lateral (
            select
                left(reading.stem, -2) as head,
                left(right(reading.stem, 2), 1) as vowel,
                right(reading.stem, 1) as last
        ) as part
        where reading.kind = 'S' and reading.ending in ('', 'ь')
            and strpos('аеоэя', part.vowel) > 0 and strpos('кцнлрмвў', part.last) > 0
            and translate(part.head, 'аеиіоуыэюя', '') <> part.head
            and (part.last = 'к' or strpos('аеиіоуыэюя', right(part.head, 1)) = 0)
        union all
        select
            reading.place,
            reading.tongue,
            reading.kind,
            left(reading.stem, -length(before.soft)) || before.hard,
            'а',
            reading.form
        from reading
        inner join (
            values
            ('ц', 'к', 'э'), ('ц', 'к', 'ы'), ('ц', 'т', 'е'), ('дз', 'д', 'е'), ('з', 'г', 'е'), ('с', 'х', 'е')
        ) as before (soft, hard, ending)
            on reading.ending = before.ending and right(reading.stem, length(before.soft)) = before.soft
        where reading.tongue = 'be' and reading.kind = 'S'
    ),

    -- Soft endings leave a sign behind the consonants that have a hard and a soft sound; е does not tell which it is.
    signed as (
        select
            changed.place,
            changed.tongue,
            changed.kind,
            changed.form,
            mark.sign,
            case
                when changed.tongue = 'ru' then translate(changed.stem, 'ьъ''', '')
                else translate(
                    case
                        when changed.stem like '%''' then left(changed.stem, -1) || 'й'
                        when changed.stem like '%ддз' then left(changed.stem, -3) || 'дз'
                        when tail.is_double then left(changed.stem, -1)
                        else changed.stem
                    end,
                    'оэяўь''', 'ааев'
                )
            end as stem
        from changed
        cross join lateral (
            select
                right(changed.stem, 1) = left(right(changed.stem, 2), 1) as is_double,
                strpos(
                    case changed.tongue when 'be' then 'сзнлцд' else 'сзнлцдрт' end, right(changed.stem, 1)
                ) > 0 as has_both_sounds
        ) as tail
        cross join lateral unnest(
            case
                when changed.kind <> 'S' or changed.ending = '' or not tail.has_both_sounds then array['']
                when changed.ending = 'е' or (changed.ending = 'у' and tail.is_double) then array['', 'ь']
                when strpos('ьіияюе', left(changed.ending, 1)) > 0 then array['ь']
                else array['']
            end
        ) as mark (sign)
        where changed.kind <> 'S' or changed.stem = 'дн'
            or translate(changed.stem, 'аеиіоуыэюя', '') <> changed.stem
    )

    select signed.place, signed.kind || coalesce(irregular.regular, signed.stem || signed.sign)
    from signed
    left join (
        values ('дн', 'дзен'), ('дзен', 'дзен'), ('ден', 'дзен'), ('вач', 'вак'), ('вуш', 'вух')
    ) as irregular (stem, regular) on irregular.stem = signed.stem
    union
    -- `вокны` are of `акно`, `возера` has `азёры`.
    select signed.place, signed.kind || substr(signed.stem, 2) || signed.sign
    from signed
    where signed.tongue = 'be' and signed.form like 'во%' and length(signed.stem) > 3
$_$;

--
-- Name: take_byline(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.take_byline(new_byline uuid, new_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    holder uuid := acting_person();
    found uuid;
begin
    select own.byline_id into found from byline_links(holder, new_name) as own;
    if found is null then
        insert into byline (id, name) values (new_byline, new_name) returning id into found;
        insert into byline_holder (byline_id, person_id) values (found, holder);
    end if;
    return found;
end
$$;

--
-- Name: tell_coordinators(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tell_coordinators() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    context jsonb := acting_context();
    one_row jsonb := to_jsonb(coalesce(new, old));
    concerned uuid := coalesce(one_row ->> 'person_id', one_row ->> 'id')::uuid;
    is_coordinator boolean := exists (
        select from person_role
        where person_role.person_id = concerned and person_role.role = 'coordinator'
    );
    told text;
begin
    told := case
        when tg_table_name = 'pending_coordinator' and tg_op = 'INSERT' then 'give_coordinator'
        -- A role that was confirmed is told as that.
        when tg_table_name = 'pending_coordinator' and tg_op = 'DELETE' and not is_coordinator then
            'withdraw_coordinator'
        when tg_table_name = 'person_role' and one_row ->> 'role' = 'coordinator' then case
            when tg_op = 'DELETE' then 'take_coordinator'
            when context ->> 'actor_kind' = 'person' then 'confirm_coordinator'
            else 'appoint_coordinator'
        end
        when tg_table_name = 'account_link' and one_row ->> 'delivery' = 'server' then 'make_link_on_server'
        when tg_table_name = 'totp' and is_coordinator and concerned is distinct from acting_person() then
            'remove_totp_of_coordinator'
        when tg_table_name = 'person' and is_coordinator then case one_row ->> 'state'
            when 'deactivated' then 'deactivate_coordinator'
            when 'active' then 'activate_coordinator'
        end
    end;
    -- Without an actor and an action the trail refuses the change itself.
    if told is not null and context ->> 'actor_kind' is not null and context ->> 'action' is not null then
        insert into audit_entry
            (domain, actor_kind, actor_id, on_behalf_of, action, object_kind, object_id, request_id)
        values (
            'editorial',
            context ->> 'actor_kind',
            (context ->> 'actor')::uuid,
            (context ->> 'on_behalf_of')::uuid,
            told,
            'person',
            concerned,
            coalesce(context ->> 'request', 'none')
        )
        on conflict do nothing;
    end if;
    return null;
end
$$;

--
-- Name: text_of(text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.text_of(title text, lead text, blocks jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select left(concat_ws(' ', title, lead, (
        select string_agg(
            concat_ws(
                ' ', block ->> 'text', block ->> 'alt',
                (select string_agg(item, ' ') from jsonb_array_elements_text(block -> 'items') as item)
            ),
            ' ' order by place
        )
        from jsonb_array_elements(blocks) with ordinality as one (block, place)
    )), 150000)
$$;

--
-- Name: translates(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.translates(who uuid, target_language text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    return exists (
        select from person
        inner join person_role on person_role.person_id = person.id and person_role.role = 'translator'
        inner join person_language
            on person_language.person_id = person.id and person_language.language = target_language
        where person.id = who and person.state = 'active'
    );
end
$$;

--
-- Name: watch(regclass, text, text, text, text); Type: PROCEDURE; Schema: public; Owner: -
--

CREATE PROCEDURE public.watch(IN watched regclass, IN domain text, IN commentary_column text, IN key_columns text, IN withheld_columns text DEFAULT ''::text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: what_goes_live_is_approved_now(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.what_goes_live_is_approved_now() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
    earlier_live uuid := case when tg_op = 'UPDATE' then old.live_approval_id end;
    earlier_ready uuid := case when tg_op = 'UPDATE' then old.approval_id end;
begin
    if (new.live_approval_id is distinct from earlier_live and new.live_approval_id is not null
            and exists (select from approval where id = new.live_approval_id and withdrawn_at is not null))
        or (new.approval_id is distinct from earlier_ready and new.approval_id is not null
            and exists (select from approval where id = new.approval_id and withdrawn_at is not null)) then
        raise exception 'the approval was withdrawn'
            using errcode = 'check_violation', constraint = 'a_withdrawn_approval_makes_nothing_live';
    end if;
    return new;
end
$$;

--
-- Name: what_goes_live_is_as_approved(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.what_goes_live_is_as_approved() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if (
        tg_op = 'INSERT'
        or (new.live_approval_id, new.live_revision, new.published_at)
        is distinct from (old.live_approval_id, old.live_revision, old.published_at)
    ) and is_altered(new.live_approval_id) then
        raise exception 'the text is not the one that was approved'
            using errcode = 'check_violation', constraint = 'what_goes_live_is_as_approved', table = 'edition';
    end if;
    return new;
end
$$;

--
-- Name: what_is_approved_is_as_written(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.what_is_approved_is_as_written() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number = new.revision
            and written.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    ) then
        raise exception 'the text is not the one that was written'
            using errcode = 'check_violation', constraint = 'what_is_approved_is_as_written', table = 'approval';
    end if;
    return new;
end
$$;

--
-- Name: words_asked_for(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.words_asked_for(in_language text, asked text) RETURNS TABLE(place bigint, spelling text, is_known boolean, correction text)
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $_$
begin
    return query
    with word as materialized (
        select given.place, given.spelling, folded(given.spelling) as form,
            search_query(in_language, given.spelling) as meant
        from unnest(spelled(asked)) with ordinality as given (spelling, place)
    ),

    known as materialized (
        select word.place, word.spelling, word.form, numnode(word.meant) = 0 or exists (
            select from search_document
            where search_document.language = in_language and search_document.words @@ word.meant
        ) as is_known
        from word
    ),

    -- No more than a few words at a time: each is tried with hundreds of slips.
    slipped as (
        select known.place, known.form, case
            when known.form ~ '[а-яіїєґ]' then 'абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюя'
            else 'abcdefghijklmnopqrstuvwxyz'
        end as letters
        from known
        where not known.is_known
            and known.form ~ '^[[:alpha:]]{5,30}$'
            and not (split_part(in_language, '-', 1) = 'be' and exists (
                select from base_forms(array[known.spelling])
            ))
        order by known.place
        limit 4
    ),

    variant as (
        select distinct slipped.place, made.form
        from slipped
        cross join lateral generate_series(0, length(slipped.form)) as cut (at)
        cross join lateral (
            select left(slipped.form, cut.at) as head, substr(slipped.form, cut.at + 1) as tail
        ) as part
        cross join lateral (
            select part.head || substr(part.tail, 2) as form where part.tail <> ''
            union all
            select part.head || reverse(left(part.tail, 2)) || substr(part.tail, 3) where length(part.tail) > 1
            union all
            select part.head || letter || rest.tail
            from regexp_split_to_table(slipped.letters, '') as letter
            cross join (values (part.tail), (substr(part.tail, 2))) as rest (tail)
        ) as made
        where made.form <> slipped.form
    ),

    -- Once, and before any text is read: almost all of the variants are no words.
    likely as materialized (
        select distinct on (variant.place) variant.place, 'W' || variant.form as lexeme
        from variant
        cross join lateral (
            select count(*) as texts from (
                select from search_document
                where search_document.language = in_language
                    and search_document.words @@ quote_literal('W' || variant.form)::tsquery
                limit 1000
            ) as one
        ) as common
        where common.texts > 0
        order by variant.place, common.texts desc, variant.form
    ),

    corrected as (
        select likely.place, (
            select coalesce(nullif(written.spelling, ''), substr(likely.lexeme, 2))
            from (
                select search_document.commentary_id, search_document.words from search_document
                where search_document.language = in_language
                    and search_document.words @@ quote_literal(likely.lexeme)::tsquery
                limit 1
            ) as one
            cross join lateral unnest(one.words) as lexeme
            inner join public_page
                on public_page.commentary_id = one.commentary_id and public_page.language = in_language
            cross join lateral (
                select min(word.spelling) as spelling
                from unnest(spelled(text_of(public_page.title, public_page.lead, public_page.blocks)))
                    with ordinality as word (spelling, place)
                where word.place = any(lexeme.positions) and folded(word.spelling) = substr(likely.lexeme, 2)
            ) as written
            where lexeme.lexeme = likely.lexeme
        ) as spelling
        from likely
    )

    select known.place, known.spelling, known.is_known, corrected.spelling
    from known
    left join corrected on corrected.place = known.place
    order by known.place;
end
$_$;

--
-- Name: words_by_block(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.words_by_block(blocks jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select coalesce(jsonb_object_agg(
        (one ->> 'id') || case when one ->> 'id' in ('title', 'lead', 'photo') then '-block' else '' end,
        jsonb_build_array(one -> 'type', one -> 'text', one -> 'items', one -> 'alt')
    ), '{}')
    from jsonb_array_elements(blocks) as one
$$;

--
-- Name: working_matches(tsquery, text, text, text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.working_matches(asked tsquery, part text, in_week text, in_section text, in_state text, most integer) RETURNS TABLE(commentary_id uuid, language text, revision integer, score integer)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
begin
    return query
        select one.commentary_id, one.language, one.revision, match_score(one.heading_words, one.words, asked)
        from (
            select worked_on.* from working_document as worked_on
            inner join commentary on commentary.id = worked_on.commentary_id
            where worked_on.words @@ asked
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or commentary.state = in_state)
            order by worked_on.created_at desc
            limit most
        ) as one;
    if part is not null then
        return query
            select one.commentary_id, one.language, one.revision, 0 from working_document as one
            inner join commentary on commentary.id = one.commentary_id
            where one.heading like '%' || part || '%'
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or commentary.state = in_state)
            order by one.created_at desc
            limit most;
    end if;
end
$$;

--
-- Name: write_audit_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.write_audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $$
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

--
-- Name: years_without_partition(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.years_without_partition() RETURNS SETOF integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

--
-- Name: account_link; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.account_link (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    purpose text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    delivery text DEFAULT 'mail'::text NOT NULL,
    CONSTRAINT a_one_time_link_has_a_known_delivery CHECK ((delivery = ANY (ARRAY['mail'::text, 'shown'::text, 'server'::text]))),
    CONSTRAINT a_one_time_link_has_a_known_purpose CHECK ((purpose = ANY (ARRAY['invitation'::text, 'reset'::text])))
);

--
-- Name: TABLE account_link; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.account_link IS 'Links that let a person set a password: an invitation or a reset, good for one use. Only a hash is kept.';

--
-- Name: approval; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.approval (
    id uuid NOT NULL,
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    revision integer NOT NULL,
    content_hash bytea NOT NULL,
    approved_by uuid NOT NULL,
    approved_at timestamp with time zone DEFAULT now() NOT NULL,
    withdrawn_at timestamp with time zone
);

--
-- Name: TABLE approval; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.approval IS 'What a second person agreed to: a source text or a translation, by revision and content hash.';

--
-- Name: audit_change; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_change (
    entry_id uuid NOT NULL,
    "position" integer NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_key jsonb NOT NULL,
    before jsonb,
    after jsonb,
    sequence bigint NOT NULL,
    withheld text[],
    withheld_digest bytea,
    CONSTRAINT a_trail_change_has_a_known_operation CHECK ((operation = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text]))),
    CONSTRAINT a_trail_change_names_what_it_withholds CHECK (((withheld IS NULL) = (withheld_digest IS NULL)))
)
PARTITION BY RANGE (entry_id);

--
-- Name: TABLE audit_change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_change IS 'The rows that a step touched: changed columns before and after. Texts and personal fields are withheld.';

--
-- Name: COLUMN audit_change.withheld; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.audit_change.withheld IS 'The withheld columns that the digest covers: all of the row''s, whenever one of them was written.';

--
-- Name: audit_change_sequence; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_change_sequence
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: audit_change_sequence; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_change_sequence OWNED BY public.audit_change.sequence;

--
-- Name: audit_change_beyond; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_change_beyond (
    entry_id uuid NOT NULL,
    "position" integer NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    row_key jsonb NOT NULL,
    before jsonb,
    after jsonb,
    sequence bigint DEFAULT nextval('public.audit_change_sequence'::regclass) NOT NULL,
    withheld text[],
    withheld_digest bytea,
    CONSTRAINT a_trail_change_has_a_known_operation CHECK ((operation = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text]))),
    CONSTRAINT a_trail_change_names_what_it_withholds CHECK (((withheld IS NULL) = (withheld_digest IS NULL)))
);

--
-- Name: audit_checkpoint; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_checkpoint (
    number bigint NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    cluster bigint NOT NULL,
    horizon xid8 NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT a_checkpoint_counts_leaves CHECK ((size >= 0))
);

--
-- Name: TABLE audit_checkpoint; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_checkpoint IS 'Signed statements of what the tree was at a size (C2SP tlog-checkpoint). The sealer continues from the newest.';

--
-- Name: audit_entry; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_entry (
    id uuid DEFAULT public.id_at(now()) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    cluster bigint DEFAULT public.cluster_identifier() NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    domain text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    on_behalf_of uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid,
    commentary_id uuid,
    request_id text NOT NULL,
    note text,
    note_digest bytea,
    CONSTRAINT a_person_in_the_trail_is_identified CHECK (((actor_kind <> ALL (ARRAY['person'::text, 'service'::text])) OR (actor_id IS NOT NULL))),
    CONSTRAINT a_trail_action_is_a_word CHECK ((action ~ '^[a-z]+(_[a-z]+)*$'::text)),
    CONSTRAINT a_trail_entry_has_a_known_actor CHECK ((actor_kind = ANY (ARRAY['person'::text, 'service'::text, 'system'::text, 'anonymous'::text]))),
    CONSTRAINT a_trail_entry_has_a_known_domain CHECK ((domain = ANY (ARRAY['editorial'::text, 'accounts'::text])))
)
PARTITION BY RANGE (id);

--
-- Name: TABLE audit_entry; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_entry IS 'One entry for each step that a person, a service or the system took. Only triggers write it.';

--
-- Name: audit_entry_beyond; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_entry_beyond (
    id uuid DEFAULT public.id_at(now()) NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    cluster bigint DEFAULT public.cluster_identifier() NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    domain text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    on_behalf_of uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id uuid,
    commentary_id uuid,
    request_id text NOT NULL,
    note text,
    note_digest bytea,
    CONSTRAINT a_person_in_the_trail_is_identified CHECK (((actor_kind <> ALL (ARRAY['person'::text, 'service'::text])) OR (actor_id IS NOT NULL))),
    CONSTRAINT a_trail_action_is_a_word CHECK ((action ~ '^[a-z]+(_[a-z]+)*$'::text)),
    CONSTRAINT a_trail_entry_has_a_known_actor CHECK ((actor_kind = ANY (ARRAY['person'::text, 'service'::text, 'system'::text, 'anonymous'::text]))),
    CONSTRAINT a_trail_entry_has_a_known_domain CHECK ((domain = ANY (ARRAY['editorial'::text, 'accounts'::text])))
);

--
-- Name: audit_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_key (
    number integer NOT NULL,
    verifier text NOT NULL,
    introduced_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: TABLE audit_key; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_key IS 'The public keys that may sign checkpoints, in the order in which they were introduced. Each private key is a file beside a worker.';

--
-- Name: audit_leaf; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_leaf (
    "position" bigint NOT NULL,
    entry_id uuid NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT a_leaf_has_a_place CHECK (("position" >= 0)),
    CONSTRAINT a_leaf_is_a_hash CHECK ((length(hash) = 32))
);

--
-- Name: TABLE audit_leaf; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_leaf IS 'The leaves of the Merkle tree (RFC 9162): one hash for each sealed entry, in sealing order.';

--
-- Name: audit_node; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_node (
    level integer NOT NULL,
    "position" bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT a_node_is_a_hash CHECK ((length(hash) = 32)),
    CONSTRAINT a_node_is_on_a_level_that_is_kept CHECK (((level > 0) AND ((level % 8) = 0)))
);

--
-- Name: TABLE audit_node; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_node IS 'Every eighth level of the tree above its leaves, so that a proof reads a few hundred hashes and no more.';

--
-- Name: audit_salt; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_salt (
    entry_id uuid NOT NULL,
    "position" integer NOT NULL,
    person_id uuid,
    salt bytea NOT NULL
)
PARTITION BY RANGE (entry_id);

--
-- Name: TABLE audit_salt; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.audit_salt IS 'Salts of the digests of withheld values. They are deleted with the person whom they concern: the digests then tell nothing.';

--
-- Name: audit_salt_beyond; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_salt_beyond (
    entry_id uuid NOT NULL,
    "position" integer NOT NULL,
    person_id uuid,
    salt bytea NOT NULL
);

--
-- Name: byline; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.byline (
    id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT a_byline_has_a_bounded_length CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

--
-- Name: TABLE byline; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.byline IS 'Public names that commentaries are signed with.';

--
-- Name: byline_holder; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.byline_holder (
    byline_id uuid NOT NULL,
    person_id uuid NOT NULL
);

--
-- Name: TABLE byline_holder; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.byline_holder IS 'Who stands behind a byline. The application cannot read this table: it calls functions that leave an entry.';

--
-- Name: comment; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.comment (
    id uuid NOT NULL,
    thread_id uuid NOT NULL,
    commentary_id uuid NOT NULL,
    part text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    text text NOT NULL,
    CONSTRAINT a_comment_has_a_bounded_length CHECK (((length(text) >= 1) AND (length(text) <= 5000))),
    CONSTRAINT a_comment_is_made_in_a_known_part CHECK ((part = ANY (ARRAY['author'::text, 'contributor'::text, 'coordinator'::text, 'translator'::text])))
);

--
-- Name: TABLE comment; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.comment IS 'One comment of a thread, with the part in which its writer spoke.';

--
-- Name: comment_thread; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.comment_thread (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    unit text,
    revision integer,
    last_comment_at timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone
);

--
-- Name: TABLE comment_thread; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.comment_thread IS 'A discussion about an edition or one unit of it. It outlives its unit.';

--
-- Name: commentary; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.commentary (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    week text NOT NULL,
    section text NOT NULL,
    source_language text NOT NULL,
    author_id uuid NOT NULL,
    byline_id uuid,
    review_note text,
    was_published boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT a_commentary_has_a_known_state CHECK ((state = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_translation'::text, 'ready'::text, 'published'::text, 'retracted'::text, 'discarded'::text]))),
    CONSTRAINT a_published_commentary_was_published CHECK (((state <> ALL (ARRAY['published'::text, 'retracted'::text])) OR was_published)),
    CONSTRAINT a_published_text_is_never_discarded CHECK ((NOT ((state = 'discarded'::text) AND was_published))),
    CONSTRAINT a_request_for_changes_is_open_in_a_draft CHECK (((review_note IS NULL) OR (state = ANY (ARRAY['draft'::text, 'discarded'::text])))),
    CONSTRAINT a_week_is_an_iso_week CHECK (public.is_coverage_week(week))
);

--
-- Name: TABLE commentary; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.commentary IS 'One analytical piece: week, section, source language, author and state.';

--
-- Name: contributor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.contributor (
    commentary_id uuid NOT NULL,
    person_id uuid NOT NULL
);

--
-- Name: TABLE contributor; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.contributor IS 'People whom a coordinator named as contributors to a commentary.';

--
-- Name: cursor_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cursor_key (
    secret bytea NOT NULL,
    is_the_one boolean DEFAULT true NOT NULL,
    CONSTRAINT a_cursor_key_is_long CHECK ((length(secret) = 64)),
    CONSTRAINT a_cursor_key_is_the_one CHECK (is_the_one)
);

--
-- Name: TABLE cursor_key; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.cursor_key IS 'The secret that encrypts list cursors.';

--
-- Name: edition; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.edition (
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    is_source boolean NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    revision integer,
    approval_id uuid,
    approved_revision integer,
    live_approval_id uuid,
    live_revision integer,
    slug text,
    first_published_at timestamp with time zone,
    published_at timestamp with time zone,
    scheduled_for timestamp with time zone,
    scheduled_by uuid,
    schedule_note text,
    schedule_is_minor boolean DEFAULT false NOT NULL,
    schedule_refusal text,
    retracted_at timestamp with time zone,
    retraction_reason text,
    correction_pending_since timestamp with time zone,
    status text GENERATED ALWAYS AS (
CASE
    WHEN (live_revision IS NOT NULL) THEN 'live'::text
    WHEN (scheduled_for IS NOT NULL) THEN 'scheduled'::text
    WHEN (approved_revision IS NOT NULL) THEN 'ready'::text
    WHEN (retracted_at IS NOT NULL) THEN 'retracted'::text
    ELSE 'pending'::text
END) STORED NOT NULL,
    scheduled_revision integer,
    public_id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT a_live_edition_has_an_address CHECK (((live_revision IS NULL) OR ((slug IS NOT NULL) AND (published_at IS NOT NULL) AND (first_published_at IS NOT NULL)))),
    CONSTRAINT a_live_edition_is_not_retracted CHECK (((live_revision IS NULL) OR (retracted_at IS NULL))),
    CONSTRAINT a_live_revision_names_its_approval CHECK (((live_approval_id IS NULL) = (live_revision IS NULL))),
    CONSTRAINT a_retraction_has_a_reason CHECK (((retracted_at IS NULL) = (retraction_reason IS NULL))),
    CONSTRAINT a_schedule_has_somebody_behind_it CHECK (((scheduled_for IS NULL) = (scheduled_by IS NULL))),
    CONSTRAINT a_schedule_is_for_the_approved_text CHECK ((((scheduled_for IS NULL) = (scheduled_revision IS NULL)) AND ((scheduled_revision IS NULL) OR (NOT (scheduled_revision IS DISTINCT FROM approved_revision))))),
    CONSTRAINT an_approved_revision_names_its_approval CHECK (((approval_id IS NULL) = (approved_revision IS NULL)))
);

--
-- Name: TABLE edition; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.edition IS 'A commentary in one language: its latest, approved, scheduled and live revisions. An edition is what gets published.';

--
-- Name: equivalent_wording; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.equivalent_wording (
    commentary_id uuid NOT NULL,
    unit text NOT NULL,
    was text NOT NULL,
    became text NOT NULL
);

--
-- Name: TABLE equivalent_wording; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.equivalent_wording IS 'Source units whose wording changed and whose meaning did not: a translation of one is current for the other.';

--
-- Name: glossary_term; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.glossary_term (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    source_language text NOT NULL,
    language text NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    alternatives text[] DEFAULT '{}'::text[] NOT NULL,
    exact boolean DEFAULT false NOT NULL,
    note text,
    CONSTRAINT a_term_has_a_bounded_length CHECK (((length(source) >= 1) AND (length(source) <= 200) AND (length(target) >= 1) AND (length(target) <= 200))),
    CONSTRAINT a_term_has_few_alternatives CHECK ((cardinality(alternatives) <= 20)),
    CONSTRAINT a_term_is_said_in_another_language CHECK ((source_language <> language))
);

--
-- Name: TABLE glossary_term; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.glossary_term IS 'How a term or a name is said in another language.';

--
-- Name: language; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.language (
    tag text NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT a_language_is_a_bcp_47_tag CHECK ((tag ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'::text))
);

--
-- Name: TABLE language; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.language IS 'The languages of the newsroom, as BCP 47 tags, in the order in which they are listed.';

--
-- Name: mail; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mail (
    id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid,
    address text,
    link_id uuid,
    queued_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    failure text,
    given_up_at timestamp with time zone,
    CONSTRAINT a_mail_fails_in_a_known_way CHECK ((failure = ANY (ARRAY['unreachable'::text, 'refused'::text, 'recipient_refused'::text]))),
    CONSTRAINT a_mail_goes_to_one_person CHECK ((num_nonnulls(person_id, address) = 1)),
    CONSTRAINT a_mail_has_a_known_kind CHECK ((kind = ANY (ARRAY['invitation'::text, 'reset'::text, 'password_changed'::text, 'session_stolen'::text, 'totp_on'::text, 'totp_off'::text, 'coordinator_given'::text, 'coordinator_changed'::text, 'link_made'::text]))),
    CONSTRAINT a_mail_that_is_given_up_says_why CHECK (((given_up_at IS NULL) OR (failure IS NOT NULL)))
);

--
-- Name: TABLE mail; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.mail IS 'The queue of mails: written in the transaction of the work, sent afterwards by a worker.';

--
-- Name: pending_coordinator; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pending_coordinator (
    person_id uuid NOT NULL,
    given_by uuid NOT NULL,
    given_at timestamp with time zone DEFAULT now() NOT NULL
);

--
-- Name: TABLE pending_coordinator; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.pending_coordinator IS 'Who was given the role of coordinator by an administrator, and waits for a coordinator to confirm it.';

--
-- Name: person; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.person (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    email text,
    display_name text,
    password_hash text,
    state text DEFAULT 'invited'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    mail_language text,
    password_set_by_shown_link boolean DEFAULT false NOT NULL,
    CONSTRAINT a_mail_is_in_a_language CHECK ((mail_language ~ '^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$'::text)),
    CONSTRAINT a_person_has_a_known_state CHECK ((state = ANY (ARRAY['invited'::text, 'active'::text, 'deactivated'::text, 'erased'::text]))),
    CONSTRAINT a_person_has_a_name CHECK (((state = 'erased'::text) OR ((length(display_name) >= 1) AND (length(display_name) <= 200)))),
    CONSTRAINT an_active_person_can_sign_in CHECK (((state <> 'active'::text) OR ((email IS NOT NULL) AND (password_hash IS NOT NULL)))),
    CONSTRAINT an_email_has_a_bounded_length CHECK (((length(email) >= 3) AND (length(email) <= 254))),
    CONSTRAINT an_erased_person_has_no_name CHECK (((state <> 'erased'::text) OR ((email IS NULL) AND (display_name IS NULL) AND (password_hash IS NULL))))
);

--
-- Name: TABLE person; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.person IS 'One row for each person with an account. An erased person keeps the row and loses everything that names them.';

--
-- Name: person_language; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.person_language (
    person_id uuid NOT NULL,
    language text NOT NULL
);

--
-- Name: TABLE person_language; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.person_language IS 'The languages that a translator works in.';

--
-- Name: person_role; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.person_role (
    person_id uuid NOT NULL,
    role text NOT NULL,
    CONSTRAINT a_role_is_known CHECK ((role = ANY (ARRAY['analyst'::text, 'coordinator'::text, 'translator'::text, 'administrator'::text])))
);

--
-- Name: TABLE person_role; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.person_role IS 'The roles of each person. Roles add up.';

--
-- Name: preview_link; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.preview_link (
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    approval_id uuid NOT NULL,
    revision integer NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT a_preview_link_ends CHECK (((expires_at > created_at) AND (expires_at <= (created_at + '30 days'::interval))))
);

--
-- Name: TABLE preview_link; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.preview_link IS 'Links to an approved text that is not published yet. Each ends and shows one revision.';

--
-- Name: publication; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.publication (
    id uuid NOT NULL,
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    kind text NOT NULL,
    revision integer,
    note text,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT a_correction_says_what_changed CHECK (((kind <> ALL (ARRAY['correction'::text, 'retraction'::text])) OR (length(note) > 0))),
    CONSTRAINT a_publication_has_a_known_kind CHECK ((kind = ANY (ARRAY['first'::text, 'again'::text, 'correction'::text, 'minor'::text, 'retraction'::text])))
);

--
-- Name: TABLE publication; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.publication IS 'Each event that readers notice: publication, correction, minor change, retraction, with its public note.';

--
-- Name: published_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.published_version (
    only_one boolean DEFAULT true NOT NULL,
    number bigint DEFAULT 0 NOT NULL,
    relabelled_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT there_is_one_published_version CHECK (only_one)
);

--
-- Name: TABLE published_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.published_version IS 'A counter of transactions that changed what readers get, so that a process that missed a notification finds out.';

--
-- Name: COLUMN published_version.relabelled_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.published_version.relabelled_at IS 'When something last changed on public pages without a publication: a section''s name, a week, a byline.';

--
-- Name: revision; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.revision (
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    lead text NOT NULL,
    trend text,
    photo jsonb,
    blocks jsonb NOT NULL,
    source_revision integer,
    units jsonb,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT a_lead_has_a_bounded_length CHECK ((length(lead) <= 3000)),
    CONSTRAINT a_photo_has_a_credit CHECK (((photo IS NULL) OR (length((photo ->> 'credit'::text)) > 0))),
    CONSTRAINT a_revision_has_a_positive_number CHECK ((number > 0)),
    CONSTRAINT a_title_has_a_bounded_length CHECK ((length(title) <= 300)),
    CONSTRAINT a_trend_is_known CHECK ((trend = ANY (ARRAY['better'::text, 'unchanged'::text, 'worse'::text]))),
    CONSTRAINT blocks_are_a_bounded_list CHECK (((jsonb_typeof(blocks) = 'array'::text) AND (jsonb_array_length(blocks) <= 500)))
);

--
-- Name: TABLE revision; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.revision IS 'An immutable, numbered state of one editions text. The database computes the content hash over what readers would get.';

--
-- Name: section; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.section (
    key text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    labels jsonb NOT NULL,
    "position" integer NOT NULL,
    is_closed boolean DEFAULT false NOT NULL,
    CONSTRAINT a_section_has_labels CHECK (((jsonb_typeof(labels) = 'object'::text) AND (labels <> '{}'::jsonb))),
    CONSTRAINT a_section_key_is_a_slug CHECK (((key ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(key) <= 60)))
);

--
-- Name: TABLE section; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.section IS 'The headings of the digest, labelled in every language. A closed section takes no new publication.';

--
-- Name: public_page; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.public_page AS
 SELECT edition.commentary_id,
    edition.language,
    replace((edition.public_id)::text, '-'::text, ''::text) AS public_id,
    edition.slug,
    edition.live_revision,
    edition.is_source,
    date_trunc('minute'::text, edition.first_published_at) AS first_published_at,
    date_trunc('minute'::text, edition.published_at) AS published_at,
    date_trunc('minute'::text, edition.retracted_at) AS retracted_at,
    edition.retraction_reason,
    (edition.correction_pending_since IS NOT NULL) AS correction_pending,
    date_trunc('minute'::text, COALESCE(edition.retracted_at, edition.published_at)) AS changed_at,
    commentary.week,
    commentary.section,
    commentary.source_language,
    section.labels AS section_labels,
    section."position" AS section_position,
    byline.name AS byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    ( SELECT COALESCE(jsonb_agg(jsonb_build_object('at', date_trunc('minute'::text, publication.published_at), 'note', publication.note) ORDER BY publication.published_at), '[]'::jsonb) AS "coalesce"
           FROM public.publication
          WHERE ((publication.commentary_id = edition.commentary_id) AND (publication.language = edition.language) AND (publication.kind = 'correction'::text))) AS corrections,
    ( SELECT COALESCE(jsonb_agg(jsonb_build_object('language', other.language, 'slug', other.slug) ORDER BY language."position"), '[]'::jsonb) AS "coalesce"
           FROM (public.edition other
             JOIN public.language ON ((language.tag = other.language)))
          WHERE ((other.commentary_id = edition.commentary_id) AND (other.language <> edition.language) AND (other.live_revision IS NOT NULL))) AS alternates,
    ( SELECT date_trunc('minute'::text, GREATEST(max(publication.published_at), max(published_version.relabelled_at))) AS date_trunc
           FROM (public.published_version
             LEFT JOIN public.publication ON ((publication.commentary_id = edition.commentary_id)))) AS modified_at,
    ( SELECT ((count(DISTINCT publication.published_at) FILTER (WHERE (publication.published_at >= date_trunc('minute'::text, latest.published_at))) <= 1) AND (max(published_version.relabelled_at) < date_trunc('minute'::text, latest.published_at)))
           FROM ((public.published_version
             CROSS JOIN LATERAL ( SELECT max(told.published_at) AS published_at
                   FROM public.publication told
                  WHERE (told.commentary_id = edition.commentary_id)) latest)
             LEFT JOIN public.publication ON ((publication.commentary_id = edition.commentary_id)))
          GROUP BY latest.published_at) AS is_modified_once,
    ( SELECT count(*) AS count
           FROM public.publication
          WHERE ((publication.commentary_id = edition.commentary_id) AND (publication.language = edition.language) AND (date_trunc('minute'::text, publication.published_at) = date_trunc('minute'::text, COALESCE(edition.retracted_at, edition.published_at))))) AS changes_in_the_minute,
    edition.first_published_at AS first_published_exactly,
    COALESCE(edition.retracted_at, edition.published_at) AS changed_exactly
   FROM ((((public.edition
     JOIN public.commentary ON ((commentary.id = edition.commentary_id)))
     JOIN public.section ON ((section.key = commentary.section)))
     LEFT JOIN public.byline ON ((byline.id = commentary.byline_id)))
     LEFT JOIN public.revision ON (((revision.commentary_id = edition.commentary_id) AND (revision.language = edition.language) AND (revision.number = edition.live_revision))))
  WHERE ((edition.live_revision IS NOT NULL) OR (edition.retracted_at IS NOT NULL));

--
-- Name: publication_check; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.publication_check (
    name text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    blocks boolean NOT NULL,
    CONSTRAINT a_publication_check_is_known CHECK ((name = ANY (ARRAY['unanswered_warning'::text, 'section_is_taken'::text, 'picture_without_credit'::text, 'picture_without_alternative'::text, 'dead_link'::text, 'without_words'::text, 'source_has_moved_on'::text])))
);

--
-- Name: TABLE publication_check; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.publication_check IS 'The checks before publication, and which of them block it in this newsroom.';

--
-- Name: publication_date; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.publication_date (
    commentary_id uuid NOT NULL,
    published_at timestamp with time zone NOT NULL,
    good_until timestamp with time zone NOT NULL
);

--
-- Name: TABLE publication_date; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.publication_date IS 'When a publication of a past week counts as published: set by the database owner alone, for the demo.';

--
-- Name: rate_limit_bucket; Type: TABLE; Schema: public; Owner: -
--

CREATE UNLOGGED TABLE public.rate_limit_bucket (
    bucket bytea NOT NULL,
    empty_at timestamp with time zone NOT NULL
);

--
-- Name: TABLE rate_limit_bucket; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.rate_limit_bucket IS 'Leaky buckets that count attempts (sign-ins, codes, mails). Unlogged: they are empty within the hour.';

--
-- Name: recovery_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.recovery_code (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone
);

--
-- Name: TABLE recovery_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.recovery_code IS 'Recovery codes for a lost second factor, by hash, each good for one use.';

--
-- Name: refusal_count; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refusal_count (
    actor_id uuid NOT NULL,
    refused text NOT NULL,
    counted_hour timestamp with time zone NOT NULL
);

--
-- Name: TABLE refusal_count; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.refusal_count IS 'What each person and service was refused in this hour: each refusal is one entry an hour, and all of them are sixty.';

--
-- Name: search_document; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.search_document (
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    heading text NOT NULL,
    body text NOT NULL,
    heading_words tsvector NOT NULL,
    words tsvector NOT NULL,
    first_published_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.search_document ALTER COLUMN heading_words SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.search_document ALTER COLUMN words SET STORAGE EXTERNAL;

--
-- Name: TABLE search_document; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.search_document IS 'The words of what is live, folded, and nothing else: neither a result nor its time can tell of a draft.';

--
-- Name: service_token; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.service_token (
    id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    token_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT a_service_token_has_a_name CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT a_service_token_has_known_scopes CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['preview:read'::text, 'events:read'::text])))
);

--
-- Name: TABLE service_token; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.service_token IS 'Tokens of front-end servers, by hash, with scopes and an end.';

--
-- Name: service_token_use; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.service_token_use (
    token_id uuid NOT NULL,
    used_at timestamp with time zone NOT NULL
);

--
-- Name: TABLE service_token_use; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.service_token_use IS 'When each service token was last used. Not audited: it changes with every request.';

--
-- Name: session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.session (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    generation integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rotated_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_because text,
    device text,
    CONSTRAINT a_device_is_told_in_few_words CHECK (((length(device) >= 1) AND (length(device) <= 60))),
    CONSTRAINT a_session_ends_for_a_known_reason CHECK ((ended_because = ANY (ARRAY['sign_out'::text, 'deactivation'::text, 'password_change'::text, 'refresh_reuse'::text, 'erasure'::text, 'totp_change'::text]))),
    CONSTRAINT an_ended_session_says_why CHECK (((ended_at IS NULL) = (ended_because IS NULL)))
);

--
-- Name: TABLE session; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.session IS 'One signed-in device. Refresh tokens are derived from the session and its generation, so none is kept.';

--
-- Name: signing_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.signing_key (
    id text NOT NULL,
    private_key bytea NOT NULL,
    refresh_secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    retired_at timestamp with time zone,
    signs_from timestamp with time zone DEFAULT now() NOT NULL,
    distrusted_at timestamp with time zone,
    CONSTRAINT a_distrusted_key_is_retired CHECK (((distrusted_at IS NULL) OR (retired_at IS NOT NULL)))
);

--
-- Name: TABLE signing_key; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.signing_key IS 'Keys that sign access tokens (Ed25519, PKCS 8), each with the secret that refresh tokens are derived from.';

--
-- Name: slug; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.slug (
    language text NOT NULL,
    slug text NOT NULL,
    commentary_id uuid NOT NULL,
    CONSTRAINT a_slug_is_a_slug CHECK (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(slug) <= 120)))
);

--
-- Name: TABLE slug; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.slug IS 'Public addresses, unique in each language. An old address is kept and redirects to the present one.';

--
-- Name: translation_task; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.translation_task (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    source_revision integer NOT NULL,
    assignee_id uuid,
    claim_expires_at timestamp with time zone,
    due_at timestamp with time zone,
    review_note text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    open_warnings integer DEFAULT 0 NOT NULL,
    CONSTRAINT a_claim_runs_out CHECK (((state = 'claimed'::text) = (claim_expires_at IS NOT NULL))),
    CONSTRAINT a_request_for_changes_is_open_until_submitted CHECK (((review_note IS NULL) OR (state = ANY (ARRAY['open'::text, 'claimed'::text])))),
    CONSTRAINT a_task_has_a_known_state CHECK ((state = ANY (ARRAY['open'::text, 'claimed'::text, 'submitted'::text, 'accepted'::text, 'cancelled'::text]))),
    CONSTRAINT a_task_has_one_holder_or_is_open CHECK (
CASE state
    WHEN 'open'::text THEN (assignee_id IS NULL)
    WHEN 'cancelled'::text THEN true
    ELSE (assignee_id IS NOT NULL)
END)
);

--
-- Name: TABLE translation_task; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.translation_task IS 'The work that makes one translated edition current: queue, claim, submission, acceptance.';

--
-- Name: task_due; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.task_due AS
 SELECT translation_task.id AS task_id,
    COALESCE(translation_task.due_at, ( SELECT min(edition.scheduled_for) AS min
           FROM public.edition
          WHERE ((edition.commentary_id = translation_task.commentary_id) AND (edition.scheduled_for IS NOT NULL))), public.end_of_week(commentary.week)) AS due_at,
    translation_task.language,
    translation_task.state,
    commentary.state AS commentary_state
   FROM (public.translation_task
     JOIN public.commentary ON ((commentary.id = translation_task.commentary_id)));

--
-- Name: totp; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.totp (
    person_id uuid NOT NULL,
    secret bytea,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    pending_secret bytea,
    pending_since timestamp with time zone,
    CONSTRAINT a_one_time_secret_is_confirmed CHECK (((secret IS NULL) = (confirmed_at IS NULL))),
    CONSTRAINT a_pending_secret_has_a_beginning CHECK (((pending_secret IS NULL) = (pending_since IS NULL)))
);

--
-- Name: TABLE totp; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.totp IS 'The one-time code set-up of a person (RFC 6238); its secret is encrypted by a key outside the database.';

--
-- Name: translation_memory; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.translation_memory (
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    unit text NOT NULL,
    source_hash text NOT NULL,
    source_language text NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    revision integer NOT NULL
);

--
-- Name: TABLE translation_memory; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.translation_memory IS 'Accepted translations unit by unit, offered again where the same or nearly the same is to be translated.';

--
-- Name: warning_answer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.warning_answer (
    task_id uuid NOT NULL,
    warning text NOT NULL,
    reason text NOT NULL,
    answered_by uuid NOT NULL,
    answered_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT a_warning_is_named_by_a_hash CHECK ((warning ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT an_answer_gives_a_reason CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
);

--
-- Name: TABLE warning_answer; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.warning_answer IS 'Why a warning about a translation is no fault, in the words of the person who answered it.';

--
-- Name: working_document; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.working_document (
    commentary_id uuid NOT NULL,
    language text NOT NULL,
    revision integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    heading text,
    heading_words tsvector,
    words tsvector,
    CONSTRAINT a_working_document_is_indexed_as_a_whole CHECK ((((words IS NULL) = (heading IS NULL)) AND ((words IS NULL) = (heading_words IS NULL))))
);
ALTER TABLE ONLY public.working_document ALTER COLUMN heading_words SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.working_document ALTER COLUMN words SET STORAGE EXTERNAL;

--
-- Name: TABLE working_document; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.working_document IS 'The words of texts in work: of each edition the latest revision, and of a source the approved one. A save adds a row without words, which the worker fills.';

--
-- Name: audit_change_beyond; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_change ATTACH PARTITION public.audit_change_beyond DEFAULT;

--
-- Name: audit_entry_beyond; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entry ATTACH PARTITION public.audit_entry_beyond DEFAULT;

--
-- Name: audit_salt_beyond; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_salt ATTACH PARTITION public.audit_salt_beyond DEFAULT;

--
-- Name: audit_change sequence; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_change ALTER COLUMN sequence SET DEFAULT nextval('public.audit_change_sequence'::regclass);

--
-- Name: revision a_block_is_not_called_as_another_part; Type: CHECK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.revision
    ADD CONSTRAINT a_block_is_not_called_as_another_part CHECK ((NOT (blocks @? '$[*]?((@."id" == "title" || @."id" == "lead") || @."id" == "photo")'::jsonpath))) NOT VALID;

--
-- Name: account_link a_one_time_link_is_found_by_its_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_link
    ADD CONSTRAINT a_one_time_link_is_found_by_its_hash UNIQUE (token_hash);

--
-- Name: preview_link a_preview_link_is_found_by_its_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preview_link
    ADD CONSTRAINT a_preview_link_is_found_by_its_hash UNIQUE (token_hash);

--
-- Name: recovery_code a_recovery_code_is_given_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT a_recovery_code_is_given_once UNIQUE (person_id, code_hash);

--
-- Name: revision a_revision_is_named_with_its_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT a_revision_is_named_with_its_hash UNIQUE (commentary_id, language, number, content_hash);

--
-- Name: audit_key a_seal_key_is_introduced_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_key
    ADD CONSTRAINT a_seal_key_is_introduced_once UNIQUE (verifier);

--
-- Name: service_token a_service_token_is_found_by_its_hash; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_token
    ADD CONSTRAINT a_service_token_is_found_by_its_hash UNIQUE (token_hash);

--
-- Name: slug a_slug_is_named_with_its_commentary; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slug
    ADD CONSTRAINT a_slug_is_named_with_its_commentary UNIQUE (language, slug, commentary_id);

--
-- Name: slug a_slug_is_unique_in_its_language; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slug
    ADD CONSTRAINT a_slug_is_unique_in_its_language PRIMARY KEY (language, slug);

--
-- Name: comment_thread a_thread_belongs_to_one_commentary; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT a_thread_belongs_to_one_commentary UNIQUE (id, commentary_id);

--
-- Name: account_link account_link_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_link
    ADD CONSTRAINT account_link_pkey PRIMARY KEY (id);

--
-- Name: approval an_approval_is_named_with_its_revision; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT an_approval_is_named_with_its_revision UNIQUE (id, commentary_id, language, revision);

--
-- Name: audit_leaf an_entry_is_sealed_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_leaf
    ADD CONSTRAINT an_entry_is_sealed_once UNIQUE (entry_id);

--
-- Name: approval approval_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (id);

--
-- Name: audit_change audit_change_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_change
    ADD CONSTRAINT audit_change_pkey PRIMARY KEY (entry_id, "position");

--
-- Name: audit_change_beyond audit_change_beyond_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_change_beyond
    ADD CONSTRAINT audit_change_beyond_pkey PRIMARY KEY (entry_id, "position");

--
-- Name: audit_checkpoint audit_checkpoint_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_checkpoint
    ADD CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (number);

--
-- Name: audit_entry audit_entry_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id);

--
-- Name: audit_entry_beyond audit_entry_beyond_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_entry_beyond
    ADD CONSTRAINT audit_entry_beyond_pkey PRIMARY KEY (id);

--
-- Name: audit_key audit_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_key
    ADD CONSTRAINT audit_key_pkey PRIMARY KEY (number);

--
-- Name: audit_leaf audit_leaf_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_leaf
    ADD CONSTRAINT audit_leaf_pkey PRIMARY KEY ("position");

--
-- Name: audit_node audit_node_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_node
    ADD CONSTRAINT audit_node_pkey PRIMARY KEY (level, "position");

--
-- Name: audit_salt audit_salt_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_salt
    ADD CONSTRAINT audit_salt_pkey PRIMARY KEY (entry_id, "position");

--
-- Name: audit_salt_beyond audit_salt_beyond_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_salt_beyond
    ADD CONSTRAINT audit_salt_beyond_pkey PRIMARY KEY (entry_id, "position");

--
-- Name: byline_holder byline_holder_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.byline_holder
    ADD CONSTRAINT byline_holder_pkey PRIMARY KEY (byline_id);

--
-- Name: byline byline_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.byline
    ADD CONSTRAINT byline_pkey PRIMARY KEY (id);

--
-- Name: comment comment_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (id);

--
-- Name: comment_thread comment_thread_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT comment_thread_pkey PRIMARY KEY (id);

--
-- Name: commentary commentary_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commentary
    ADD CONSTRAINT commentary_pkey PRIMARY KEY (id);

--
-- Name: contributor contributor_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.contributor
    ADD CONSTRAINT contributor_pkey PRIMARY KEY (commentary_id, person_id);

--
-- Name: cursor_key cursor_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cursor_key
    ADD CONSTRAINT cursor_key_pkey PRIMARY KEY (secret);

--
-- Name: edition edition_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_pkey PRIMARY KEY (commentary_id, language);

--
-- Name: equivalent_wording equivalent_wording_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.equivalent_wording
    ADD CONSTRAINT equivalent_wording_pkey PRIMARY KEY (commentary_id, unit, was, became);

--
-- Name: glossary_term glossary_term_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.glossary_term
    ADD CONSTRAINT glossary_term_pkey PRIMARY KEY (id);

--
-- Name: idempotency_record idempotency_record_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_record
    ADD CONSTRAINT idempotency_record_pkey PRIMARY KEY (id);

--
-- Name: language language_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.language
    ADD CONSTRAINT language_pkey PRIMARY KEY (tag);

--
-- Name: mail mail_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);

--
-- Name: translation_task one_task_for_each_language; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_task
    ADD CONSTRAINT one_task_for_each_language UNIQUE (commentary_id, language);

--
-- Name: pending_coordinator pending_coordinator_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pending_coordinator
    ADD CONSTRAINT pending_coordinator_pkey PRIMARY KEY (person_id);

--
-- Name: person_language person_language_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_language
    ADD CONSTRAINT person_language_pkey PRIMARY KEY (person_id, language);

--
-- Name: person person_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

--
-- Name: person_role person_role_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_role
    ADD CONSTRAINT person_role_pkey PRIMARY KEY (person_id, role);

--
-- Name: preview_link preview_link_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preview_link
    ADD CONSTRAINT preview_link_pkey PRIMARY KEY (id);

--
-- Name: publication_check publication_check_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publication_check
    ADD CONSTRAINT publication_check_pkey PRIMARY KEY (name);

--
-- Name: publication_date publication_date_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publication_date
    ADD CONSTRAINT publication_date_pkey PRIMARY KEY (commentary_id);

--
-- Name: publication publication_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publication
    ADD CONSTRAINT publication_pkey PRIMARY KEY (id);

--
-- Name: published_version published_version_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.published_version
    ADD CONSTRAINT published_version_pkey PRIMARY KEY (only_one);

--
-- Name: rate_limit_bucket rate_limit_bucket_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rate_limit_bucket
    ADD CONSTRAINT rate_limit_bucket_pkey PRIMARY KEY (bucket);

--
-- Name: recovery_code recovery_code_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (id);

--
-- Name: refusal_count refusal_count_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refusal_count
    ADD CONSTRAINT refusal_count_pkey PRIMARY KEY (actor_id, refused);

--
-- Name: revision revision_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (commentary_id, language, number);

--
-- Name: search_document search_document_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_document
    ADD CONSTRAINT search_document_pkey PRIMARY KEY (commentary_id, language);

--
-- Name: section section_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_pkey PRIMARY KEY (key);

--
-- Name: service_token service_token_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_token
    ADD CONSTRAINT service_token_pkey PRIMARY KEY (id);

--
-- Name: service_token_use service_token_use_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_token_use
    ADD CONSTRAINT service_token_use_pkey PRIMARY KEY (token_id);

--
-- Name: session session_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

--
-- Name: signing_key signing_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (id);

--
-- Name: cursor_key there_is_one_cursor_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cursor_key
    ADD CONSTRAINT there_is_one_cursor_key UNIQUE (is_the_one);

--
-- Name: totp totp_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (person_id);

--
-- Name: translation_memory translation_memory_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_memory
    ADD CONSTRAINT translation_memory_pkey PRIMARY KEY (commentary_id, language, unit, source_hash);

--
-- Name: translation_task translation_task_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_task
    ADD CONSTRAINT translation_task_pkey PRIMARY KEY (id);

--
-- Name: warning_answer warning_answer_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.warning_answer
    ADD CONSTRAINT warning_answer_pkey PRIMARY KEY (task_id, warning);

--
-- Name: working_document working_document_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.working_document
    ADD CONSTRAINT working_document_pkey PRIMARY KEY (commentary_id, language, revision);

--
-- Name: a_public_id_names_one_edition; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX a_public_id_names_one_edition ON public.edition USING btree (public_id);

--
-- Name: account_link_by_end; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX account_link_by_end ON public.account_link USING btree (COALESCE(used_at, expires_at));

--
-- Name: approval_of_edition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX approval_of_edition ON public.approval USING btree (commentary_id, language, revision DESC);

--
-- Name: attempt_to_forget; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX attempt_to_forget ON public.rate_limit_bucket USING btree (empty_at);

--
-- Name: audit_change_of_sign_in; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_change_of_sign_in ON ONLY public.audit_change USING btree (((row_key ->> 'id'::text))) WHERE (table_name = ANY (ARRAY['session'::text, 'account_link'::text]));

--
-- Name: audit_change_beyond_expr_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_change_beyond_expr_idx ON public.audit_change_beyond USING btree (((row_key ->> 'id'::text))) WHERE (table_name = ANY (ARRAY['session'::text, 'account_link'::text]));

--
-- Name: audit_checkpoint_by_size; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_checkpoint_by_size ON public.audit_checkpoint USING btree (size, number);

--
-- Name: audit_checkpoint_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_checkpoint_by_time ON public.audit_checkpoint USING btree (sealed_at, number);

--
-- Name: audit_entry_of_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_of_person ON ONLY public.audit_entry USING btree (COALESCE(on_behalf_of, actor_id), at, id);

--
-- Name: audit_entry_beyond_coalesce_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_beyond_coalesce_at_id_idx ON public.audit_entry_beyond USING btree (COALESCE(on_behalf_of, actor_id), at, id);

--
-- Name: audit_entry_of_commentary; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_of_commentary ON ONLY public.audit_entry USING btree (commentary_id, at, id) WHERE (commentary_id IS NOT NULL);

--
-- Name: audit_entry_beyond_commentary_id_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_beyond_commentary_id_at_id_idx ON public.audit_entry_beyond USING btree (commentary_id, at, id) WHERE (commentary_id IS NOT NULL);

--
-- Name: audit_entry_of_domain; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_of_domain ON ONLY public.audit_entry USING btree (domain, at, id);

--
-- Name: audit_entry_beyond_domain_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_beyond_domain_at_id_idx ON public.audit_entry_beyond USING btree (domain, at, id);

--
-- Name: audit_entry_of_object; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_of_object ON ONLY public.audit_entry USING btree (object_id, at, id);

--
-- Name: audit_entry_beyond_object_id_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_beyond_object_id_at_id_idx ON public.audit_entry_beyond USING btree (object_id, at, id);

--
-- Name: audit_entry_of_request; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_of_request ON ONLY public.audit_entry USING btree (request_id, at, id);

--
-- Name: audit_entry_beyond_request_id_at_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_entry_beyond_request_id_at_id_idx ON public.audit_entry_beyond USING btree (request_id, at, id);

--
-- Name: audit_salt_of_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_salt_of_person ON ONLY public.audit_salt USING btree (person_id) WHERE (person_id IS NOT NULL);

--
-- Name: audit_salt_beyond_person_id_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_salt_beyond_person_id_idx ON public.audit_salt_beyond USING btree (person_id) WHERE (person_id IS NOT NULL);

--
-- Name: byline_by_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX byline_by_name ON public.byline USING btree (name);

--
-- Name: byline_of_holder; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX byline_of_holder ON public.byline_holder USING btree (person_id);

--
-- Name: comment_of_thread; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX comment_of_thread ON public.comment USING btree (thread_id, id);

--
-- Name: comment_thread_of_edition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX comment_thread_of_edition ON public.comment_thread USING btree (commentary_id, id);

--
-- Name: commentary_by_author; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX commentary_by_author ON public.commentary USING btree (author_id, created_at DESC, id DESC);

--
-- Name: commentary_by_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX commentary_by_state ON public.commentary USING btree (state, created_at DESC, id DESC);

--
-- Name: commentary_by_week; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX commentary_by_week ON public.commentary USING btree (week, section, created_at DESC, id DESC);

--
-- Name: commentary_newest_first; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX commentary_newest_first ON public.commentary USING btree (created_at DESC, id DESC);

--
-- Name: contributor_by_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX contributor_by_person ON public.contributor USING btree (person_id);

--
-- Name: edition_changed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX edition_changed ON public.edition USING btree (language, COALESCE(retracted_at, published_at) DESC) WHERE ((live_revision IS NOT NULL) OR (retracted_at IS NOT NULL));

--
-- Name: edition_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX edition_due ON public.edition USING btree (scheduled_for) WHERE (scheduled_for IS NOT NULL);

--
-- Name: edition_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX edition_live ON public.edition USING btree (language, first_published_at DESC, commentary_id) WHERE (live_revision IS NOT NULL);

--
-- Name: glossary_term_in_order; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX glossary_term_in_order ON public.glossary_term USING btree (lower(source), id);

--
-- Name: idempotency_record_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_record_by_age ON public.idempotency_record USING btree (kept_at);

--
-- Name: mail_given_up; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX mail_given_up ON public.mail USING btree (given_up_at) WHERE (given_up_at IS NOT NULL);

--
-- Name: mail_of_link; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX mail_of_link ON public.mail USING btree (link_id) WHERE (link_id IS NOT NULL);

--
-- Name: mail_that_is_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX mail_that_is_due ON public.mail USING btree (due_at) WHERE (given_up_at IS NULL);

--
-- Name: mail_that_waits; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX mail_that_waits ON public.mail USING btree (queued_at) WHERE (given_up_at IS NULL);

--
-- Name: one_entry_for_each_step_beyond; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX one_entry_for_each_step_beyond ON public.audit_entry_beyond USING btree (cluster, transaction, action, object_id, actor_id, on_behalf_of) NULLS NOT DISTINCT;

--
-- Name: one_entry_for_each_term; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX one_entry_for_each_term ON public.glossary_term USING btree (source_language, language, lower(source));

--
-- Name: one_person_for_each_email; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX one_person_for_each_email ON public.person USING btree (lower(email));

--
-- Name: one_source_edition; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX one_source_edition ON public.edition USING btree (commentary_id) WHERE is_source;

--
-- Name: one_standing_approval_for_a_revision; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX one_standing_approval_for_a_revision ON public.approval USING btree (commentary_id, language, revision) WHERE (withdrawn_at IS NULL);

--
-- Name: person_in_order; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX person_in_order ON public.person USING btree (created_at DESC, id DESC);

--
-- Name: publication_in_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX publication_in_time ON public.publication USING btree (published_at DESC);

--
-- Name: publication_of_edition; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX publication_of_edition ON public.publication USING btree (commentary_id, language, published_at);

--
-- Name: search_document_heading; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_heading ON public.search_document USING gin (heading public.gin_trgm_ops);

--
-- Name: search_document_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_newest ON public.search_document USING btree (language, first_published_at DESC);

--
-- Name: search_document_newest_of_all; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_newest_of_all ON public.search_document USING btree (first_published_at DESC);

--
-- Name: search_document_words; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX search_document_words ON public.search_document USING gin (words);

--
-- Name: session_by_end; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX session_by_end ON public.session USING btree (COALESCE(ended_at, expires_at));

--
-- Name: session_of_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX session_of_person ON public.session USING btree (person_id) WHERE (ended_at IS NULL);

--
-- Name: slug_by_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX slug_by_name ON public.slug USING btree (slug);

--
-- Name: translation_memory_exactly; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_memory_exactly ON public.translation_memory USING btree (source_hash, language, source_language);

--
-- Name: translation_memory_nearly; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_memory_nearly ON public.translation_memory USING gin (source public.gin_trgm_ops);

--
-- Name: translation_task_claims; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_task_claims ON public.translation_task USING btree (claim_expires_at) WHERE (state = 'claimed'::text);

--
-- Name: translation_task_of_holder; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_task_of_holder ON public.translation_task USING btree (assignee_id, state);

--
-- Name: translation_task_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_task_open ON public.translation_task USING btree (language, id) WHERE (state = 'open'::text);

--
-- Name: translation_task_queue; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_task_queue ON public.translation_task USING btree (language, state, due_at, id);

--
-- Name: translation_task_to_do; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX translation_task_to_do ON public.translation_task USING btree (id) WHERE (state = ANY (ARRAY['open'::text, 'claimed'::text, 'submitted'::text]));

--
-- Name: working_document_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX working_document_due ON public.working_document USING btree (created_at) WHERE (words IS NULL);

--
-- Name: working_document_heading; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX working_document_heading ON public.working_document USING gin (heading public.gin_trgm_ops);

--
-- Name: working_document_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX working_document_newest ON public.working_document USING btree (created_at DESC);

--
-- Name: working_document_words; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX working_document_words ON public.working_document USING gin (words);

--
-- Name: audit_change_beyond_expr_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_change_of_sign_in ATTACH PARTITION public.audit_change_beyond_expr_idx;

--
-- Name: audit_change_beyond_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_change_pkey ATTACH PARTITION public.audit_change_beyond_pkey;

--
-- Name: audit_entry_beyond_coalesce_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_of_person ATTACH PARTITION public.audit_entry_beyond_coalesce_at_id_idx;

--
-- Name: audit_entry_beyond_commentary_id_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_of_commentary ATTACH PARTITION public.audit_entry_beyond_commentary_id_at_id_idx;

--
-- Name: audit_entry_beyond_domain_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_of_domain ATTACH PARTITION public.audit_entry_beyond_domain_at_id_idx;

--
-- Name: audit_entry_beyond_object_id_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_of_object ATTACH PARTITION public.audit_entry_beyond_object_id_at_id_idx;

--
-- Name: audit_entry_beyond_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_pkey ATTACH PARTITION public.audit_entry_beyond_pkey;

--
-- Name: audit_entry_beyond_request_id_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_entry_of_request ATTACH PARTITION public.audit_entry_beyond_request_id_at_id_idx;

--
-- Name: audit_salt_beyond_person_id_idx; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_salt_of_person ATTACH PARTITION public.audit_salt_beyond_person_id_idx;

--
-- Name: audit_salt_beyond_pkey; Type: INDEX ATTACH; Schema: public; Owner: -
--

ALTER INDEX public.audit_salt_pkey ATTACH PARTITION public.audit_salt_beyond_pkey;

--
-- Name: pending_coordinator actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER INSERT OR DELETE ON public.pending_coordinator FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: person actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER UPDATE ON public.person FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) OR (old.mail_language IS DISTINCT FROM new.mail_language))) EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: person_language actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER INSERT OR DELETE OR UPDATE ON public.person_language FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.person_language ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: person_role actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER INSERT OR DELETE OR UPDATE ON public.person_role FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: service_token actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER DELETE OR UPDATE ON public.service_token FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.service_token ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: session actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER UPDATE ON public.session FOR EACH ROW WHEN (((old.ended_at IS DISTINCT FROM new.ended_at) OR (old.person_id IS DISTINCT FROM new.person_id) OR (new.expires_at < old.expires_at))) EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.session ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: totp actor_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed AFTER INSERT OR DELETE OR UPDATE OF confirmed_at ON public.totp FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.totp ENABLE ALWAYS TRIGGER actor_changed;

--
-- Name: session actor_changed_of_removed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER actor_changed_of_removed AFTER DELETE ON public.session FOR EACH STATEMENT EXECUTE FUNCTION public.notify_actor_changed();

ALTER TABLE public.session ENABLE ALWAYS TRIGGER actor_changed_of_removed;

--
-- Name: person an_erasure_empties_idempotency_records; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER an_erasure_empties_idempotency_records AFTER UPDATE OF state ON public.person FOR EACH ROW WHEN (((new.state = 'erased'::text) AND (old.state <> 'erased'::text))) EXECUTE FUNCTION public.empty_idempotency_records();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER an_erasure_empties_idempotency_records;

--
-- Name: edition approved_now; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER approved_now BEFORE INSERT OR UPDATE ON public.edition FOR EACH ROW EXECUTE FUNCTION public.what_goes_live_is_approved_now();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER approved_now;

--
-- Name: edition as_approved; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER as_approved BEFORE INSERT OR UPDATE ON public.edition FOR EACH ROW WHEN ((new.live_approval_id IS NOT NULL)) EXECUTE FUNCTION public.what_goes_live_is_as_approved();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER as_approved;

--
-- Name: approval as_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER as_written BEFORE INSERT ON public.approval FOR EACH ROW EXECUTE FUNCTION public.what_is_approved_is_as_written();

ALTER TABLE public.approval ENABLE ALWAYS TRIGGER as_written;

--
-- Name: pending_coordinator changed_by_another; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed_by_another BEFORE INSERT OR DELETE OR UPDATE ON public.pending_coordinator FOR EACH ROW EXECUTE FUNCTION public.roles_are_changed_by_another();

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER changed_by_another;

--
-- Name: person_language changed_by_another; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed_by_another BEFORE INSERT OR DELETE OR UPDATE ON public.person_language FOR EACH ROW EXECUTE FUNCTION public.roles_are_changed_by_another();

ALTER TABLE public.person_language ENABLE ALWAYS TRIGGER changed_by_another;

--
-- Name: person_role changed_by_another; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER changed_by_another BEFORE INSERT OR DELETE OR UPDATE ON public.person_role FOR EACH ROW EXECUTE FUNCTION public.roles_are_changed_by_another();

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER changed_by_another;

--
-- Name: person_role confirmed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER confirmed BEFORE INSERT OR UPDATE ON public.person_role FOR EACH ROW EXECUTE FUNCTION public.a_coordinator_is_confirmed();

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER confirmed;

--
-- Name: revision content_hash; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER content_hash BEFORE INSERT ON public.revision FOR EACH ROW EXECUTE FUNCTION public.hash_revision();

ALTER TABLE public.revision ENABLE ALWAYS TRIGGER content_hash;

--
-- Name: account_link coordinators_hear; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER coordinators_hear AFTER INSERT ON public.account_link FOR EACH ROW EXECUTE FUNCTION public.tell_coordinators();

ALTER TABLE public.account_link ENABLE ALWAYS TRIGGER coordinators_hear;

--
-- Name: pending_coordinator coordinators_hear; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER coordinators_hear AFTER INSERT OR DELETE ON public.pending_coordinator FOR EACH ROW EXECUTE FUNCTION public.tell_coordinators();

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER coordinators_hear;

--
-- Name: person coordinators_hear; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER coordinators_hear AFTER UPDATE ON public.person FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION public.tell_coordinators();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER coordinators_hear;

--
-- Name: person_role coordinators_hear; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER coordinators_hear AFTER INSERT OR DELETE OR UPDATE ON public.person_role FOR EACH ROW EXECUTE FUNCTION public.tell_coordinators();

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER coordinators_hear;

--
-- Name: totp coordinators_hear; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER coordinators_hear AFTER DELETE ON public.totp FOR EACH ROW EXECUTE FUNCTION public.tell_coordinators();

ALTER TABLE public.totp ENABLE ALWAYS TRIGGER coordinators_hear;

--
-- Name: person credentials_of_their_person; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER credentials_of_their_person BEFORE UPDATE ON public.person FOR EACH ROW EXECUTE FUNCTION public.credentials_are_changed_by_their_person();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER credentials_of_their_person;

--
-- Name: edition date_the_edition; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER date_the_edition BEFORE UPDATE ON public.edition FOR EACH ROW WHEN (((old.published_at IS DISTINCT FROM new.published_at) OR (old.first_published_at IS DISTINCT FROM new.first_published_at) OR (old.retracted_at IS DISTINCT FROM new.retracted_at))) EXECUTE FUNCTION public.date_the_edition();

--
-- Name: edition date_the_new_edition; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER date_the_new_edition BEFORE INSERT ON public.edition FOR EACH ROW WHEN (((new.published_at IS NOT NULL) OR (new.first_published_at IS NOT NULL) OR (new.retracted_at IS NOT NULL))) EXECUTE FUNCTION public.date_the_edition();

--
-- Name: publication date_the_publication; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER date_the_publication BEFORE INSERT ON public.publication FOR EACH ROW EXECUTE FUNCTION public.date_the_publication();

--
-- Name: person forget_second_proofs; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER forget_second_proofs AFTER UPDATE OF state ON public.person FOR EACH ROW WHEN ((new.state = 'erased'::text)) EXECUTE FUNCTION public.forget_second_proofs();

--
-- Name: approval four_eyes; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER four_eyes BEFORE INSERT ON public.approval FOR EACH ROW EXECUTE FUNCTION public.an_approval_is_by_a_second_person();

ALTER TABLE public.approval ENABLE ALWAYS TRIGGER four_eyes;

--
-- Name: pending_coordinator given_by_an_administrator; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER given_by_an_administrator BEFORE INSERT OR UPDATE ON public.pending_coordinator FOR EACH ROW EXECUTE FUNCTION public.a_pending_role_is_given_by_an_administrator();

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER given_by_an_administrator;

--
-- Name: translation_task held_by_a_translator; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER held_by_a_translator BEFORE UPDATE OF state, assignee_id ON public.translation_task FOR EACH ROW WHEN (((new.state = 'claimed'::text) AND ((old.state <> 'claimed'::text) OR (old.assignee_id IS DISTINCT FROM new.assignee_id)))) EXECUTE FUNCTION public.a_claim_is_held_by_a_translator();

ALTER TABLE public.translation_task ENABLE ALWAYS TRIGGER held_by_a_translator;

--
-- Name: edition keep_public_id; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keep_public_id BEFORE UPDATE ON public.edition FOR EACH ROW WHEN ((old.public_id IS DISTINCT FROM new.public_id)) EXECUTE FUNCTION public.keep_public_id();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER keep_public_id;

--
-- Name: commentary keeps_its_author; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER keeps_its_author BEFORE INSERT OR UPDATE OF author_id, source_language ON public.commentary FOR EACH ROW EXECUTE FUNCTION public.a_commentary_keeps_its_author();

ALTER TABLE public.commentary ENABLE ALWAYS TRIGGER keeps_its_author;

--
-- Name: account_link no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.account_link FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.account_link ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: approval no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.approval FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.approval ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_change no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_change FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_change ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_change_beyond no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_change_beyond FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_change_beyond ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_checkpoint no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_entry no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_entry_beyond no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_entry_beyond FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_entry_beyond ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_key no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_key FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_key ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_leaf no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_leaf ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_node no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_node FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_node ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_salt no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_salt FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_salt ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: audit_salt_beyond no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.audit_salt_beyond FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_salt_beyond ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: byline no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.byline FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.byline ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: byline_holder no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.byline_holder FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.byline_holder ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: comment no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.comment FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.comment ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: comment_thread no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.comment_thread FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.comment_thread ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: commentary no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.commentary FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.commentary ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: contributor no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.contributor FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.contributor ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: cursor_key no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.cursor_key FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.cursor_key ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: edition no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.edition FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: equivalent_wording no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.equivalent_wording FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.equivalent_wording ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: glossary_term no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.glossary_term FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.glossary_term ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: idempotency_record no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.idempotency_record FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.idempotency_record ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: language no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.language FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.language ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: mail no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.mail FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.mail ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: pending_coordinator no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.pending_coordinator FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: person no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.person FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: person_language no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.person_language FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.person_language ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: person_role no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.person_role FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: preview_link no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.preview_link FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.preview_link ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: publication no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.publication FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.publication ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: publication_check no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.publication_check FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.publication_check ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: publication_date no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.publication_date FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.publication_date ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: published_version no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.published_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.published_version ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: recovery_code no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.recovery_code FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.recovery_code ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: revision no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.revision FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.revision ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: search_document no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.search_document FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.search_document ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: section no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.section FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.section ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: service_token no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.service_token FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.service_token ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: session no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.session FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.session ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: signing_key no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.signing_key FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.signing_key ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: slug no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.slug FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.slug ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: totp no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.totp FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.totp ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: translation_memory no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.translation_memory FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.translation_memory ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: translation_task no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.translation_task FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.translation_task ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: warning_answer no_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON public.warning_answer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.warning_answer ENABLE ALWAYS TRIGGER no_truncate;

--
-- Name: account_link not_shown; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER not_shown BEFORE INSERT OR UPDATE ON public.account_link FOR EACH ROW EXECUTE FUNCTION public.a_link_of_a_used_account_is_not_shown();

ALTER TABLE public.account_link ENABLE ALWAYS TRIGGER not_shown;

--
-- Name: approval only_withdrawn; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_withdrawn BEFORE DELETE OR UPDATE ON public.approval FOR EACH ROW EXECUTE FUNCTION public.an_approval_is_only_withdrawn();

ALTER TABLE public.approval ENABLE ALWAYS TRIGGER only_withdrawn;

--
-- Name: commentary own_byline; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER own_byline BEFORE INSERT OR UPDATE OF author_id, byline_id ON public.commentary FOR EACH ROW EXECUTE FUNCTION public.a_byline_is_its_authors_own();

ALTER TABLE public.commentary ENABLE ALWAYS TRIGGER own_byline;

--
-- Name: person pending_role_goes; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER pending_role_goes AFTER UPDATE ON public.person FOR EACH ROW WHEN (((new.state = 'erased'::text) AND (old.state <> 'erased'::text))) EXECUTE FUNCTION public.forget_pending_role();

ALTER TABLE public.person ENABLE ALWAYS TRIGGER pending_role_goes;

--
-- Name: edition published_change_of_address; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_address AFTER UPDATE ON public.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.slug IS NOT NULL) AND (old.slug IS DISTINCT FROM new.slug))) EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'true');

--
-- Name: byline published_change_of_byline; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_byline AFTER DELETE OR UPDATE ON public.byline DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('', 'true');

--
-- Name: commentary published_change_of_commentary; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_commentary AFTER UPDATE ON public.commentary DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.was_published AND ((old.week IS DISTINCT FROM new.week) OR (old.section IS DISTINCT FROM new.section) OR (old.byline_id IS DISTINCT FROM new.byline_id)))) EXECUTE FUNCTION public.notify_published_changed('id', 'true');

--
-- Name: edition published_change_of_edition; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_edition AFTER UPDATE ON public.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.live_revision IS DISTINCT FROM new.live_revision) OR (old.slug IS DISTINCT FROM new.slug) OR (old.first_published_at IS DISTINCT FROM new.first_published_at) OR (old.published_at IS DISTINCT FROM new.published_at) OR (old.retracted_at IS DISTINCT FROM new.retracted_at) OR (old.retraction_reason IS DISTINCT FROM new.retraction_reason) OR (old.correction_pending_since IS DISTINCT FROM new.correction_pending_since))) EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'false');

--
-- Name: language published_change_of_language; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_language AFTER INSERT OR DELETE OR UPDATE ON public.language DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('', 'true');

--
-- Name: edition published_change_of_new_edition; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_new_edition AFTER INSERT ON public.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.live_revision IS NOT NULL) OR (new.retracted_at IS NOT NULL))) EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'false');

--
-- Name: publication published_change_of_publication; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_publication AFTER INSERT ON public.publication DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'false');

--
-- Name: edition published_change_of_removed_edition; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_removed_edition AFTER DELETE ON public.edition DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'true');

--
-- Name: section published_change_of_section; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_section AFTER INSERT OR DELETE OR UPDATE ON public.section DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('', 'true');

--
-- Name: slug published_change_of_slug; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER published_change_of_slug AFTER INSERT OR DELETE OR UPDATE ON public.slug DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.notify_published_changed('commentary_id', 'false');

--
-- Name: edition search_document; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER search_document AFTER UPDATE ON public.edition FOR EACH ROW WHEN ((old.live_revision IS DISTINCT FROM new.live_revision)) EXECUTE FUNCTION public.keep_search_document();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER search_document;

--
-- Name: edition search_document_of_new; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER search_document_of_new AFTER INSERT ON public.edition FOR EACH ROW WHEN ((new.live_revision IS NOT NULL)) EXECUTE FUNCTION public.keep_search_document();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER search_document_of_new;

--
-- Name: revision signed_and_numbered; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER signed_and_numbered BEFORE INSERT ON public.revision FOR EACH ROW EXECUTE FUNCTION public.a_revision_is_signed_and_numbered();

ALTER TABLE public.revision ENABLE ALWAYS TRIGGER signed_and_numbered;

--
-- Name: edition stays_the_source; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_the_source BEFORE UPDATE ON public.edition FOR EACH ROW EXECUTE FUNCTION public.a_source_edition_stays_the_source();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER stays_the_source;

--
-- Name: audit_change stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_change FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_change ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_checkpoint stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_checkpoint FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_entry stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.only_a_note_is_wiped();

ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_key stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_key FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_key ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_leaf stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_leaf FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_leaf ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_node stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_node FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.audit_node ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: audit_salt stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.audit_salt FOR EACH ROW EXECUTE FUNCTION public.a_salt_is_only_destroyed();

ALTER TABLE public.audit_salt ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: comment stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.comment FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.comment ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: equivalent_wording stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.equivalent_wording FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.equivalent_wording ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: preview_link stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.preview_link FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.preview_link ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: publication stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.publication FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.publication ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: revision stays_written; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER stays_written BEFORE DELETE OR UPDATE ON public.revision FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

ALTER TABLE public.revision ENABLE ALWAYS TRIGGER stays_written;

--
-- Name: account_link trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.account_link FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'token_hash');

ALTER TABLE public.account_link ENABLE ALWAYS TRIGGER trail;

--
-- Name: approval trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.approval FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', '');

ALTER TABLE public.approval ENABLE ALWAYS TRIGGER trail;

--
-- Name: audit_key trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.audit_key FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'number', '');

ALTER TABLE public.audit_key ENABLE ALWAYS TRIGGER trail;

--
-- Name: byline trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.byline FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', '', 'id,name');

ALTER TABLE public.byline ENABLE ALWAYS TRIGGER trail;

--
-- Name: byline_holder trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.byline_holder FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', '', 'byline_id,person_id');

ALTER TABLE public.byline_holder ENABLE ALWAYS TRIGGER trail;

--
-- Name: comment trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.comment FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', 'text');

ALTER TABLE public.comment ENABLE ALWAYS TRIGGER trail;

--
-- Name: comment_thread trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.comment_thread FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', 'last_comment_at');

ALTER TABLE public.comment_thread ENABLE ALWAYS TRIGGER trail;

--
-- Name: commentary trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.commentary FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'id', 'id', 'review_note');

ALTER TABLE public.commentary ENABLE ALWAYS TRIGGER trail;

--
-- Name: contributor trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.contributor FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,person_id', '');

ALTER TABLE public.contributor ENABLE ALWAYS TRIGGER trail;

--
-- Name: cursor_key trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.cursor_key FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', '', 'secret');

ALTER TABLE public.cursor_key ENABLE ALWAYS TRIGGER trail;

--
-- Name: edition trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.edition FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,language', '');

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER trail;

--
-- Name: equivalent_wording trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.equivalent_wording FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,unit,was,became', '');

ALTER TABLE public.equivalent_wording ENABLE ALWAYS TRIGGER trail;

--
-- Name: glossary_term trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.glossary_term FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'id', '');

ALTER TABLE public.glossary_term ENABLE ALWAYS TRIGGER trail;

--
-- Name: language trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.language FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'tag', '');

ALTER TABLE public.language ENABLE ALWAYS TRIGGER trail;

--
-- Name: mail trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.mail FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'address');

ALTER TABLE public.mail ENABLE ALWAYS TRIGGER trail;

--
-- Name: pending_coordinator trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.pending_coordinator FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'person_id', '');

ALTER TABLE public.pending_coordinator ENABLE ALWAYS TRIGGER trail;

--
-- Name: person trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.person FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'email,display_name,password_hash');

ALTER TABLE public.person ENABLE ALWAYS TRIGGER trail;

--
-- Name: person_language trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.person_language FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'person_id,language', '');

ALTER TABLE public.person_language ENABLE ALWAYS TRIGGER trail;

--
-- Name: person_role trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.person_role FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'person_id,role', '');

ALTER TABLE public.person_role ENABLE ALWAYS TRIGGER trail;

--
-- Name: preview_link trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.preview_link FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', 'token_hash');

ALTER TABLE public.preview_link ENABLE ALWAYS TRIGGER trail;

--
-- Name: publication trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.publication FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', '');

ALTER TABLE public.publication ENABLE ALWAYS TRIGGER trail;

--
-- Name: publication_check trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.publication_check FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'name', '');

ALTER TABLE public.publication_check ENABLE ALWAYS TRIGGER trail;

--
-- Name: publication_date trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.publication_date FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id', '');

ALTER TABLE public.publication_date ENABLE ALWAYS TRIGGER trail;

--
-- Name: published_version trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.published_version FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'only_one', '');

ALTER TABLE public.published_version ENABLE ALWAYS TRIGGER trail;

--
-- Name: recovery_code trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.recovery_code FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'code_hash');

ALTER TABLE public.recovery_code ENABLE ALWAYS TRIGGER trail;

--
-- Name: revision trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.revision FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,language,number', 'title,lead,photo,blocks,units');

ALTER TABLE public.revision ENABLE ALWAYS TRIGGER trail;

--
-- Name: search_document trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.search_document FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,language', 'heading,body,heading_words,words');

ALTER TABLE public.search_document ENABLE ALWAYS TRIGGER trail;

--
-- Name: section trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.section FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'key', '');

ALTER TABLE public.section ENABLE ALWAYS TRIGGER trail;

--
-- Name: service_token trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.service_token FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'token_hash');

ALTER TABLE public.service_token ENABLE ALWAYS TRIGGER trail;

--
-- Name: session trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.session FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'device');

ALTER TABLE public.session ENABLE ALWAYS TRIGGER trail;

--
-- Name: signing_key trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.signing_key FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'id', 'private_key,refresh_secret');

ALTER TABLE public.signing_key ENABLE ALWAYS TRIGGER trail;

--
-- Name: slug trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.slug FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'language,slug', '');

ALTER TABLE public.slug ENABLE ALWAYS TRIGGER trail;

--
-- Name: totp trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.totp FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('accounts', '', 'person_id', 'secret,pending_secret,last_step');

ALTER TABLE public.totp ENABLE ALWAYS TRIGGER trail;

--
-- Name: translation_memory trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.translation_memory FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'commentary_id,language,unit,source_hash', 'source,target');

ALTER TABLE public.translation_memory ENABLE ALWAYS TRIGGER trail;

--
-- Name: translation_task trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.translation_task FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', 'commentary_id', 'id', 'review_note');

ALTER TABLE public.translation_task ENABLE ALWAYS TRIGGER trail;

--
-- Name: warning_answer trail; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trail AFTER INSERT OR DELETE OR UPDATE ON public.warning_answer FOR EACH ROW EXECUTE FUNCTION public.write_audit_change('editorial', '', 'task_id,warning', 'reason');

ALTER TABLE public.warning_answer ENABLE ALWAYS TRIGGER trail;

--
-- Name: comment_thread version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.comment_thread FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: commentary version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.commentary FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: glossary_term version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.glossary_term FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: person version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.person FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: publication_check version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.publication_check FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: section version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.section FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: translation_task version; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER version BEFORE UPDATE ON public.translation_task FOR EACH ROW EXECUTE FUNCTION public.count_version();

--
-- Name: edition working_document; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER working_document AFTER UPDATE ON public.edition FOR EACH ROW WHEN (((old.revision IS DISTINCT FROM new.revision) OR (old.approved_revision IS DISTINCT FROM new.approved_revision) OR (old.live_revision IS DISTINCT FROM new.live_revision))) EXECUTE FUNCTION public.keep_working_document();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER working_document;

--
-- Name: edition working_document_of_new; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER working_document_of_new AFTER INSERT ON public.edition FOR EACH ROW WHEN ((new.revision IS NOT NULL)) EXECUTE FUNCTION public.keep_working_document();

ALTER TABLE public.edition ENABLE ALWAYS TRIGGER working_document_of_new;

--
-- Name: comment a_comment_belongs_to_a_thread; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT a_comment_belongs_to_a_thread FOREIGN KEY (thread_id, commentary_id) REFERENCES public.comment_thread(id, commentary_id);

--
-- Name: edition a_live_edition_was_approved; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT a_live_edition_was_approved FOREIGN KEY (live_approval_id, commentary_id, language, live_revision) REFERENCES public.approval(id, commentary_id, language, revision);

--
-- Name: preview_link a_preview_shows_an_approved_text; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preview_link
    ADD CONSTRAINT a_preview_shows_an_approved_text FOREIGN KEY (approval_id, commentary_id, language, revision) REFERENCES public.approval(id, commentary_id, language, revision);

--
-- Name: publication a_publication_belongs_to_an_edition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publication
    ADD CONSTRAINT a_publication_belongs_to_an_edition FOREIGN KEY (commentary_id, language) REFERENCES public.edition(commentary_id, language);

--
-- Name: publication_date a_publication_date_is_of_a_commentary; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.publication_date
    ADD CONSTRAINT a_publication_date_is_of_a_commentary FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: search_document a_published_text_belongs_to_an_edition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_document
    ADD CONSTRAINT a_published_text_belongs_to_an_edition FOREIGN KEY (commentary_id, language) REFERENCES public.edition(commentary_id, language);

--
-- Name: slug a_slug_belongs_to_an_edition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slug
    ADD CONSTRAINT a_slug_belongs_to_an_edition FOREIGN KEY (commentary_id, language) REFERENCES public.edition(commentary_id, language);

--
-- Name: translation_task a_task_belongs_to_an_edition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_task
    ADD CONSTRAINT a_task_belongs_to_an_edition FOREIGN KEY (commentary_id, language) REFERENCES public.edition(commentary_id, language);

--
-- Name: comment_thread a_thread_is_about_a_text; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT a_thread_is_about_a_text FOREIGN KEY (commentary_id, language, revision) REFERENCES public.revision(commentary_id, language, number);

--
-- Name: comment_thread a_thread_is_about_an_edition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT a_thread_is_about_an_edition FOREIGN KEY (commentary_id, language) REFERENCES public.edition(commentary_id, language);

--
-- Name: working_document a_working_document_belongs_to_a_revision; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.working_document
    ADD CONSTRAINT a_working_document_belongs_to_a_revision FOREIGN KEY (commentary_id, language, revision) REFERENCES public.revision(commentary_id, language, number);

--
-- Name: account_link account_link_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account_link
    ADD CONSTRAINT account_link_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: approval an_approval_names_a_text_byte_for_byte; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT an_approval_names_a_text_byte_for_byte FOREIGN KEY (commentary_id, language, revision, content_hash) REFERENCES public.revision(commentary_id, language, number, content_hash);

--
-- Name: edition an_approved_edition_has_an_approval; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT an_approved_edition_has_an_approval FOREIGN KEY (approval_id, commentary_id, language, approved_revision) REFERENCES public.approval(id, commentary_id, language, revision);

--
-- Name: edition an_edition_has_its_latest_revision; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT an_edition_has_its_latest_revision FOREIGN KEY (commentary_id, language, revision) REFERENCES public.revision(commentary_id, language, number);

--
-- Name: edition an_edition_uses_a_slug_of_its_own; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT an_edition_uses_a_slug_of_its_own FOREIGN KEY (language, slug, commentary_id) REFERENCES public.slug(language, slug, commentary_id);

--
-- Name: approval approval_approved_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES public.person(id);

--
-- Name: audit_change audit_change_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.audit_change
    ADD CONSTRAINT audit_change_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.audit_entry(id);

--
-- Name: audit_leaf audit_leaf_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_leaf
    ADD CONSTRAINT audit_leaf_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.audit_entry(id);

--
-- Name: audit_salt audit_salt_entry_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.audit_salt
    ADD CONSTRAINT audit_salt_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.audit_entry(id);

--
-- Name: byline_holder byline_holder_byline_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.byline_holder
    ADD CONSTRAINT byline_holder_byline_id_fkey FOREIGN KEY (byline_id) REFERENCES public.byline(id);

--
-- Name: byline_holder byline_holder_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.byline_holder
    ADD CONSTRAINT byline_holder_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: comment comment_created_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.person(id);

--
-- Name: comment_thread comment_thread_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT comment_thread_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: comment_thread comment_thread_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.comment_thread
    ADD CONSTRAINT comment_thread_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: commentary commentary_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commentary
    ADD CONSTRAINT commentary_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.person(id);

--
-- Name: commentary commentary_byline_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commentary
    ADD CONSTRAINT commentary_byline_id_fkey FOREIGN KEY (byline_id) REFERENCES public.byline(id);

--
-- Name: commentary commentary_section_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commentary
    ADD CONSTRAINT commentary_section_fkey FOREIGN KEY (section) REFERENCES public.section(key);

--
-- Name: commentary commentary_source_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.commentary
    ADD CONSTRAINT commentary_source_language_fkey FOREIGN KEY (source_language) REFERENCES public.language(tag);

--
-- Name: contributor contributor_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.contributor
    ADD CONSTRAINT contributor_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: contributor contributor_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.contributor
    ADD CONSTRAINT contributor_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: edition edition_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: edition edition_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: edition edition_scheduled_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_scheduled_by_fkey FOREIGN KEY (scheduled_by) REFERENCES public.person(id);

--
-- Name: equivalent_wording equivalent_wording_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.equivalent_wording
    ADD CONSTRAINT equivalent_wording_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: glossary_term glossary_term_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.glossary_term
    ADD CONSTRAINT glossary_term_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: glossary_term glossary_term_source_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.glossary_term
    ADD CONSTRAINT glossary_term_source_language_fkey FOREIGN KEY (source_language) REFERENCES public.language(tag);

--
-- Name: mail mail_link_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_link_id_fkey FOREIGN KEY (link_id) REFERENCES public.account_link(id) ON DELETE CASCADE;

--
-- Name: mail mail_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: pending_coordinator pending_coordinator_given_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pending_coordinator
    ADD CONSTRAINT pending_coordinator_given_by_fkey FOREIGN KEY (given_by) REFERENCES public.person(id);

--
-- Name: pending_coordinator pending_coordinator_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pending_coordinator
    ADD CONSTRAINT pending_coordinator_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: person_language person_language_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_language
    ADD CONSTRAINT person_language_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: person_language person_language_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_language
    ADD CONSTRAINT person_language_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: person_role person_role_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_role
    ADD CONSTRAINT person_role_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: preview_link preview_link_created_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.preview_link
    ADD CONSTRAINT preview_link_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.person(id);

--
-- Name: recovery_code recovery_code_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: revision revision_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: revision revision_created_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.person(id);

--
-- Name: revision revision_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: service_token_use service_token_use_token_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.service_token_use
    ADD CONSTRAINT service_token_use_token_id_fkey FOREIGN KEY (token_id) REFERENCES public.service_token(id);

--
-- Name: session session_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: totp totp_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

--
-- Name: translation_memory translation_memory_commentary_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_memory
    ADD CONSTRAINT translation_memory_commentary_id_fkey FOREIGN KEY (commentary_id) REFERENCES public.commentary(id);

--
-- Name: translation_memory translation_memory_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_memory
    ADD CONSTRAINT translation_memory_language_fkey FOREIGN KEY (language) REFERENCES public.language(tag);

--
-- Name: translation_memory translation_memory_source_language_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_memory
    ADD CONSTRAINT translation_memory_source_language_fkey FOREIGN KEY (source_language) REFERENCES public.language(tag);

--
-- Name: translation_task translation_task_assignee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.translation_task
    ADD CONSTRAINT translation_task_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES public.person(id);

--
-- Name: warning_answer warning_answer_answered_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.warning_answer
    ADD CONSTRAINT warning_answer_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES public.person(id);

--
-- Name: warning_answer warning_answer_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.warning_answer
    ADD CONSTRAINT warning_answer_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.translation_task(id);

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT ALL ON SCHEMA public TO editorial_owner;

--
-- Name: FUNCTION a_byline_is_its_authors_own(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_byline_is_its_authors_own() FROM PUBLIC;

--
-- Name: FUNCTION a_claim_is_held_by_a_translator(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_claim_is_held_by_a_translator() FROM PUBLIC;

--
-- Name: FUNCTION a_commentary_keeps_its_author(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_commentary_keeps_its_author() FROM PUBLIC;

--
-- Name: FUNCTION a_coordinator_is_confirmed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_coordinator_is_confirmed() FROM PUBLIC;

--
-- Name: FUNCTION a_link_of_a_used_account_is_not_shown(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_link_of_a_used_account_is_not_shown() FROM PUBLIC;

--
-- Name: FUNCTION a_pending_role_is_given_by_an_administrator(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_pending_role_is_given_by_an_administrator() FROM PUBLIC;

--
-- Name: FUNCTION a_revision_is_signed_and_numbered(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_revision_is_signed_and_numbered() FROM PUBLIC;

--
-- Name: FUNCTION a_salt_is_only_destroyed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_salt_is_only_destroyed() FROM PUBLIC;

--
-- Name: FUNCTION a_source_edition_stays_the_source(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.a_source_edition_stays_the_source() FROM PUBLIC;

--
-- Name: FUNCTION acting_context(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.acting_context() FROM PUBLIC;
GRANT ALL ON FUNCTION public.acting_context() TO editorial_app;

--
-- Name: FUNCTION acting_person(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.acting_person() FROM PUBLIC;
GRANT ALL ON FUNCTION public.acting_person() TO editorial_app;

--
-- Name: FUNCTION add_audit_entry(entry_domain text, row_commentary uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.add_audit_entry(entry_domain text, row_commentary uuid) FROM PUBLIC;

--
-- Name: FUNCTION add_audit_partitions(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.add_audit_partitions() FROM PUBLIC;
GRANT ALL ON FUNCTION public.add_audit_partitions() TO editorial_app;

--
-- Name: FUNCTION an_approval_is_by_a_second_person(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.an_approval_is_by_a_second_person() FROM PUBLIC;

--
-- Name: FUNCTION an_approval_is_only_withdrawn(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.an_approval_is_only_withdrawn() FROM PUBLIC;

--
-- Name: FUNCTION base_forms(words text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.base_forms(words text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.base_forms(words text[]) TO editorial_app;

--
-- Name: FUNCTION begin_idempotent_request(wanted bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.begin_idempotent_request(wanted bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_idempotent_request(wanted bytea) TO editorial_app;

--
-- Name: FUNCTION byline_links(of_person uuid, of_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.byline_links(of_person uuid, of_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.byline_links(of_person uuid, of_name text) TO editorial_app;

--
-- Name: FUNCTION cluster_identifier(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.cluster_identifier() FROM PUBLIC;
GRANT ALL ON FUNCTION public.cluster_identifier() TO editorial_app;

--
-- Name: FUNCTION content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb) TO editorial_app;

--
-- Name: FUNCTION count_version(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.count_version() FROM PUBLIC;

--
-- Name: FUNCTION credentials_are_changed_by_their_person(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.credentials_are_changed_by_their_person() FROM PUBLIC;

--
-- Name: FUNCTION current_audit_entry(entry_domain text, row_commentary uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.current_audit_entry(entry_domain text, row_commentary uuid) FROM PUBLIC;

--
-- Name: FUNCTION date_publication(in_commentary uuid, at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.date_publication(in_commentary uuid, at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION date_the_edition(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.date_the_edition() FROM PUBLIC;

--
-- Name: FUNCTION date_the_publication(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.date_the_publication() FROM PUBLIC;

--
-- Name: FUNCTION dictionary_serves(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.dictionary_serves() FROM PUBLIC;

--
-- Name: FUNCTION empty_idempotency_records(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.empty_idempotency_records() FROM PUBLIC;

--
-- Name: FUNCTION end_of_week(week text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.end_of_week(week text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_of_week(week text) TO editorial_app;

--
-- Name: FUNCTION erase_from_trail(erased uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.erase_from_trail(erased uuid) FROM PUBLIC;

--
-- Name: FUNCTION erase_person(erased uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.erase_person(erased uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_person(erased uuid) TO editorial_app;

--
-- Name: FUNCTION first_id_at(at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.first_id_at(at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION first_id_of_year(year integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.first_id_of_year(year integer) FROM PUBLIC;

--
-- Name: FUNCTION folded(words text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.folded(words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.folded(words text) TO editorial_app;

--
-- Name: FUNCTION forget_bylines(erased uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.forget_bylines(erased uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_bylines(erased uuid) TO editorial_app;

--
-- Name: TABLE idempotency_record; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.idempotency_record TO editorial_app;

--
-- Name: FUNCTION forget_idempotency_records(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.forget_idempotency_records() FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_idempotency_records() TO editorial_app;

--
-- Name: FUNCTION forget_pending_role(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.forget_pending_role() FROM PUBLIC;

--
-- Name: FUNCTION forget_second_proofs(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.forget_second_proofs() FROM PUBLIC;

--
-- Name: FUNCTION forget_sign_ins(days integer, page integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.forget_sign_ins(days integer, page integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_sign_ins(days integer, page integer) TO editorial_app;

--
-- Name: FUNCTION frame_of_blocks(blocks jsonb, named jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.frame_of_blocks(blocks jsonb, named jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.frame_of_blocks(blocks jsonb, named jsonb) TO editorial_app;

--
-- Name: PROCEDURE "freeze"(IN frozen regclass); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON PROCEDURE public."freeze"(IN frozen regclass) FROM PUBLIC;

--
-- Name: FUNCTION guard_audit_partition(part text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.guard_audit_partition(part text) FROM PUBLIC;

--
-- Name: FUNCTION hash_revision(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.hash_revision() FROM PUBLIC;

--
-- Name: FUNCTION id_at(at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.id_at(at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.id_at(at timestamp with time zone) TO editorial_app;

--
-- Name: FUNCTION index_working_document(in_commentary uuid, in_language text, in_revision integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.index_working_document(in_commentary uuid, in_language text, in_revision integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.index_working_document(in_commentary uuid, in_language text, in_revision integer) TO editorial_app;

--
-- Name: FUNCTION is_altered(approval uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.is_altered(approval uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.is_altered(approval uuid) TO editorial_app;

--
-- Name: FUNCTION is_coverage_week(week text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.is_coverage_week(week text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.is_coverage_week(week text) TO editorial_app;

--
-- Name: FUNCTION keep_idempotency_record(wanted bytea, answer bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_idempotency_record(wanted bytea, answer bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_idempotency_record(wanted bytea, answer bytea) TO editorial_app;

--
-- Name: FUNCTION keep_public_id(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_public_id() FROM PUBLIC;

--
-- Name: FUNCTION keep_search_document(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_search_document() FROM PUBLIC;

--
-- Name: FUNCTION keep_working_document(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_working_document() FROM PUBLIC;

--
-- Name: FUNCTION lexemes(language text, words text, asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lexemes(language text, words text, asked text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lexemes(language text, words text, asked text) TO editorial_app;

--
-- Name: FUNCTION linked_addresses(words text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.linked_addresses(words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.linked_addresses(words text) TO editorial_app;

--
-- Name: FUNCTION lists_edition(sight text, is_source boolean, wanted boolean, status text, language text, languages text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lists_edition(sight text, is_source boolean, wanted boolean, status text, language text, languages text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lists_edition(sight text, is_source boolean, wanted boolean, status text, language text, languages text[]) TO editorial_app;

--
-- Name: FUNCTION live_matches(asked tsquery, part text, in_language text, in_week text, in_section text, in_state text, most integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.live_matches(asked tsquery, part text, in_language text, in_week text, in_section text, in_state text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.live_matches(asked tsquery, part text, in_language text, in_week text, in_section text, in_state text, most integer) TO editorial_app;

--
-- Name: FUNCTION match_score(heading_words tsvector, words tsvector, asked tsquery); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.match_score(heading_words tsvector, words tsvector, asked tsquery) FROM PUBLIC;
GRANT ALL ON FUNCTION public.match_score(heading_words tsvector, words tsvector, asked tsquery) TO editorial_app;

--
-- Name: FUNCTION may_claim(claimant uuid, most integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.may_claim(claimant uuid, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.may_claim(claimant uuid, most integer) TO editorial_app;

--
-- Name: FUNCTION may_lack_words(written text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.may_lack_words(written text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.may_lack_words(written text) TO editorial_app;

--
-- Name: FUNCTION new_id(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.new_id() FROM PUBLIC;
GRANT ALL ON FUNCTION public.new_id() TO editorial_app;

--
-- Name: FUNCTION new_salt(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.new_salt() FROM PUBLIC;

--
-- Name: FUNCTION notify_actor_changed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.notify_actor_changed() FROM PUBLIC;

--
-- Name: FUNCTION notify_published_changed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.notify_published_changed() FROM PUBLIC;

--
-- Name: FUNCTION only_a_note_is_wiped(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.only_a_note_is_wiped() FROM PUBLIC;

--
-- Name: FUNCTION only_follows_source(in_commentary uuid, in_language text, in_number integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.only_follows_source(in_commentary uuid, in_language text, in_number integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.only_follows_source(in_commentary uuid, in_language text, in_number integer) TO editorial_app;

--
-- Name: FUNCTION publication_facts(in_commentary uuid, in_language text, in_revision integer, is_taken boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.publication_facts(in_commentary uuid, in_language text, in_revision integer, is_taken boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.publication_facts(in_commentary uuid, in_language text, in_revision integer, is_taken boolean) TO editorial_app;

--
-- Name: FUNCTION publication_time(in_commentary uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.publication_time(in_commentary uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.publication_time(in_commentary uuid) TO editorial_app;

--
-- Name: FUNCTION record_attempt(entry_domain text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_attempt(entry_domain text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_attempt(entry_domain text) TO editorial_app;

--
-- Name: FUNCTION record_refusal(entry_domain text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_refusal(entry_domain text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_refusal(entry_domain text) TO editorial_app;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION reindex_published(after uuid, page integer, OUT last uuid, OUT changed integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.reindex_published(after uuid, page integer, OUT last uuid, OUT changed integer) FROM PUBLIC;

--
-- Name: FUNCTION renew_dictionary(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.renew_dictionary() FROM PUBLIC;

--
-- Name: FUNCTION roles_are_changed_by_another(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.roles_are_changed_by_another() FROM PUBLIC;

--
-- Name: FUNCTION salted_digest(salt bytea, content text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.salted_digest(salt bytea, content text) FROM PUBLIC;

--
-- Name: FUNCTION search_configuration(language text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.search_configuration(language text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_configuration(language text) TO editorial_app;

--
-- Name: FUNCTION search_query(asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.search_query(asked text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_query(asked text) TO editorial_app;

--
-- Name: FUNCTION search_query(language text, asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.search_query(language text, asked text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_query(language text, asked text) TO editorial_app;

--
-- Name: FUNCTION searchable(language text, words text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.searchable(language text, words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.searchable(language text, words text) TO editorial_app;

--
-- Name: FUNCTION searchable(language text, words text, asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.searchable(language text, words text, asked text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.searchable(language text, words text, asked text) TO editorial_app;

--
-- Name: FUNCTION sight_of(commentary uuid, author uuid, in_state text, actor uuid, languages text[], sees_all boolean, translator_states text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.sight_of(commentary uuid, author uuid, in_state text, actor uuid, languages text[], sees_all boolean, translator_states text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sight_of(commentary uuid, author uuid, in_state text, actor uuid, languages text[], sees_all boolean, translator_states text[]) TO editorial_app;

--
-- Name: FUNCTION spelled(words text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.spelled(words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.spelled(words text) TO editorial_app;

--
-- Name: FUNCTION stems(language text, words text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.stems(language text, words text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.stems(language text, words text[]) TO editorial_app;

--
-- Name: FUNCTION take_byline(new_byline uuid, new_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.take_byline(new_byline uuid, new_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_byline(new_byline uuid, new_name text) TO editorial_app;

--
-- Name: FUNCTION tell_coordinators(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.tell_coordinators() FROM PUBLIC;

--
-- Name: FUNCTION text_of(title text, lead text, blocks jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.text_of(title text, lead text, blocks jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.text_of(title text, lead text, blocks jsonb) TO editorial_app;

--
-- Name: FUNCTION translates(who uuid, target_language text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.translates(who uuid, target_language text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.translates(who uuid, target_language text) TO editorial_app;

--
-- Name: PROCEDURE watch(IN watched regclass, IN domain text, IN commentary_column text, IN key_columns text, IN withheld_columns text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON PROCEDURE public.watch(IN watched regclass, IN domain text, IN commentary_column text, IN key_columns text, IN withheld_columns text) FROM PUBLIC;

--
-- Name: FUNCTION what_goes_live_is_approved_now(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.what_goes_live_is_approved_now() FROM PUBLIC;

--
-- Name: FUNCTION what_goes_live_is_as_approved(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.what_goes_live_is_as_approved() FROM PUBLIC;

--
-- Name: FUNCTION what_is_approved_is_as_written(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.what_is_approved_is_as_written() FROM PUBLIC;

--
-- Name: FUNCTION words_asked_for(in_language text, asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.words_asked_for(in_language text, asked text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.words_asked_for(in_language text, asked text) TO editorial_app;

--
-- Name: FUNCTION words_by_block(blocks jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.words_by_block(blocks jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.words_by_block(blocks jsonb) TO editorial_app;

--
-- Name: FUNCTION working_matches(asked tsquery, part text, in_week text, in_section text, in_state text, most integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.working_matches(asked tsquery, part text, in_week text, in_section text, in_state text, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.working_matches(asked tsquery, part text, in_week text, in_section text, in_state text, most integer) TO editorial_app;

--
-- Name: FUNCTION write_audit_change(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.write_audit_change() FROM PUBLIC;

--
-- Name: FUNCTION years_without_partition(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.years_without_partition() FROM PUBLIC;

--
-- Name: TABLE account_link; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.account_link TO editorial_app;

--
-- Name: TABLE approval; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.approval TO editorial_app;

--
-- Name: COLUMN approval.withdrawn_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(withdrawn_at) ON TABLE public.approval TO editorial_app;

--
-- Name: TABLE audit_change; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.audit_change TO editorial_app;

--
-- Name: TABLE audit_checkpoint; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_checkpoint TO editorial_app;

--
-- Name: TABLE audit_entry; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.audit_entry TO editorial_app;

--
-- Name: TABLE audit_key; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_key TO editorial_app;

--
-- Name: TABLE audit_leaf; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_leaf TO editorial_app;

--
-- Name: TABLE audit_node; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.audit_node TO editorial_app;

--
-- Name: TABLE byline; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.byline TO editorial_app;

--
-- Name: TABLE comment; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.comment TO editorial_app;

--
-- Name: TABLE comment_thread; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.comment_thread TO editorial_app;

--
-- Name: COLUMN comment_thread.last_comment_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(last_comment_at) ON TABLE public.comment_thread TO editorial_app;

--
-- Name: COLUMN comment_thread.resolved_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(resolved_at) ON TABLE public.comment_thread TO editorial_app;

--
-- Name: TABLE commentary; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.commentary TO editorial_app;

--
-- Name: TABLE contributor; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.contributor TO editorial_app;

--
-- Name: TABLE cursor_key; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.cursor_key TO editorial_app;

--
-- Name: TABLE edition; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.edition TO editorial_app;

--
-- Name: TABLE equivalent_wording; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.equivalent_wording TO editorial_app;

--
-- Name: TABLE glossary_term; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.glossary_term TO editorial_app;

--
-- Name: TABLE language; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.language TO editorial_app;

--
-- Name: TABLE mail; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail TO editorial_app;

--
-- Name: TABLE pending_coordinator; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.pending_coordinator TO editorial_app;

--
-- Name: TABLE person; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.person TO editorial_app;

--
-- Name: TABLE person_language; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.person_language TO editorial_app;

--
-- Name: TABLE person_role; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.person_role TO editorial_app;

--
-- Name: TABLE preview_link; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.preview_link TO editorial_app;

--
-- Name: TABLE publication; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.publication TO editorial_app;

--
-- Name: TABLE published_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.published_version TO editorial_app;

--
-- Name: TABLE revision; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.revision TO editorial_app;

--
-- Name: TABLE section; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.section TO editorial_app;

--
-- Name: TABLE public_page; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.public_page TO editorial_app;

--
-- Name: TABLE publication_check; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,UPDATE ON TABLE public.publication_check TO editorial_app;

--
-- Name: TABLE rate_limit_bucket; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rate_limit_bucket TO editorial_app;

--
-- Name: TABLE recovery_code; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recovery_code TO editorial_app;

--
-- Name: TABLE search_document; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.search_document TO editorial_app;

--
-- Name: TABLE service_token; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.service_token TO editorial_app;

--
-- Name: TABLE service_token_use; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.service_token_use TO editorial_app;

--
-- Name: TABLE session; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.session TO editorial_app;

--
-- Name: TABLE signing_key; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.signing_key TO editorial_app;

--
-- Name: TABLE slug; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.slug TO editorial_app;

--
-- Name: TABLE translation_task; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.translation_task TO editorial_app;

--
-- Name: TABLE task_due; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.task_due TO editorial_app;

--
-- Name: TABLE totp; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.totp TO editorial_app;

--
-- Name: TABLE translation_memory; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.translation_memory TO editorial_app;

--
-- Name: TABLE warning_answer; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.warning_answer TO editorial_app;

--
-- Name: TABLE working_document; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.working_document TO editorial_app;

--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE editorial_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

--
-- PostgreSQL database dump complete
--

\unrestrict editorial
