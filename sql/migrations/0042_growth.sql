-- What was quick in a small newsroom only: found by planning every query on a million texts.
-- depends: 0036_latest_changes

-- migrate: apply

-- By its key a task's line of this view is one row of each table; as a join it was worked out for all tasks first.
create or replace view urgency as
select
    translation_task.id as task_id,
    coalesce(
        translation_task.due_at,
        (
            select min(edition.scheduled_for) from edition
            where edition.commentary_id = translation_task.commentary_id and edition.scheduled_for is not null
        ),
        (
            select end_of_week(commentary.week) from commentary
            where commentary.id = translation_task.commentary_id
        )
    ) as wanted_at
from translation_task;

-- Whether a word is in any live text. For a word that is in none, reading all of them would be the dearest way
-- to find out, and the planner does not know which words those are.
create function is_published(in_language text, asked text) returns boolean
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
    select exists (
        select from published_text
        where published_text.language = in_language
            and published_text.words @@ search_query(in_language, asked)
    )
$$;

alter function nearest_word(text, text) set enable_seqscan = off;

grant execute on function is_published(text, text) to editorial_app;

-- migrate: rollback
