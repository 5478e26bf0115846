-- The most urgent task of thousands is found sooner: one look at each, and no call of a function.
-- depends: 0061_claims

-- migrate: apply

-- Without settings of its own it is planned as a part of the query; each name in it says its schema.
create or replace function end_of_week(week text) returns timestamptz
language sql stable parallel safe
as $$
    select pg_catalog.timezone(
        'UTC', (pg_catalog.to_date(week, 'IYYY"-W"IW') operator(pg_catalog.+) 7)::pg_catalog.timestamp
    )
$$;

-- What makes a task open to a translator stands beside when it is wanted, so that one reading serves for both.
create or replace view urgency as
select
    translation_task.id as task_id,
    coalesce(
        translation_task.due_at,
        (
            select min(edition.scheduled_for) from edition
            where edition.commentary_id = translation_task.commentary_id and edition.scheduled_for is not null
        ),
        end_of_week(commentary.week)
    ) as wanted_at,
    translation_task.language,
    translation_task.state,
    commentary.state as commentary_state
from translation_task
inner join commentary on commentary.id = translation_task.commentary_id;

-- migrate: rollback
