-- When a translation is wanted, where nobody has said so: by the end of its coverage week.
-- depends: 0004_translation_tasks

-- migrate: apply

-- The instant at which a coverage week (2024-W30) has ended: the Monday after it, 0:00 UTC.
create function end_of_week(week text) returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog
as $$ select (to_date(week, 'IYYY"-W"IW') + 7)::timestamp at time zone 'UTC' $$;

grant execute on function end_of_week(text) to editorial_app;

-- When each task is wanted: what a coordinator has said, else the first schedule, else the end of its week.
create view urgency as
select
    translation_task.id as task_id,
    coalesce(translation_task.due_at, schedule.first_at, end_of_week(commentary.week)) as wanted_at
from translation_task
inner join commentary on commentary.id = translation_task.commentary_id
left join (
    select edition.commentary_id, min(edition.scheduled_for) as first_at
    from edition
    where edition.scheduled_for is not null
    group by edition.commentary_id
) as schedule on schedule.commentary_id = commentary.id;

grant select on urgency to editorial_app;

-- Whoever asks for the next task reads the open ones of a language only.
create index translation_task_open on translation_task (language, id) where state = 'open';

-- migrate: rollback
