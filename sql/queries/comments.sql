-- name: tasks_of(commentary, actor)
-- The translations of a commentary: their tasks, whether the actor holds them, and the units that they have.
select
    edition.language,
    edition.revision,
    translation_task.id as task_id,
    coalesce(translation_task.holder_id = :actor, false) as is_holder
from edition
inner join translation_task
    on translation_task.commentary_id = edition.commentary_id and translation_task.language = edition.language
where edition.commentary_id = :commentary;

-- name: list_threads(commentary, languages, language, unit, resolved, after, page)
-- The threads on a commentary's texts in those languages that the actor may follow, oldest first.
select
    comment_thread.id,
    comment_thread.version,
    comment_thread.language,
    comment_thread.unit,
    comment_thread.revision,
    comment_thread.resolved_at
from comment_thread
where comment_thread.commentary_id = :commentary
    and comment_thread.language = any(:languages::text[])
    and (:language::text is null or comment_thread.language = :language)
    and (:unit::text is null or comment_thread.unit = :unit)
    and (:resolved::boolean is null or (comment_thread.resolved_at is not null) = :resolved)
    and (:after::uuid is null or comment_thread.id > :after)
order by comment_thread.id
limit :page;

-- name: get_thread(commentary, id)^
-- One thread.
select
    comment_thread.id,
    comment_thread.version,
    comment_thread.language,
    comment_thread.unit,
    comment_thread.revision,
    comment_thread.resolved_at
from comment_thread
where comment_thread.commentary_id = :commentary and comment_thread.id = :id;

-- name: lock_thread(commentary, id)^
-- One thread, which nobody else changes meanwhile.
select comment_thread.version from comment_thread
where comment_thread.commentary_id = :commentary and comment_thread.id = :id
for update;

-- name: list_comments(threads)
-- What was said in these threads, oldest first.
select
    comment.id,
    comment.thread_id,
    comment.part,
    comment.made_by,
    person.display_name as made_by_name,
    comment.made_at,
    comment.text
from comment
inner join person on person.id = comment.made_by
where comment.thread_id = any(:threads::uuid[])
order by comment.id;

-- name: open_thread(id, commentary, language, unit, revision)!
-- A new thread.
insert into comment_thread (id, commentary_id, language, unit, revision)
values (:id, :commentary, :language, :unit, :revision);

-- name: add_comment(id, thread, commentary, part, made_by, text)!
-- Somebody says something.
insert into comment (id, thread_id, commentary_id, part, made_by, text)
values (:id, :thread, :commentary, :part, :made_by, :text);

-- name: note_comment(thread)!
-- A thread is not what it was when somebody read it.
update comment_thread set last_comment_at = now()
where id = :thread;

-- name: resolve_thread(thread, resolved)!
-- The matter is settled, or it is not after all.
update comment_thread set resolved_at = case when :resolved then coalesce(resolved_at, now()) end
where id = :thread;

-- name: source_language(commentary)$
-- The language that a commentary is written in.
select commentary.source_language from commentary
where commentary.id = :commentary;
