-- name: board_frame()^
-- What a week's board is laid out by: the sections and the languages of the newsroom, in their order.
select
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('key', section.key, 'labels', section.labels, 'is_closed', section.is_closed)
            order by section.position, section.key
        ), '[]'::jsonb)
        from section
    ) as sections,
    (
        select coalesce(jsonb_agg(language.tag order by language.position), '[]'::jsonb) from language
    ) as languages;

-- name: lock_week(week)
-- The commentaries of a week, locked one after the other, always in the same order, and in which languages the text is
-- not, byte for byte, the one that was approved.
select
    commentary.id,
    array(
        select edition.language from edition
        where edition.commentary_id = commentary.id
            and edition.approval_id is not null
            and is_altered(edition.approval_id)
    ) as altered
from commentary
where commentary.week = :week
order by commentary.id
for no key update;

-- name: week_board(week, actor, writer, languages, sees_all, translator_states)
-- The commentaries of a week that the actor may see, each with its editions as far as they may see them.
with taken as materialized (
    -- What is live in each section and language of the week: once, not for each of its texts.
    select
        of_week.section,
        live.language,
        array_agg(of_week.id) as commentaries
    from commentary as of_week
    inner join edition as live on live.commentary_id = of_week.id and live.live_revision is not null
    where of_week.week = :week
    group by of_week.section, live.language
)

select
    commentary.id,
    commentary.version,
    commentary.state,
    commentary.section,
    section.is_closed as section_is_closed,
    commentary.source_language,
    commentary.author_id,
    author.display_name as author_name,
    byline.name as byline,
    commentary.was_published,
    commentary.author_id = :actor as is_author,
    relation.sight,
    shown.title,
    shown.trend,
    (
        select coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'language', edition.language,
                    'is_source', edition.is_source,
                    'status', edition.status,
                    'approved_revision', edition.approved_revision,
                    'live_revision', edition.live_revision,
                    'was_live', edition.first_published_at is not null,
                    'slug', edition.slug,
                    'published_at', edition.published_at,
                    'scheduled_for', edition.scheduled_for,
                    'schedule_refusal', edition.schedule_refusal,
                    'correction_pending', edition.correction_pending_since is not null,
                    'task_id', task.id,
                    'task_state', task.state,
                    'due_at', case
                        when not edition.is_source
                            then (
                                select task_due.due_at from task_due
                                where task_due.task_id = task.id
                            )
                        when edition.live_revision is null
                            then coalesce(edition.scheduled_for, end_of_week(commentary.week))
                    end,
                    'assignee_id', holder.id,
                    'holder_name', holder.display_name,
                    'facts', case
                        when relation.sight = 'whole' then publication_facts(
                            edition.commentary_id,
                            edition.language,
                            case
                                when edition.is_source then edition.revision
                                else coalesce(edition.approved_revision, edition.live_revision)
                            end,
                            exists (
                                select from taken
                                where taken.section = commentary.section
                                    and taken.language = edition.language
                                    and taken.commentaries <> array[commentary.id]
                            )
                        )
                    end
                )
                order by edition.is_source desc, language.position
            ), '[]'::jsonb
        )
        from edition
        inner join language on language.tag = edition.language
        left join translation_task as task
            on task.commentary_id = edition.commentary_id and task.language = edition.language
        left join person as holder on holder.id = task.assignee_id
        where edition.commentary_id = commentary.id
            and (edition.is_active or edition.live_revision is not null)
            and case relation.sight
                when 'whole' then true
                when 'translation' then
                    edition.is_source
                    or edition.live_revision is not null
                    or edition.language = any(:languages::text[])
                else edition.live_revision is not null
            end
    ) as editions,
    array(
        select publication_check.name from publication_check
        where publication_check.blocks
    ) as blocking_checks
from commentary
inner join section on section.key = commentary.section
inner join person as author on author.id = commentary.author_id
left join byline on byline.id = commentary.byline_id
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
) as relation
left join lateral (
    select
        revision.title,
        revision.trend
    from edition
    inner join revision
        on revision.commentary_id = edition.commentary_id
        and revision.language = edition.language
        and revision.number = case relation.sight
            when 'whole' then edition.revision
            when 'translation' then coalesce(edition.approved_revision, edition.live_revision)
            else edition.live_revision
        end
    where edition.commentary_id = commentary.id and (edition.is_source or relation.sight = 'live')
    order by edition.is_source desc, edition.language
    limit 1
) as shown on true
where commentary.week = :week and relation.sight is not null
order by section.position, section.key, commentary.id;
