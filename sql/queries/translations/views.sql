-- name: get_task(id, actor, languages, sees_all, translator_states)^
-- A translation task that the actor may see, with the source that it stands on, its latest text, and how they
-- stand to it.
select
    translation_task.id,
    translation_task.version,
    translation_task.state,
    translation_task.commentary_id,
    translation_task.language,
    translation_task.source_revision,
    translation_task.assignee_id,
    holder.display_name as holder_name,
    translation_task.claim_expires_at,
    task_due.due_at,
    now() as read_at,
    translation_task.review_note,
    commentary.state as commentary_state,
    commentary.version as commentary_version,
    commentary.week,
    commentary.section,
    commentary.source_language,
    edition.revision,
    latest.units,
    latest.source_revision as text_source_revision,
    source.title,
    source.lead,
    source.trend,
    source.photo,
    source.blocks,
    coalesce(translation_task.assignee_id = :actor, false) as is_holder,
    holder.version as holder_version,
    coalesce(translates(translation_task.assignee_id, translation_task.language), false) as holder_translates,
    exists (
        select from revision as written
        where written.commentary_id = translation_task.commentary_id
            and written.language = translation_task.language
            and written.created_by = :actor
            and written.number > coalesce((
                select max(approval.revision) from approval
                where approval.commentary_id = translation_task.commentary_id
                    and approval.language = translation_task.language
                    and approval.withdrawn_at is null
                    and approval.revision < edition.revision
            ), 0)
            and not only_follows_source(written.commentary_id, written.language, written.number)
    ) as wrote_units,
    (
        select count(*) from translation_task as held
        where held.assignee_id = :actor and held.state = 'claimed'
    ) as claims_held,
    array(
        select other.state from translation_task as other
        inner join edition as wanted
            on wanted.commentary_id = other.commentary_id and wanted.language = other.language and wanted.is_active
        where other.commentary_id = translation_task.commentary_id and other.id <> translation_task.id
    ) as other_states,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('unit', equivalent_wording.unit, 'was', equivalent_wording.was, 'became', equivalent_wording.became)
        ), '[]'::jsonb)
        from equivalent_wording
        where equivalent_wording.commentary_id = translation_task.commentary_id
    ) as same,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object(
                'source', glossary_term.source,
                'target', glossary_term.target,
                'targets', to_jsonb(glossary_term.alternatives),
                'exact', glossary_term.exact
            )
        ), '[]'::jsonb)
        from glossary_term
        where glossary_term.source_language = commentary.source_language
            and glossary_term.language = translation_task.language
    ) as glossary,
    exists (
        select from publication_check
        where publication_check.name = 'unanswered_warning' and publication_check.blocks
    ) as unanswered_block,
    (
        select coalesce(jsonb_object_agg(warning_answer.warning, warning_answer.reason), '{}'::jsonb)
        from warning_answer
        where warning_answer.task_id = translation_task.id
    ) as answers
from translation_task
inner join commentary on commentary.id = translation_task.commentary_id
inner join task_due on task_due.task_id = translation_task.id
inner join edition
    on edition.commentary_id = translation_task.commentary_id and edition.language = translation_task.language
inner join revision as source
    on source.commentary_id = translation_task.commentary_id
    and source.language = commentary.source_language
    and source.number = translation_task.source_revision
left join revision as latest
    on latest.commentary_id = edition.commentary_id
    and latest.language = edition.language
    and latest.number = edition.revision
left join person as holder on holder.id = translation_task.assignee_id
where translation_task.id = :id
    -- Before anything is put together: what is hidden takes as long as what is not there.
    and (
        :sees_all::boolean
        or (
            translation_task.language = any(:languages::text[])
            and (
                translation_task.assignee_id = :actor
                or (
                    commentary.state = any(:translator_states::text[])
                    and translation_task.state <> 'cancelled'
                )
            )
        )
    );

-- name: list_tasks(actor, languages, sees_all, seen_in, language, state, holder, commentary, week, overdue, is_done, after_at, after_id, page)
-- Translation tasks that the actor may see. First what is still to be done, most urgent first: by when it is wanted,
-- then by age. After that what is done with, the newest first, which is read only as far as the page goes.
with visible as not materialized (
    select
        translation_task.id,
        translation_task.state
    from translation_task
    inner join commentary on commentary.id = translation_task.commentary_id
    where (
        :sees_all::boolean
        or (
            translation_task.language = any(:languages::text[])
            and (
                translation_task.assignee_id = :actor
                or (
                    commentary.state = any(:seen_in::text[])
                    and translation_task.state <> 'cancelled'
                )
            )
        )
    )
    -- Not with `or`: of filters that are mostly not there, a plan for any arguments would expect next to nothing, and
    -- read all to find a page of it.
    and case when :language::text is null then true else translation_task.language = :language end
    and case when :state::text is null then true else translation_task.state = :state end
    and case when :holder::uuid is null then true else translation_task.assignee_id = :holder end
    and case when :commentary::uuid is null then true else translation_task.commentary_id = :commentary end
    and case when :week::text is null then true else commentary.week = :week end
),

to_do as materialized (
    select
        visible.id,
        task_due.due_at,
        false as is_done
    from visible
    inner join task_due on task_due.task_id = visible.id
    where visible.state in ('open', 'claimed', 'submitted')
        and (:overdue::boolean is null or (task_due.due_at <= now()) = :overdue)
        and not coalesce(:is_done::boolean, false)
        and (
            :after_at::timestamptz is null
            or (task_due.due_at, visible.id) > (:after_at, :after_id::uuid)
        )
    order by task_due.due_at, visible.id
    limit :page
),

