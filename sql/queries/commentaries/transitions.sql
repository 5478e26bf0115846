-- name: hand_in_at_once(context, id, version, state, language, number, title, lead, trend, photo, blocks, created_by)$
-- The same for a text that is handed in with other words than it has: its new state, and no request is open any more.
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

update commentary set state = :state, review_note = null, updated_at = now()
from latest
where commentary.id = latest.commentary_id
returning commentary.version;

-- name: move_commentary_at_once(context, id, version, state, review_note)^
-- The same for a commentary that is as it was seen, in a transaction of its own; nothing where it is not. The note is
-- the request for changes that is open after it.
with opened as materialized (
    select set_config('editorial.context', :context, true)
)

update commentary
set state = :state, review_note = :review_note, updated_at = now()
from opened
where commentary.id = :id and commentary.version = :version
returning commentary.version, commentary.state, commentary.review_note, commentary.updated_at;

-- name: translations_of(commentary)
-- The wanted translations of a commentary with their tasks, for a new approval: of those that are done, their latest
-- text and the source that it was put together from.
select
    edition.language,
    edition.revision,
    task.id as task_id,
    task.version as task_version,
    task.state as task_state,
    task.assignee_id,
    coalesce(translates(task.assignee_id, edition.language), false) as holder_translates,
    latest.units,
    case
        when source.number is not null then jsonb_build_object(
            'title', source.title,
            'lead', source.lead,
            'trend', source.trend,
            'photo', source.photo,
            'blocks', source.blocks
        )
    end as source,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('unit', equivalent_wording.unit, 'was', equivalent_wording.was, 'became', equivalent_wording.became)
        ), '[]'::jsonb)
        from equivalent_wording
        where equivalent_wording.commentary_id = edition.commentary_id
    ) as same
from edition
inner join commentary on commentary.id = edition.commentary_id
left join translation_task as task
    on task.commentary_id = edition.commentary_id and task.language = edition.language
left join revision as latest
    on latest.commentary_id = edition.commentary_id
    and latest.language = edition.language
    and latest.number = edition.revision
    and task.state in ('submitted', 'accepted')
left join revision as source
    on source.commentary_id = edition.commentary_id
    and source.language = commentary.source_language
    and source.number = latest.source_revision
where edition.commentary_id = :commentary and edition.is_active and not edition.is_source
order by edition.language;

-- name: approve_at_once(context, id, version, state, approval, language, revision, approved_by, another_text, same, task_ids, task_versions, behind, translation_is_behind, current, refit, missing, renewed, claim_hours)$
-- A second person agrees to the source text of a commentary, byte for byte, and its translations follow; its new
-- version. In a transaction of its own, and nothing where the commentary, or a task of it, is not as it was seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

tasks as materialized (
    -- The version of a commentary does not tell what its translators do.
    select translation_task.id
    from seen
    inner join translation_task on translation_task.commentary_id = seen.id
    inner join unnest(:task_ids::uuid[], :task_versions::integer[]) as looked_at (id, version)
        on looked_at.id = translation_task.id and looked_at.version = translation_task.version
    for no key update of translation_task
),

unchanged as materialized (
    select seen.id
    from seen
    cross join (select count(*) as number from tasks) as locked
    where locked.number = cardinality(:task_ids::uuid[])
),

same as (
    -- Changed units that mean what they meant, the coordinator says.
    insert into equivalent_wording (commentary_id, unit, was, became)
    select unchanged.id, changed.unit, changed.was, changed.became
    from unchanged
    cross join jsonb_to_recordset(:same::jsonb) as changed (unit text, was text, became text)
    on conflict do nothing
    returning unit
),

earlier as (
    -- What was agreed to this very text before is taken back first.
    update approval set withdrawn_at = now()
    from unchanged
    where approval.commentary_id = unchanged.id
        and approval.language = :language
        and approval.revision = :revision
        and approval.withdrawn_at is null
    returning approval.id
),

agreed as (
    insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
    select :approval, revision.commentary_id, revision.language, revision.number, revision.content_hash, :approved_by
    from unchanged
    cross join (select count(*) from same) as said
    cross join (select count(*) from earlier) as taken_back
    inner join revision
        on revision.commentary_id = unchanged.id
        and revision.language = :language
        and revision.number = :revision
    returning id, commentary_id, language, revision
),

ready as (
    -- A schedule stands where it is for this text.
    update edition
    set approval_id = agreed.id,
        approved_revision = agreed.revision,
        scheduled_for = case when edition.scheduled_revision = agreed.revision then edition.scheduled_for end,
        scheduled_by = case when edition.scheduled_revision = agreed.revision then edition.scheduled_by end,
        scheduled_revision = case when edition.scheduled_revision = agreed.revision then agreed.revision end,
        schedule_note = case when edition.scheduled_revision = agreed.revision then edition.schedule_note end,
        schedule_refusal = case
            when edition.scheduled_revision <> agreed.revision then :another_text else edition.schedule_refusal
        end
    from agreed
    where edition.commentary_id = agreed.commentary_id and edition.language = agreed.language
    returning edition.language
),

behind as (
    -- Translations that have to catch up do not go live any more.
    update edition
    set approval_id = null,
        approved_revision = null,
        scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = case
            when edition.scheduled_for is null then edition.schedule_refusal else :translation_is_behind
        end
    from unchanged
    where edition.commentary_id = unchanged.id and edition.language = any(:behind::text[])
    returning edition.language
),

