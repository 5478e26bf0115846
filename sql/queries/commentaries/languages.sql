-- name: add_edition(commentary, language)!
-- A language that a commentary is wanted in. One that was dropped is wanted again.
insert into edition (commentary_id, language, is_source)
values (:commentary, :language, false)
on conflict (commentary_id, language) do update set is_active = true;

-- name: drop_edition(commentary, language)!
-- A language that a commentary is not wanted in any more. Its text is kept.
update edition set is_active = false
where commentary_id = :commentary and language = :language;

-- name: transition_commentary(id, state, review_note)!
-- The commentary's new state. The note is the last request for changes; none leaves it as it is.
update commentary
set state = :state, review_note = coalesce(:review_note, review_note), updated_at = now()
where id = :id;

-- name: open_tasks(commentary, ids, languages, source_revision)!
-- The work of making translated editions current, for anybody who translates into the language of each.
insert into translation_task (id, commentary_id, language, source_revision)
select wanted.id, :commentary, wanted.language, :source_revision
from unnest(:ids::uuid[], :languages::text[]) as wanted (id, language)
on conflict (commentary_id, language) do update
set state = 'open', assignee_id = null, claim_expires_at = null, source_revision = excluded.source_revision,
    updated_at = now();

-- name: cancel_task(commentary, language)!
-- The translation is not wanted any more. Its text is kept.
update translation_task
set state = 'cancelled', assignee_id = null, claim_expires_at = null, review_note = null, updated_at = now()
where commentary_id = :commentary and language = :language and state <> 'cancelled';

-- name: count_unfinished_tasks(commentary, states)$
-- How many translations a commentary waits for.
select count(*) from translation_task
inner join edition
    on edition.commentary_id = translation_task.commentary_id and edition.language = translation_task.language
where translation_task.commentary_id = :commentary
    and edition.is_active
    and translation_task.state = any(:states::text[]);
