-- What is looked at before publication, and which of it the newsroom lets block.
-- depends: 0030_schedules

-- migrate: apply

create table publication_check (
    name text primary key,
    version integer not null default 1,
    blocks boolean not null,
    constraint a_publication_check_is_known check (
        name in (
            'unanswered_warning',
            'section_is_taken',
            'picture_without_credit',
            'picture_without_alternative',
            'dead_link',
            'source_has_moved_on'
        )
    )
);

create trigger version before update on publication_check for each row execute function count_version();
call watch('publication_check', 'editorial', '', 'name');
grant select, update on publication_check to editorial_app;

select set_config(
    'editorial.context',
    '{"actor_kind": "system", "action": "migrate", "object_kind": "publication_check", "request": "0031"}',
    true
);
insert into publication_check (name, blocks) values
('unanswered_warning', false),
('section_is_taken', false),
('picture_without_credit', false),
('picture_without_alternative', false),
('dead_link', false),
('source_has_moved_on', false);
select set_config('editorial.context', '', true);

-- What the checks need to know of one text of an edition. The rules are in core/checks.py; here is only what is so.
create function publication_facts(in_commentary uuid, in_language text, in_revision integer) returns jsonb
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
                'source_at', source.approved_revision
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

grant execute on function publication_facts(uuid, text, integer) to editorial_app;

-- migrate: rollback
