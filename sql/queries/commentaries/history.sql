-- name: list_history(commentary, task, after_at, after_id, page)
-- The trail of one commentary, or of one task of it, oldest first, with the rows that each step touched.
select
    entry.id,
    entry.at,
    entry.actor_kind,
    entry.actor_id,
    entry.on_behalf_of,
    entry.action,
    entry.object_kind,
    entry.object_id,
    entry.note,
    person.display_name as actor_name,
    coalesce(person.state = 'erased', false) as actor_is_erased,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
        order by person_role.role
    ) as actor_roles,
    commentary.author_id,
    exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = person.id
    ) as actor_contributes,
    task.language as task_language,
    (
        select jsonb_agg(
            jsonb_build_object(
                'table', change.table_name,
                'operation', change.operation,
                'key', change.row_key,
                'before', change.before,
                'after', change.after
            )
            order by change.position
        )
        from audit_change as change
        where change.entry_id = entry.id
    ) as changes
from audit_entry as entry
inner join commentary on commentary.id = entry.commentary_id
left join person on person.id = coalesce(entry.on_behalf_of, entry.actor_id)
left join translation_task as task on task.id = entry.object_id and entry.object_kind = 'translation_task'
where entry.commentary_id = :commentary
    and entry.domain = 'editorial'
    and (:task::uuid is null or entry.object_id = :task)
    and (:after_at::timestamptz is null or (entry.at, entry.id) > (:after_at, :after_id::uuid))
order by entry.at, entry.id
limit :page;

-- name: find_task(id, actor, languages, translators_actions, sees_all)$
-- Which commentary a task belongs to, for those who may read its history: a translator of its language who holds it or
-- has worked on it as one.
select commentary_id from translation_task
where id = :id
    and (
        :sees_all::boolean
        or (
            language = any(:languages::text[])
            and (
                assignee_id = :actor
                or exists (
                    select from audit_entry
                    where audit_entry.object_id = translation_task.id
                        and audit_entry.actor_id = :actor
                        -- A refusal has none: who was refused has not worked on it.
                        and audit_entry.commentary_id is not null
                        and audit_entry.action = any(:translators_actions::text[])
                )
            )
        )
    );
