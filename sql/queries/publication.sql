-- name: ready_editions(commentary, languages)
-- What is about to go live: the approved text's title, the address that the edition has, what readers know of it.
select
    edition.language,
    edition.is_source,
    edition.slug,
    edition.first_published_at is not null as was_live,
    edition.retracted_at is not null as is_retracted,
    revision.title
from edition
inner join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.approved_revision
where edition.commentary_id = :commentary and edition.language = any(:languages::text[])
order by edition.language;

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

-- name: take_slug(commentary, language, slug)$
-- Whether an address that a person chose is this edition's: it was before, or was nobody's and is now.
with taken as (
    insert into slug (language, slug, commentary_id) values (:language, :slug, :commentary)
    on conflict do nothing
    returning true as is_own
)

select taken.is_own from taken
union all
select slug.commentary_id = :commentary from slug
where slug.language = :language and slug.slug = :slug;

-- name: use_slug(commentary, language, slug)!
-- The address of an edition from now on. Those that it had lead to it.
update edition set slug = :slug
where commentary_id = :commentary and language = :language;

-- name: make_live(commentary, ids, languages, kinds, notes)!
-- Readers get the approved text of these editions, and each page says so.
with told as (
    insert into publication (id, commentary_id, language, kind, revision, note)
    select going.id, edition.commentary_id, edition.language, going.kind, edition.approved_revision, going.note
    from unnest(:ids::uuid[], :languages::text[], :kinds::text[], :notes::text[])
        as going (id, language, kind, note)
    inner join edition on edition.commentary_id = :commentary and edition.language = going.language
    returning commentary_id, language
)

update edition
set live_approval_id = edition.approval_id,
    live_revision = edition.approved_revision,
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
where edition.commentary_id = told.commentary_id and edition.language = told.language;

-- name: other_live_editions(commentary, languages)
-- What readers see in the other languages, unit by unit, and the source that it was put together from.
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
    ) as source
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

-- name: announce_correction(commentary, languages)!
-- Live editions that have not caught up with a correction say so, from now on.
update edition set correction_pending_since = now()
where commentary_id = :commentary
    and language = any(:languages::text[])
    and correction_pending_since is null;

-- name: mark_published(id, state)!
-- A commentary that readers have seen.
update commentary set state = :state, was_published = true, updated_at = now()
where id = :id;

-- name: take_down(commentary, ids, languages, reason, refusal)!
-- Readers get the notice in place of these editions. `refusal` says why a schedule of theirs ended.
with told as (
    insert into publication (id, commentary_id, language, kind, revision, note)
    select going.id, edition.commentary_id, edition.language, 'retraction', edition.live_revision, :reason::text
    from unnest(:ids::uuid[], :languages::text[]) as going (id, language)
    inner join edition on edition.commentary_id = :commentary and edition.language = going.language
    returning commentary_id, language, note
)

update edition
set live_approval_id = null,
    live_revision = null,
    approval_id = null,
    approved_revision = null,
    scheduled_for = null,
    scheduled_by = null,
    scheduled_revision = null,
    schedule_note = null,
    schedule_refusal = case when edition.scheduled_for is null then edition.schedule_refusal else :refusal end,
    retracted_at = now(),
    retraction_reason = told.note,
    correction_pending_since = null
from told
where edition.commentary_id = told.commentary_id and edition.language = told.language;

-- name: instant_is_bearable(at)$
-- Whether an instant is in the future of the clock that the worker goes by, and no more than ten years ahead.
select :at::timestamptz > now() and :at < now() + interval '10 years';

-- name: schedule_editions(commentary, languages, at, scheduled_by, note, minor)!
-- The approved texts of these editions go live at an instant, with the rights of the person who said so.
update edition
set scheduled_for = :at,
    scheduled_by = :scheduled_by,
    scheduled_revision = approved_revision,
    schedule_note = :note,
    schedule_is_minor = :minor,
    schedule_refusal = null
where commentary_id = :commentary and language = any(:languages::text[]);

-- name: end_schedules(commentary, languages, refusal)!
-- Nothing happens at that instant. `refusal` says why, where a guard and not a person ended it.
update edition
set scheduled_for = null,
    scheduled_by = null,
    scheduled_revision = null,
    schedule_note = null,
    schedule_refusal = :refusal
where commentary_id = :commentary and language = any(:languages::text[]) and scheduled_for is not null;
