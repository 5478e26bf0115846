-- A translation follows its source in all that needs no translator: trend, order, addresses, credits and licences.
-- depends: 0088_unseen_signs

-- migrate: apply

-- The words of blocks by their ids, whatever their order. Old ids that were names of other parts are read as
-- `core/texts.py` reads them.
create function words_by_block(blocks jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(jsonb_object_agg(
        (one ->> 'id') || case when one ->> 'id' in ('title', 'lead', 'photo') then '-block' else '' end,
        jsonb_build_array(one -> 'type', one -> 'text', one -> 'items', one -> 'alt')
    ), '{}')
    from jsonb_array_elements(blocks) as one
$$;

-- All but the words of those blocks that a text has, in their order.
create function frame_of_blocks(blocks jsonb, named jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog
as $$
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

-- Whether a revision of a translation says, word for word, what the one before it says, and has all the rest from an
-- approved revision of its source: whoever wrote that down has written nothing.
create function only_follows_source(in_commentary uuid, in_language text, in_number integer) returns boolean
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
as $$
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

-- As before, but for revisions that only follow their source. One that follows an accepted one is as good as that: its
-- words were agreed to then, and the rest when the source was approved.
create or replace function an_approval_is_by_a_second_person() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
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
            and written.made_by = new.approved_by
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
            and translation_task.holder_id = new.approved_by
    ) then
        raise exception 'nobody approves what they wrote'
            using errcode = 'check_violation', constraint = 'nobody_approves_what_they_wrote';
    end if;
    return new;
end
$$;

revoke all on function words_by_block(jsonb), frame_of_blocks(jsonb, jsonb),
only_follows_source(uuid, text, integer) from public;
grant execute on function words_by_block(jsonb), frame_of_blocks(jsonb, jsonb),
only_follows_source(uuid, text, integer) to editorial_app;

-- migrate: rollback
