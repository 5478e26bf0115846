-- name: publish_at_once(context, id, version, state, ids, languages, kinds, notes, nameless, slugs, behind)$
-- Readers get the approved text of these editions, and each page says so; the commentary's new version. In a
-- transaction of its own (or, with no context, in the one that runs), and nothing where the commentary is not as it
-- was seen. Each `nameless` edition gets the first of its addresses here that nobody has; where somebody takes it at
-- this moment, Postgres refuses the whole. The live editions that are `behind` a correction say so from now on.
with opened as materialized (
    select set_config('editorial.context', coalesce(:context, current_setting('editorial.context', true)), true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

addressed as (
    insert into slug (language, slug, commentary_id)
    select distinct on (candidate.language)
        candidate.language,
        candidate.slug,
        seen.id
    from seen
    cross join unnest(:nameless::text[], :slugs::text[]) with ordinality as candidate (language, slug, place)
    where not exists (
        select from slug
        where slug.language = candidate.language and slug.slug = candidate.slug
    )
    order by candidate.language, candidate.place
    returning language, slug
),

told as (
    insert into publication (id, commentary_id, language, kind, revision, note)
    select going.id, edition.commentary_id, edition.language, going.kind, edition.approved_revision, going.note
    from seen
    cross join (select count(*) from addressed) as done
    cross join unnest(:ids::uuid[], :languages::text[], :kinds::text[], :notes::text[])
        as going (id, language, kind, note)
    inner join edition on edition.commentary_id = seen.id and edition.language = going.language
    returning commentary_id, language
),

live as (
    update edition
    set live_approval_id = edition.approval_id,
        live_revision = edition.approved_revision,
        slug = coalesce(edition.slug, addressed.slug),
        published_at = now(),
        first_published_at = coalesce(edition.first_published_at, now()),
        scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = null,
        retracted_at = null,
        retraction_reason = null,
        correction_pending_since = null
    from told
    left join addressed on addressed.language = told.language
    where edition.commentary_id = told.commentary_id and edition.language = told.language
    returning edition.language
),

behind as (
    update edition set correction_pending_since = now()
    from seen
    where edition.commentary_id = seen.id
        and edition.language = any(:behind::text[])
        and edition.correction_pending_since is null
    returning edition.language
),

done as (
    -- The trail tells it in this order, and the commentary last.
    select count(*) from (select from live
    union all
    select from behind) as each
)

update commentary set state = :state, was_published = true, updated_at = now()
from seen
cross join done
where commentary.id = seen.id
returning commentary.version;

-- name: take_first_slugs(commentary, languages, slugs)
-- Gives each edition the first of its addresses here that nobody has in its language, from now on; the languages
-- that got one. None gets one that somebody took at this moment.
with free as (
    select distinct on (candidate.language) candidate.language, candidate.slug
    from unnest(:languages::text[], :slugs::text[]) with ordinality as candidate (language, slug, place)
    where not exists (
        select from slug
        where slug.language = candidate.language and slug.slug = candidate.slug
    )
    order by candidate.language, candidate.place
),

taken as (
    insert into slug (language, slug, commentary_id)
    select free.language, free.slug, :commentary from free
    on conflict do nothing
    returning language, slug
)

update edition set slug = taken.slug
from taken
where edition.commentary_id = :commentary and edition.language = taken.language
returning edition.language;

-- name: other_live_editions(commentary, languages)
-- What readers see in the other languages, unit by unit, the source that it was put together from, and wordings of
-- source units that mean the same.
select
    edition.language,
    edition.is_source,
    live.number,
    live.units,
    jsonb_build_object(
        'title', live.title, 'lead', live.lead, 'trend', live.trend, 'photo', live.photo, 'blocks', live.blocks
    ) as text,
    jsonb_build_object(
        'title', source.title,
        'lead', source.lead,
        'trend', source.trend,
        'photo', source.photo,
        'blocks', source.blocks
    ) as source,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('unit', equivalent_wording.unit, 'was', equivalent_wording.was, 'became', equivalent_wording.became)
        ), '[]'::jsonb)
        from equivalent_wording
        where equivalent_wording.commentary_id = edition.commentary_id
    ) as same
from edition
inner join commentary on commentary.id = edition.commentary_id
inner join revision as live
    on live.commentary_id = edition.commentary_id
    and live.language = edition.language
    and live.number = edition.live_revision
inner join revision as source
    on source.commentary_id = edition.commentary_id
    and source.language = commentary.source_language
    and source.number = case when edition.is_source then live.number else live.source_revision end
where edition.commentary_id = :commentary and edition.language <> all(:languages::text[])
order by edition.language;

