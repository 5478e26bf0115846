-- name: withdraw_approval(commentary, language, revision)!
-- Takes back what a second person agreed to.
update approval set withdrawn_at = now()
where commentary_id = :commentary and language = :language and revision = :revision and withdrawn_at is null;

-- name: approve_revision(id, commentary, language, revision, approved_by)!
-- A second person agrees to a text, byte for byte: the edition is ready with it. What was agreed to it before is
-- taken back first, which the count waits for.
with earlier as (
    update approval set withdrawn_at = now()
    where commentary_id = :commentary and language = :language and revision = :revision and withdrawn_at is null
    returning id
),

agreed as (
    insert into approval (id, commentary_id, language, revision, content_hash, approved_by)
    select :id, revision.commentary_id, revision.language, revision.number, revision.content_hash, :approved_by
    from revision
    cross join (select count(*) as taken_back from earlier) as done
    where revision.commentary_id = :commentary and revision.language = :language and revision.number = :revision
    returning id, commentary_id, language, revision
)

update edition set approval_id = agreed.id, approved_revision = agreed.revision
from agreed
where edition.commentary_id = agreed.commentary_id and edition.language = agreed.language;

-- name: unready_editions(commentary, languages, refusal)!
-- These editions wait again: what was agreed to does not go live any more. `refusal` says why a schedule ended.
update edition
set approval_id = null,
    approved_revision = null,
    scheduled_for = null,
    scheduled_by = null,
    scheduled_revision = null,
    schedule_note = null,
    schedule_refusal = case when scheduled_for is null then schedule_refusal else :refusal end
where commentary_id = :commentary and language = any(:languages::text[]);

-- name: ready_again(commentary, languages)!
-- Translations that were accepted, and are current still, are ready with their last standing acceptance.
update edition set approval_id = standing.id, approved_revision = standing.revision
from (
    select distinct on (approval.language) approval.id, approval.language, approval.revision from approval
    where approval.commentary_id = :commentary
        and approval.language = any(:languages::text[])
        and approval.withdrawn_at is null
    order by approval.language, approval.revision desc
) as standing
where edition.commentary_id = :commentary and edition.language = standing.language and edition.approval_id is null;

-- name: translations_of(commentary)
-- The wanted translations of a commentary with their tasks, which are locked, for a new approval: of those that are
-- done, their latest text and the source that it was put together from.
with task as materialized (
    select
        translation_task.id,
        translation_task.language,
        translation_task.state,
        translation_task.holder_id
    from translation_task
    where translation_task.commentary_id = :commentary
    for no key update
)

select
    edition.language,
    edition.revision,
    task.id as task_id,
    task.state as task_state,
    task.holder_id,
    coalesce(holder.state = 'active' and person_language.language is not null, false) as holder_is_here,
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
            jsonb_build_object('unit', same_meaning.unit, 'was', same_meaning.was, 'became', same_meaning.became)
        ), '[]'::jsonb)
        from same_meaning
        where same_meaning.commentary_id = edition.commentary_id
    ) as same
from edition
inner join commentary on commentary.id = edition.commentary_id
left join task on task.language = edition.language
left join person as holder on holder.id = task.holder_id
left join person_language
    on person_language.person_id = task.holder_id and person_language.language = edition.language
left join revision as latest
    on latest.commentary_id = edition.commentary_id
    and latest.language = edition.language
    and latest.number = edition.revision
    and task.state in ('submitted', 'accepted')
left join revision as source
    on source.commentary_id = edition.commentary_id
    and source.language = commentary.source_language
    and source.number = latest.source_revision
where edition.commentary_id = :commentary and edition.wanted and not edition.is_source
order by edition.language;

-- name: open_tasks(commentary, ids, languages, source_revision)!
-- The work of making translated editions current, for anybody who translates into the language of each.
insert into translation_task (id, commentary_id, language, source_revision)
select wanted.id, :commentary, wanted.language, :source_revision
from unnest(:ids::uuid[], :languages::text[]) as wanted (id, language)
on conflict (commentary_id, language) do update
set state = 'open', holder_id = null, claim_expires_at = null, source_revision = excluded.source_revision,
    updated_at = now();

-- name: renew_tasks(ids, states, holders, source_revision, claim_hours)!
-- Tasks follow the newly approved source: the same, or back to their translators or the queue.
update translation_task
set state = renewed.state,
    holder_id = renewed.holder,
    source_revision = :source_revision,
    claim_expires_at = case when renewed.state = 'claimed' then now() + make_interval(hours => :claim_hours) end,
    updated_at = now()
from unnest(:ids::uuid[], :states::text[], :holders::uuid[]) as renewed (id, state, holder)
where translation_task.id = renewed.id;

-- name: add_same_meanings(commentary, units, were, became)!
-- The coordinator says that changed units mean what they meant.
insert into same_meaning (commentary_id, unit, was, became)
select :commentary, changed.unit, changed.was, changed.became
from unnest(:units::text[], :were::text[], :became::text[]) as changed (unit, was, became)
on conflict do nothing;

-- name: list_same_meaning(commentary)
-- Wordings of source units that mean the same.
select unit, was, became from same_meaning
where commentary_id = :commentary;

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

-- name: count_unfinished_tasks(commentary, states)$
-- How many translations a commentary waits for.
select count(*) from translation_task
inner join edition
    on edition.commentary_id = translation_task.commentary_id and edition.language = translation_task.language
where translation_task.commentary_id = :commentary
    and edition.wanted
    and translation_task.state = any(:states::text[]);

-- name: cancel_task(commentary, language)!
-- The translation is not wanted any more. Its text is kept.
update translation_task
set state = 'cancelled', holder_id = null, claim_expires_at = null, updated_at = now()
where commentary_id = :commentary and language = :language and state <> 'cancelled';
