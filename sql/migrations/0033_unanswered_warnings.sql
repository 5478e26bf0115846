-- The translation desk's warnings that nobody has answered are among what is looked at before publication.
-- depends: 0032_previews

-- migrate: apply

-- What the checks need to know of one text of an edition. The rules are in core/checks.py; here is only what is so.
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
                        'is_retracted', target.retracted_at is not null
                    )), '[]'::jsonb)
                    from (
                        select
                            written_link.matched[1] as address,
                            regexp_split_to_array(written_link.matched[1], '[/?#&=.]+') as parts,
                            written_link.matched[1] like '%/v1/published/%' as is_ours
                        from regexp_matches(
                            written.lead || ' ' || written.blocks::text, '(https?://[^\s"<>()\[\]\\]+)', 'g'
                        ) as written_link (matched)
                    ) as link
                    left join slug on slug.language = any(link.parts) and slug.slug = any(link.parts)
                    left join edition as target
                        on target.commentary_id = slug.commentary_id and target.language = slug.language
                    where target.live_revision is null
                        and (link.is_ours or target.first_published_at is not null)
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

-- migrate: rollback
