-- Links to the public site and to this API that lead to nothing live, whether or not anything ever stood there.
-- depends: 0044_sight

-- migrate: apply

-- The addresses in a text: whether each leads to something live; whether it is one of this API's pages, by its form;
-- whether it leads to a text that was live, and is not any more.
create function linked_addresses(words text)
returns table (address text, is_live boolean, is_ours boolean, was_live boolean)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
    select
        link.address,
        coalesce(found.is_live, false) or case
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
        not coalesce(found.is_live, false) and coalesce(found.was_live, false)
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
            bool_or(target.live_revision is not null) as is_live,
            bool_or(target.first_published_at is not null) as was_live
        from slug
        inner join edition as target
            on target.commentary_id = slug.commentary_id and target.language = slug.language
        where slug.language = any(link.parts) and slug.slug = any(link.parts)
    ) as found
$$;

create or replace function publication_facts(in_commentary uuid, in_language text, in_revision integer) returns jsonb
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
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
                'dead_links', (
                    select coalesce(jsonb_agg(distinct jsonb_build_object(
                        'address', link.address,
                        'is_retracted', link.was_live
                    )), '[]'::jsonb)
                    from linked_addresses(written.lead || ' ' || written.blocks::text) as link
                    where not link.is_live and (link.is_ours or link.was_live)
                ),
                'other_links', (
                    select coalesce(jsonb_agg(distinct link.address), '[]'::jsonb)
                    from linked_addresses(written.lead || ' ' || written.blocks::text) as link
                    where not (link.is_live or link.is_ours or link.was_live)
                ),
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
        where written.commentary_id = in_commentary
            and written.language = in_language
            and written.number = in_revision
    );
end
$$;

grant execute on function linked_addresses(text) to editorial_app;

-- migrate: rollback
