-- How much of a commentary somebody sees, in one place; and what is in work, found without reading what is done.
-- depends: 0043_belarusian

-- migrate: apply

-- The sight of one person of one commentary: `whole`, `translation`, `live` or none. What core/permissions.py says of
-- one, for queries of many. Without a search_path of its own, so that Postgres plans it as part of the query; and with
-- a limit in place of `exists`, for which it may choose to read all of a table first.
create function sight_of(
    commentary uuid,
    author uuid,
    in_state text,
    actor uuid,
    languages text[],
    sees_all boolean,
    translator_states text[]
) returns table (sight text)
language sql stable parallel safe
as $$
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

-- Who may see a text is decided before it is read.
alter function searchable(text, text) cost 10000;

create index edition_in_work on edition (commentary_id) where revision is distinct from live_revision;

grant execute on function sight_of(uuid, uuid, text, uuid, text[], boolean, text[]) to editorial_app;

-- migrate: rollback