done as materialized (
    select
        visible.id,
        task_due.due_at,
        true as is_done
    from visible
    inner join task_due on task_due.task_id = visible.id
    where (select count(*) from to_do) < :page
        and visible.state in ('accepted', 'cancelled')
        and not coalesce(:overdue::boolean, false)
        and (not coalesce(:is_done::boolean, false) or visible.id < :after_id::uuid)
    order by visible.id desc
    limit :page
),

listed as (
    select to_do.id, to_do.due_at, to_do.is_done from to_do
    union all
    select done.id, done.due_at, done.is_done from done
)

select
    translation_task.id,
    translation_task.version,
    translation_task.state,
    translation_task.commentary_id,
    translation_task.language,
    translation_task.assignee_id,
    holder.display_name as holder_name,
    translation_task.claim_expires_at,
    listed.due_at,
    listed.is_done,
    listed.due_at <= now() and not listed.is_done as is_overdue,
    translation_task.open_warnings,
    now() as read_at,
    commentary.week,
    commentary.section,
    commentary.source_language,
    source.title
from listed
inner join translation_task on translation_task.id = listed.id
inner join commentary on commentary.id = translation_task.commentary_id
inner join revision as source
    on source.commentary_id = translation_task.commentary_id
    and source.language = commentary.source_language
    and source.number = translation_task.source_revision
left join person as holder on holder.id = translation_task.assignee_id
order by
    listed.is_done,
    case when not listed.is_done then listed.due_at end,
    case when not listed.is_done then listed.id end,
    listed.id desc
limit :page;

-- name: claim_next_at_once(context, language, translator_states, claimant, claim_limit, claim_hours)$
-- Claims the most urgent open task in a language that nobody else is taking at this moment, in a transaction of
-- its own. The context gets its id, which is returned, as its object.
with claimant as materialized (
    select may_claim(:claimant, :claim_limit) as may
),

ranked as (
    select
        task_due.task_id,
        task_due.due_at
    from claimant, task_due
    where claimant.may
        and task_due.language = :language
        and task_due.state = 'open'
        and task_due.commentary_state = any(:translator_states::text[])
    order by task_due.due_at, task_due.task_id
),

-- In their order, so that as many are looked at as others are taking at this moment, and one.
next_task as materialized (
    select translation_task.id
    from ranked
    inner join translation_task on translation_task.id = ranked.task_id
    where translation_task.state = 'open'
    order by ranked.due_at, ranked.task_id
    limit 1
    for update of translation_task skip locked
),

opened as materialized (
    select
        next_task.id,
        set_config(
            'editorial.context', (:context::text::jsonb || jsonb_build_object('object', next_task.id))::text, true
        )
    from next_task
)

update translation_task
set state = 'claimed',
    assignee_id = :claimant,
    claim_expires_at = now() + make_interval(hours => :claim_hours),
    updated_at = now()
from opened
where translation_task.id = opened.id
returning translation_task.id;

-- name: change_due_date(id, due_at)!
-- When a coordinator wants a translation; null leaves it to the schedule or the coverage week.
update translation_task set due_at = :due_at, updated_at = now()
where id = :id;

-- name: find_translator(person, language)$
-- The version of somebody who can be given a task in this language.
select person.version from person
where person.id = :person and translates(person.id, :language);

-- name: source_revisions(commentary, language, numbers)
-- The source texts that translated units were made from.
select number, title, lead, trend, photo, blocks from revision
where commentary_id = :commentary and language = :language and number = any(:numbers::integer[]);

-- name: remembered_like(source_language, language, units, languages, sees_all, seen_in, nearest)
-- What was accepted before for the same source units, or for similar ones, as far as the actor may see it: the
-- `nearest` for each unit by trigrams. What was retracted is not offered.
with wanted as (
    select
        asked.one ->> 'unit' as unit,
        asked.one ->> 'source_hash' as source_hash,
        asked.one ->> 'source' as source
    from jsonb_array_elements(:units::jsonb) as asked (one)
)

select
    wanted.unit,
    remembered.commentary_id,
    remembered.week,
    remembered.section,
    remembered.source,
    remembered.target,
    remembered.is_exact
from wanted
cross join lateral (
    select
        translation_memory.commentary_id,
        commentary.week,
        commentary.section,
        translation_memory.source,
        translation_memory.target,
        translation_memory.source_hash = wanted.source_hash as is_exact,
        similarity(translation_memory.source, wanted.source) as nearness
    from translation_memory
    inner join commentary on commentary.id = translation_memory.commentary_id
    inner join edition
        on edition.commentary_id = translation_memory.commentary_id
        and edition.language = translation_memory.language
    where translation_memory.source_language = :source_language
        and translation_memory.language = :language
        and (translation_memory.source_hash = wanted.source_hash or translation_memory.source % wanted.source)
        and edition.retracted_at is null
        and (
            :sees_all::boolean
            or (
                translation_memory.language = any(:languages::text[])
                and (
                    edition.live_revision = translation_memory.revision
                    or (
                        commentary.state = any(:seen_in::text[])
                        and exists (
                            select from translation_task
                            where translation_task.commentary_id = translation_memory.commentary_id
                                and translation_task.language = translation_memory.language
                                and translation_task.state <> 'cancelled'
                        )
                    )
                )
            )
        )
    order by is_exact desc, nearness desc, translation_memory.commentary_id desc
    limit :nearest
) as remembered;
