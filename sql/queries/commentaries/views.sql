-- name: get_commentary(id, actor, writer, languages, sees_all, translator_states)^
-- A commentary that the actor may see, with its editions and latest source text, and how they stand to it. They are
-- the `writer` of their texts while they have the role for it.
select
    commentary.id,
    commentary.version,
    commentary.state,
    commentary.week,
    commentary.section,
    commentary.source_language,
    commentary.author_id,
    author.display_name as author_name,
    byline.name as byline,
    commentary.review_note,
    commentary.was_published,
    commentary.created_at,
    commentary.updated_at,
    section.is_closed as section_is_closed,
    commentary.author_id = :actor as is_author,
    exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = :actor
    ) as is_contributor,
    exists (
        select from translation_task
        where translation_task.commentary_id = commentary.id
            and translation_task.language = any(:languages::text[])
            and translation_task.state <> 'cancelled'
    ) as is_translator,
    commentary.author_id = :actor or exists (
        select from revision as written
        where written.commentary_id = commentary.id
            and written.language = commentary.source_language
            and written.created_by = :actor
            and written.number > coalesce((
                select max(approval.revision) from approval
                where approval.commentary_id = commentary.id
                    and approval.language = commentary.source_language
                    and approval.withdrawn_at is null
            ), 0)
    ) as wrote_it,
    coalesce((
        select jsonb_agg(jsonb_build_object('id', person.id, 'display_name', person.display_name) order by person.id)
        from contributor inner join person on person.id = contributor.person_id
        where contributor.commentary_id = commentary.id
    ), '[]'::jsonb) as contributors,
    (
        select
            jsonb_agg(
                jsonb_build_object(
                    'language', edition.language,
                    'is_source', edition.is_source,
                    'is_active', edition.is_active,
                    'status', edition.status,
                    'revision', edition.revision,
                    'approved_revision', edition.approved_revision,
                    'title_for_address', case
                        when edition.slug is null
                            then (
                                select approved.title from revision as approved
                                where approved.commentary_id = edition.commentary_id
                                    and approved.language = edition.language
                                    and approved.number = edition.approved_revision
                            )
                    end,
                    'live_revision', edition.live_revision,
                    'slug', edition.slug,
                    'first_published_at', edition.first_published_at,
                    'published_at', edition.published_at,
                    'scheduled_for', edition.scheduled_for,
                    'schedule_refusal', edition.schedule_refusal,
                    'retraction_reason', edition.retraction_reason,
                    'correction_pending', edition.correction_pending_since is not null,
                    'task_id', translation_task.id,
                    'task_state', translation_task.state,
                    'task_source_revision', translation_task.source_revision,
                    'facts', case
                        when seen.sight = 'whole'
                            then publication_facts(
                                edition.commentary_id,
                                edition.language,
                                case
                                    when edition.is_source then edition.revision
                                    else coalesce(edition.approved_revision, edition.live_revision)
                                end
                            )
                    end
                )
                order by edition.is_source desc, language.position
            )
        from edition
        inner join language on language.tag = edition.language
        left join translation_task
            on translation_task.commentary_id = edition.commentary_id
            and translation_task.language = edition.language
        where edition.commentary_id = commentary.id
    ) as editions,
    array(
        select publication_check.name from publication_check
        where publication_check.blocks
    ) as blocking_checks,
    source.number as source_number,
    source.title,
    source.lead,
    source.trend,
    source.photo,
    source.blocks
from commentary
inner join person as author on author.id = commentary.author_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
inner join edition as source_edition on source_edition.commentary_id = commentary.id and source_edition.is_source
inner join revision as source
    on source.commentary_id = commentary.id
    and source.language = commentary.source_language
    and source.number = source_edition.revision
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
) as seen
-- Before anything is put together: what is hidden takes as long as what is not there.
where commentary.id = :id and seen.sight is not null;

-- name: add_revision(commentary, language, number, title, lead, trend, photo, blocks, created_by)!
-- A new state of a source text, which becomes its latest.
with written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    values (:commentary, :language, :number, :title, :lead, :trend, :photo, :blocks, :created_by)
    returning commentary_id, language, number
)

update edition set revision = written.number
from written
where edition.commentary_id = written.commentary_id and edition.language = written.language;

-- name: edit_commentary_at_once(context, id, version, language, number, title, lead, trend, photo, blocks, created_by)$
-- The same for the source text of a commentary that is as it was seen, which gets a new version, in a transaction
-- of its own; nothing where it is not.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    select seen.id, :language, :number, :title, :lead, :trend, :photo, :blocks, :created_by
    from seen
    returning commentary_id, language, number
),

latest as (
    update edition set revision = written.number
    from written
    where edition.commentary_id = written.commentary_id and edition.language = written.language
    returning edition.commentary_id
)

update commentary set updated_at = now()
from latest
where commentary.id = latest.commentary_id
returning commentary.version;

-- name: get_revision(commentary, language, number)^
-- One state of an edition's text, and whether it is, byte for byte, the one that was written.
select
    revision.language,
    revision.number,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    revision.source_revision,
    revision.units,
    revision.created_at,
    revision.created_by,
    person.display_name as created_by_name,
    revision.content_hash
    = content_hash_of(revision.title, revision.lead, revision.trend, revision.photo, revision.blocks) as is_as_written
from revision
inner join person on person.id = revision.created_by
where revision.commentary_id = :commentary and revision.language = :language and revision.number = :number;

-- name: touch_commentary(id)!
-- Something that belongs to the commentary has changed: it gets a new version.
update commentary set updated_at = now()
where id = :id;

-- name: known_languages()
-- The languages of the newsroom.
select language.tag from language
order by language.position;
