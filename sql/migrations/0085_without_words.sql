-- What readers do not get because it has no words is among what is looked at before publication.
-- depends: 0084_public_answers

-- migrate: apply

-- Whether a text may have no words, or a link without words. `inline.has_words` decides; this finds what it has to look
-- at, and never passes over what has none. The letters that are taken out are the ones that no screen shows.
create function may_lack_words(written text) returns boolean
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select
        (
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
        )
$$;

alter table publication_check drop constraint a_publication_check_is_known;
alter table publication_check add constraint a_publication_check_is_known check (
    name in (
        'unanswered_warning',
        'section_is_taken',
        'picture_without_credit',
        'picture_without_alternative',
        'dead_link',
        'without_words',
        'source_has_moved_on'
    )
);

select set_config(
    'editorial.context',
    '{"actor_kind": "system", "action": "migrate", "object_kind": "publication_check", "request": "0085"}',
    true
);
insert into publication_check (name, blocks) values ('without_words', false);
select set_config('editorial.context', '', true);

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

grant execute on function may_lack_words(text) to editorial_app;

-- migrate: rollback
