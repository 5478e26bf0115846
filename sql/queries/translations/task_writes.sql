-- name: move_task_at_once(context, id, version, commentary, commentary_state, state, holder, claim_hours, review_note, open_warnings, claimant, claim_limit, assignee, assignee_version)^
-- A task's new state and holder. A claim runs from now; the note is the request for changes that is
-- open after it. In a transaction of
-- its own, and nothing where the task, its commentary or an assignee is not as it was seen. The commentary is locked
-- before its task, and only shared: two of its tasks can move at once.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

source as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :commentary and commentary.state = :commentary_state
    for share of commentary
),

assignee as materialized (
    -- Whatever somebody is, and whether they are still, changes together with their version.
    select person.id from source, person
    where person.id = :assignee and person.version = :assignee_version
    for no key update of person
),

let_through as materialized (
    select
        source.id,
        case
            when :claimant::uuid is not null then may_claim(:claimant, :claim_limit)
            when :assignee::uuid is not null then exists (select from assignee)
            else true
        end as may
    from source
)

update translation_task
set state = :state,
    open_warnings = coalesce(:open_warnings, open_warnings),
    assignee_id = :holder,
    claim_expires_at = case when :state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
    review_note = :review_note,
    updated_at = now()
from let_through
where translation_task.id = :id
    and translation_task.version = :version
    and translation_task.commentary_id = let_through.id
    and let_through.may
returning
    translation_task.version,
    translation_task.state,
    translation_task.assignee_id,
    (
        select person.display_name from person
        where person.id = translation_task.assignee_id
    ) as holder_name,
    translation_task.claim_expires_at,
    translation_task.review_note,
    now() as read_at;

-- name: end_task_at_once(context, id, version, commentary, commentary_version, commentary_state, state, holder, claim_hours, review_note, open_warnings, approval, language, revision, approved_by, source_language, units)^
-- The same for a task that ends, and what follows for its commentary, which gets a new version, too. Where it ends with
-- an `approval`, a second person agrees to the translation, byte for byte, and its units are kept, to be offered where
-- the same is to be translated again.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

source as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :commentary and commentary.version = :commentary_version
    for no key update of commentary
),

seen as materialized (
    select translation_task.id from source
    inner join translation_task on translation_task.commentary_id = source.id
    where translation_task.id = :id and translation_task.version = :version
    for no key update of translation_task
),

earlier as (
    -- What was agreed to this very text before is taken back first.
    update approval set withdrawn_at = now()
    from seen
    where :approval::uuid is not null
        and approval.commentary_id = :commentary
        and approval.language = :language
        and approval.revision = :revision
        and approval.withdrawn_at is null
    returning approval.id
),

agreed as (
    insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
    select :approval, revision.commentary_id, revision.language, revision.number, revision.content_hash, :approved_by
    from seen
    cross join (select count(*) from earlier) as taken_back
    inner join revision
        on revision.commentary_id = :commentary
        and revision.language = :language
        and revision.number = :revision
    where :approval::uuid is not null
    returning id, commentary_id, language, revision
),

ready as (
    update edition set approval_id = agreed.id, approved_revision = agreed.revision
    from agreed
    where edition.commentary_id = agreed.commentary_id and edition.language = agreed.language
    returning edition.language
),

ended as (
    update translation_task
    set state = :state,
        open_warnings = coalesce(:open_warnings, open_warnings),
        assignee_id = :holder,
        claim_expires_at = case when :state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
        review_note = :review_note,
        updated_at = now()
    from seen
    cross join (select count(*) from ready) as done
    where translation_task.id = seen.id
    returning
        translation_task.version,
        translation_task.state,
        translation_task.assignee_id,
        (
            select person.display_name from person
            where person.id = translation_task.assignee_id
        ) as holder_name,
        translation_task.claim_expires_at,
        translation_task.review_note,
        now() as read_at
),

remembered as (
    insert into translation_memory
    (commentary_id, language, unit, source_hash, source_language, source, target, revision)
    select
        :commentary,
        :language,
        accepted.one ->> 'unit',
        accepted.one ->> 'source_hash',
        :source_language,
        accepted.one ->> 'source',
        accepted.one ->> 'target',
        :revision
    from ended
    cross join jsonb_array_elements(:units::jsonb) as accepted (one)
    on conflict (commentary_id, language, unit, source_hash) do update
    set target = excluded.target, source = excluded.source, revision = excluded.revision
    returning unit
),

source_after as (
    update commentary set state = :commentary_state, updated_at = now()
    from ended
    cross join (select count(*) from remembered) as done
    where commentary.id = :commentary
    returning commentary.version, commentary.state
)

select
    ended.version,
    ended.state,
    ended.assignee_id,
    ended.holder_name,
    ended.claim_expires_at,
    ended.review_note,
    ended.read_at,
    source_after.version as commentary_version,
    source_after.state as commentary_state
from ended
cross join source_after;

-- name: return_task_at_once(context, id, version, commentary, commentary_version, commentary_state, state, holder, holder_version, claim_hours, review_note, open_warnings, language, returned)^
-- The same for a translation that was accepted and goes back to work. What was agreed to of it is taken back, save for
-- what readers see, which stays as it is; its edition waits for another acceptance, and its schedule ends. The
-- commentary gets a new version. Nothing where the holder whom it goes back to is not as they were seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

