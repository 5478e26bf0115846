-- name: list_trail(parts, person, action, object, object_kind, request_id, week, since, until, before_at, before_id, page)
-- The trail, newest first, as far as its parts go that somebody may read: each part by its own index.
select
    entry.id,
    entry.at,
    entry.domain,
    entry.actor_kind,
    entry.actor_id,
    entry.on_behalf_of,
    entry.action,
    entry.object_kind,
    entry.object_id,
    entry.commentary_id,
    entry.request_id,
    entry.note,
    actor.id as person_id,
    actor.display_name as actor_name,
    coalesce(actor.state = 'erased', false) as actor_is_erased,
    account.display_name as account_name,
    coalesce(account.state = 'erased', false) as account_is_erased,
    commentary.week,
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
    ) as changes,
    case
        when entry.object_kind = 'section' then (
            select section.labels
            from audit_change as change
            inner join section on section.key = change.row_key ->> 'key'
            where change.entry_id = entry.id and change.table_name = 'section'
            order by change.position
            limit 1
        )
    end as section_labels
from unnest(:parts::text[]) as part (name)
cross join lateral (
    select
        found.id, found.at, found.domain, found.actor_kind, found.actor_id, found.on_behalf_of, found.action,
        found.object_kind, found.object_id, found.commentary_id, found.request_id, found.note
    from audit_entry as found
    where found.domain = part.name
        and (:person::uuid is null or coalesce(found.on_behalf_of, found.actor_id) = :person)
        and (:action::text is null or found.action = :action)
        and (:object::uuid is null or found.object_id = :object or found.commentary_id = :object)
        and (:object_kind::text is null or found.object_kind = :object_kind)
        and (:request_id::text is null or found.request_id = :request_id)
        and (
            :week::text is null
            or found.commentary_id in (
                select of_week.id from commentary as of_week
                where of_week.week = :week
            )
        )
        and (:since::timestamptz is null or found.at >= :since)
        and (:until::timestamptz is null or found.at < :until)
        and (:before_at::timestamptz is null or (found.at, found.id) < (:before_at, :before_id::uuid))
    order by found.at desc, found.id desc
    limit :page
) as entry
left join person as actor on actor.id = coalesce(entry.on_behalf_of, entry.actor_id)
left join person as account on account.id = entry.object_id and entry.object_kind = 'person'
left join commentary on commentary.id = entry.commentary_id
left join translation_task as task on task.id = entry.object_id and entry.object_kind = 'translation_task'
order by entry.at desc, entry.id desc
limit :page;