-- name: retract_at_once(context, id, version, state, review_note, ids, languages, reason, ended, taken_down)$
-- Readers get the notice in place of these editions, and the schedules of those that are `ended` come to nothing, too;
-- the commentary's new version. In a transaction of its own, and nothing where the commentary is not as it was seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

told as (
    insert into publication (id, commentary_id, language, kind, revision, note)
    select going.id, edition.commentary_id, edition.language, 'retraction', edition.live_revision, :reason::text
    from seen
    cross join unnest(:ids::uuid[], :languages::text[]) as going (id, language)
    inner join edition on edition.commentary_id = seen.id and edition.language = going.language
    returning commentary_id, language, note
),

down as (
    update edition
    set live_approval_id = null,
        live_revision = null,
        approval_id = null,
        approved_revision = null,
        scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = case
            when edition.scheduled_for is null then edition.schedule_refusal else :taken_down
        end,
        retracted_at = now(),
        retraction_reason = told.note,
        correction_pending_since = null
    from told
    where edition.commentary_id = told.commentary_id and edition.language = told.language
    returning edition.language
),

ended as (
    update edition
    set scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = :taken_down
    from seen
    where edition.commentary_id = seen.id
        and edition.language = any(:ended::text[])
        and edition.scheduled_for is not null
    returning edition.language
),

done as (
    select count(*) from (select from down
    union all
    select from ended) as each
)

update commentary set state = :state, review_note = :review_note, updated_at = now()
from seen
cross join done
where commentary.id = seen.id
returning commentary.version;

-- name: instant_is_bearable(at)$
-- Whether an instant is in the future of the clock that the worker goes by, and no more than ten years ahead.
select :at::timestamptz > now() and :at < now() + interval '10 years';

-- name: schedule_at_once(context, id, version, languages, at, scheduled_by, note, minor)$
-- The approved texts of these editions go live at an instant, with the rights of the person who said so; the
-- commentary's new version. In a transaction of its own, and nothing where the commentary is not as it was seen.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

scheduled as (
    update edition
    set scheduled_for = :at,
        scheduled_by = :scheduled_by,
        scheduled_revision = edition.approved_revision,
        schedule_note = :note,
        schedule_is_minor = :minor,
        schedule_refusal = null
    from seen
    where edition.commentary_id = seen.id and edition.language = any(:languages::text[])
    returning edition.language
)

update commentary set updated_at = now()
from seen
cross join (select count(*) from scheduled) as done
where commentary.id = seen.id
returning commentary.version;

-- name: unschedule_at_once(context, id, version, languages)$
-- Nothing happens at that instant; the commentary's new version. Likewise.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

ended as (
    update edition
    set scheduled_for = null,
        scheduled_by = null,
        scheduled_revision = null,
        schedule_note = null,
        schedule_refusal = null
    from seen
    where edition.commentary_id = seen.id
        and edition.language = any(:languages::text[])
        and edition.scheduled_for is not null
    returning edition.language
)

update commentary set updated_at = now()
from seen
cross join (select count(*) from ended) as done
where commentary.id = seen.id
returning commentary.version;

-- name: is_somebody_elses(commentary, language, slug)$
-- Whether an address is another commentary's.
select exists (
    select from slug
    where slug.language = :language and slug.slug = :slug and slug.commentary_id <> :commentary
);

-- name: change_slug_at_once(context, id, version, language, slug)$
-- The address of an edition from now on, one that it had before or that nobody has; those that it had lead to it. The
-- commentary's new version; in a transaction of its own, and nothing where the commentary is not as it was seen, or
-- where somebody takes the address at this moment.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

taken as (
    insert into slug (language, slug, commentary_id)
    select :language, :slug, seen.id from seen
    on conflict do nothing
    returning language, slug, commentary_id
),

its_own as (
    select taken.language, taken.slug, taken.commentary_id from taken
    union all
    select slug.language, slug.slug, slug.commentary_id from seen
    inner join slug on slug.commentary_id = seen.id and slug.language = :language and slug.slug = :slug
),

used as (
    update edition set slug = its_own.slug
    from its_own
    where edition.commentary_id = its_own.commentary_id and edition.language = its_own.language
    returning edition.commentary_id
)

update commentary set updated_at = now()
from used
where commentary.id = used.commentary_id
returning commentary.version;

-- name: end_schedules(commentary, languages, refusal)!
-- Nothing happens at that instant. `refusal` says why, where a guard and not a person ended it.
update edition
set scheduled_for = null,
    scheduled_by = null,
    scheduled_revision = null,
    schedule_note = null,
    schedule_refusal = :refusal
where commentary_id = :commentary and language = any(:languages::text[]) and scheduled_for is not null;