source as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :commentary and commentary.version = :commentary_version
    for no key update of commentary
),

seen as materialized (
    select translation_task.id from source
    inner join translation_task on translation_task.commentary_id = source.id
    where translation_task.id = :id and translation_task.version = :version
    for no key update of translation_task
),

holder as materialized (
    -- Whatever a person is changes together with their version.
    select person.id from seen, person
    where person.id = :holder and person.version = :holder_version
    for no key update of person
),

let_through as materialized (
    select seen.id from seen
    where :holder::uuid is null or exists (select from holder)
),

withdrawn as (
    update approval set withdrawn_at = now()
    from let_through, edition
    where edition.commentary_id = :commentary
        and edition.language = :language
        and approval.id = edition.approval_id
        and approval.id is distinct from edition.live_approval_id
        and approval.withdrawn_at is null
    returning approval.id
),

waiting as (
    update edition
    set approval_id = null,
        approved_revision = null,
        scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = case
            when edition.scheduled_for is null then edition.schedule_refusal else :returned
        end
    from let_through
    cross join (select count(*) from withdrawn) as done
    where edition.commentary_id = :commentary and edition.language = :language
    returning edition.language
),

back as (
    update translation_task
    set state = :state,
        open_warnings = coalesce(:open_warnings, open_warnings),
        assignee_id = :holder,
        claim_expires_at = case when :state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
        review_note = :review_note,
        updated_at = now()
    from let_through
    cross join (select count(*) from waiting) as done
    where translation_task.id = let_through.id
    returning
        translation_task.version,
        translation_task.state,
        translation_task.assignee_id,
        (
            select person.display_name from person
            where person.id = translation_task.assignee_id
        ) as holder_name,
        translation_task.claim_expires_at,
        translation_task.review_note,
        now() as read_at
),

source_after as (
    update commentary set state = :commentary_state, updated_at = now()
    from back
    where commentary.id = :commentary
    returning commentary.version, commentary.state
)

select
    back.version,
    back.state,
    back.assignee_id,
    back.holder_name,
    back.claim_expires_at,
    back.review_note,
    back.read_at,
    source_after.version as commentary_version,
    source_after.state as commentary_state
from back
cross join source_after;

-- name: save_task_at_once(context, id, version, commentary, commentary_state, state, holder, claim_hours, review_note, open_warnings, language, number, title, lead, trend, photo, blocks, source_revision, units, created_by)^
-- The same with a new revision of its text.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

source as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :commentary and commentary.state = :commentary_state
    for share of commentary
),

seen as materialized (
    select translation_task.id from source
    inner join translation_task on translation_task.commentary_id = source.id
    where translation_task.id = :id and translation_task.version = :version
    for no key update of translation_task
),

written as (
    insert into revision
    (commentary_id, language, number, title, lead, trend, photo, blocks, source_revision, units, created_by)
    select
        :commentary, :language, :number, :title, :lead, :trend, :photo, :blocks, :source_revision, :units, :created_by
    from seen
    returning commentary_id, language, number, source_revision, units
),

latest as (
    update edition set revision = written.number
    from written
    where edition.commentary_id = written.commentary_id and edition.language = written.language
    returning written.number, written.source_revision, written.units
)

update translation_task
set state = :state,
    open_warnings = coalesce(:open_warnings, open_warnings),
    assignee_id = :holder,
    claim_expires_at = case when :state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
    review_note = :review_note,
    updated_at = now()
from latest
where translation_task.id = :id
returning
    translation_task.version,
    translation_task.state,
    translation_task.assignee_id,
    (
        select person.display_name from person
        where person.id = translation_task.assignee_id
    ) as holder_name,
    translation_task.claim_expires_at,
    translation_task.review_note,
    now() as read_at,
    latest.number as revision,
    latest.source_revision as text_source_revision,
    latest.units;

-- name: answer_warning_at_once(context, id, version, commentary, commentary_state, warning, reason, answered_by, open_warnings)^
-- The holder or the coordinator who reviews says why a warning is no fault; a later answer takes the place of an earlier one, and none lets the
-- warning stand again. In a transaction of its own, and nothing where the task or its commentary is not as it was seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

source as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :commentary and commentary.state = :commentary_state
    for share of commentary
),

seen as materialized (
    select translation_task.id from source
    inner join translation_task on translation_task.commentary_id = source.id
    where translation_task.id = :id and translation_task.version = :version
    for no key update of translation_task
),

answered as (
    insert into warning_answer (task_id, warning, reason, answered_by)
    select seen.id, :warning, :reason::text, :answered_by
    from seen
    where :reason::text is not null
    on conflict (task_id, warning) do update
    set reason = excluded.reason, answered_by = excluded.answered_by, answered_at = now()
    returning warning
),

withdrawn as (
    delete from warning_answer
    using seen
    where warning_answer.task_id = seen.id and warning_answer.warning = :warning and :reason::text is null
    returning warning_answer.warning
),

done as (
    -- The trail tells it in this order, and the task last.
    select count(*) from (
        select from answered
        union all
        select from withdrawn
    ) as each
)

update translation_task set open_warnings = :open_warnings, updated_at = now()
from seen
cross join done
where translation_task.id = seen.id
returning translation_task.version, translation_task.state, translation_task.assignee_id, now() as read_at;