actor_changed as (
    select distinct on (approval.language)
        approval.id,
        approval.commentary_id,
        approval.language,
        approval.revision
    from unchanged
    inner join approval on approval.commentary_id = unchanged.id
    where approval.language = any(:current::text[]) and approval.withdrawn_at is null
    order by approval.language, approval.revision desc
),

current as (
    -- Those that were accepted and are current still are ready with their last standing acceptance.
    update edition set approval_id = actor_changed.id, approved_revision = actor_changed.revision
    from actor_changed
    where edition.commentary_id = actor_changed.commentary_id
        and edition.language = actor_changed.language
        and edition.approval_id is null
    returning edition.language
),

following as (
    -- Translations that are current but for what needs no translator follow the source in a revision of their own.
    insert into revision
    (commentary_id, language, number, title, lead, trend, photo, blocks, source_revision, units, created_by)
    select
        unchanged.id,
        followed.language,
        followed.number,
        followed.title,
        followed.lead,
        followed.trend,
        followed.photo,
        followed.blocks,
        :revision,
        followed.units,
        :approved_by
    from unchanged
    cross join (select count(*) from agreed) as done
    cross join jsonb_to_recordset(:refit::jsonb) as followed (
        language text, number integer, title text, lead text, trend text, photo jsonb, blocks jsonb, units jsonb
    )
    returning commentary_id, language, number, content_hash
),

follows as (
    -- What was accepted stays accepted.
    insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
    select
        followed.approval,
        following.commentary_id,
        following.language,
        following.number,
        following.content_hash,
        :approved_by
    from following
    inner join jsonb_to_recordset(:refit::jsonb) as followed (language text, approval uuid)
        on followed.language = following.language
    where followed.approval is not null
    returning id, commentary_id, language, revision
),

followed as (
    -- A schedule was for the text before.
    update edition
    set revision = following.number,
        approval_id = coalesce(follows.id, edition.approval_id),
        approved_revision = coalesce(follows.revision, edition.approved_revision),
        scheduled_for = case when follows.id is null then edition.scheduled_for end,
        scheduled_by = case when follows.id is null then edition.scheduled_by end,
        scheduled_revision = case when follows.id is null then edition.scheduled_revision end,
        schedule_note = case when follows.id is null then edition.schedule_note end,
        schedule_refusal = case
            when follows.id is not null and edition.scheduled_for is not null then :another_text
            else edition.schedule_refusal
        end
    from following
    left join follows on follows.language = following.language
    where edition.commentary_id = following.commentary_id and edition.language = following.language
    returning edition.language
),

opened_tasks as (
    insert into translation_task (id, commentary_id, language, source_revision)
    select wanted.id, unchanged.id, wanted.language, :revision
    from unchanged
    cross join jsonb_to_recordset(:missing::jsonb) as wanted (id uuid, language text)
    returning id
),

renewed as (
    -- Tasks follow the new source: the same, or back to their translators or the queue.
    update translation_task
    set state = renewed.state,
        assignee_id = renewed.holder,
        source_revision = :revision,
        claim_expires_at = case when renewed.state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
        updated_at = now()
    from unchanged
    cross join jsonb_to_recordset(:renewed::jsonb) as renewed (id uuid, state text, holder uuid)
    where translation_task.id = renewed.id
    returning translation_task.id
),

done as (
    -- The trail tells it in this order, and the commentary last.
    select count(*) from (
        select from ready
        union all
        select from behind
        union all
        select from current
        union all
        select from followed
        union all
        select from opened_tasks
        union all
        select from renewed
    ) as each
)

update commentary set state = :state, updated_at = now()
from unchanged
cross join done
where commentary.id = unchanged.id
returning commentary.version;

-- name: reopen_at_once(context, id, version, state, review_note, language, revision, approval_withdrawn, scheduled)$
-- What a second person agreed to of a source text is taken back, and every schedule ends; the commentary's new
-- version. In a transaction of its own, and nothing where the commentary is not as it was seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

withdrawn as (
    update approval set withdrawn_at = now()
    from seen
    where approval.commentary_id = seen.id
        and approval.language = :language
        and approval.revision = :revision
        and approval.withdrawn_at is null
    returning approval.id
),

waiting as (
    -- The source waits for an approval; of the translations, those that are scheduled.
    update edition
    set approval_id = case when edition.language <> :language then edition.approval_id end,
        approved_revision = case when edition.language <> :language then edition.approved_revision end,
        scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = case
            when edition.scheduled_for is null then edition.schedule_refusal else :approval_withdrawn
        end
    from seen
    cross join (select count(*) from withdrawn) as done
    where edition.commentary_id = seen.id
        and (edition.language = :language or edition.language = any(:scheduled::text[]))
    returning edition.language
)

update commentary set state = :state, review_note = :review_note, updated_at = now()
from seen
cross join (select count(*) from waiting) as done
where commentary.id = seen.id
returning commentary.version;

-- name: last_approved_source(commentary)^
-- The source text that the translations stand on: the last one that was approved, withdrawn or not.
select revision.number, revision.title, revision.lead, revision.trend, revision.photo, revision.blocks
from approval
inner join commentary on commentary.id = approval.commentary_id
inner join revision
    on revision.commentary_id = approval.commentary_id
    and revision.language = approval.language
    and revision.number = approval.revision
where approval.commentary_id = :commentary and approval.language = commentary.source_language
order by approval.approved_at desc, approval.revision desc
limit 1;

-- name: list_equivalent_wording(commentary)
-- Wordings of source units that mean the same.
select unit, was, became from equivalent_wording
where commentary_id = :commentary;
