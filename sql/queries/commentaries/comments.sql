-- name: list_talks(commentary, actor, writer, languages, sees_all)
-- The editions of a commentary that the actor may talk about: the source for who sees it whole, a translation for
-- its holder and who sees all; with the source text that they stand on, and the units that a translation has.
select
    edition.language,
    edition.revision,
    commentary.source_language,
    commentary.author_id = :actor as is_author,
    exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = :actor
    ) as is_contributor,
    translation_task.id as task_id,
    coalesce(translation_task.assignee_id = :actor, false) as is_holder,
    array(select jsonb_object_keys(latest.units)) as kept,
    source.title,
    source.lead,
    source.trend,
    source.photo,
    source.blocks
from commentary
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, array[]::text[], :sees_all::boolean, array[]::text[]
) as seen
inner join edition on edition.commentary_id = commentary.id
left join translation_task
    on translation_task.commentary_id = edition.commentary_id and translation_task.language = edition.language
inner join revision as source
    on source.commentary_id = commentary.id
    and source.language = commentary.source_language
    and source.number = case when edition.is_source then edition.revision else translation_task.source_revision end
left join revision as latest
    on latest.commentary_id = edition.commentary_id
    and latest.language = edition.language
    and latest.number = edition.revision
where commentary.id = :commentary
    -- Before anything is put together: what is hidden takes as long as what is not there.
    and case
        when edition.is_source then coalesce(seen.sight = 'whole', false)
        else
            :sees_all::boolean
            or (translation_task.assignee_id = :actor and translation_task.language = any(:languages::text[]))
    end
order by edition.is_source desc, edition.language;

-- name: list_threads(commentary, languages, thread, language, unit, resolved, after, page)
-- The threads on a commentary's texts in those languages that the actor may follow, oldest first, and all that was
-- said in them.
select
    comment_thread.id,
    comment_thread.version,
    comment_thread.language,
    comment_thread.unit,
    comment_thread.revision,
    comment_thread.resolved_at is not null as resolved,
    (
        select
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', comment.id,
                        'part', comment.part,
                        'created_by', comment.created_by,
                        'created_by_name', person.display_name,
                        'created_at', comment.created_at,
                        'text', comment.text
                    )
                    order by comment.id
                ),
                '[]'::jsonb
            )
        from comment
        inner join person on person.id = comment.created_by
        where comment.thread_id = comment_thread.id
    ) as comments
from comment_thread
where comment_thread.commentary_id = :commentary
    and comment_thread.language = any(:languages::text[])
    and (:thread::uuid is null or comment_thread.id = :thread)
    and (:language::text is null or comment_thread.language = :language)
    and (:unit::text is null or comment_thread.unit = :unit)
    and (:resolved::boolean is null or (comment_thread.resolved_at is not null) = :resolved)
    and (:after::uuid is null or comment_thread.id > :after)
order by comment_thread.id
limit :page;

-- name: open_thread_at_once(context, id, commentary, language, unit, revision, comment, part, created_by, text)$
-- A new thread with what somebody says first, in a transaction of its own, and when that was.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

thread as (
    insert into comment_thread (id, commentary_id, language, unit, revision)
    select :id, :commentary, :language, :unit, :revision
    from opened
    returning id, commentary_id
)

insert into comment (id, thread_id, commentary_id, part, created_by, text)
select :comment, thread.id, thread.commentary_id, :part, :created_by, :text
from thread
returning created_at;

-- name: reply_at_once(context, id, thread, part, created_by, text)$
-- Somebody says something, in a transaction of its own: a thread is not what it was when somebody read it.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

thread as (
    update comment_thread set last_comment_at = now()
    from opened
    where comment_thread.id = :thread
    returning comment_thread.id, comment_thread.commentary_id
)

insert into comment (id, thread_id, commentary_id, part, created_by, text)
select :id, thread.id, thread.commentary_id, :part, :created_by, :text
from thread
returning created_at;

-- name: resolve_thread_at_once(context, id, version, resolved)$
-- The matter is settled, or it is not after all, where nobody has said anything since, in a transaction of its own.
with opened as materialized (
    select set_config('editorial.context', :context, true)
)

update comment_thread set resolved_at = case when :resolved then coalesce(resolved_at, now()) end
from opened
where comment_thread.id = :id and comment_thread.version = :version
returning comment_thread.version;
