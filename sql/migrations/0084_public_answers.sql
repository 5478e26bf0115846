-- Public answers carry no id of the desk, nothing computed from one, and times to the minute.
-- depends: 0081_bytes_that_go_out

-- migrate: apply

-- Names an edition in feeds and exports, at whatever address, and stays the same. It is random: nothing leads from it to
-- the commentary, nor from one language to another.
alter table edition add column public_id uuid not null default gen_random_uuid();
create unique index a_public_id_names_one_edition on edition (public_id);

create function keep_public_id() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    raise exception 'an edition keeps its public id'
        using errcode = 'check_violation', constraint = 'an_edition_keeps_its_public_id', table = 'edition';
end
$$;

create trigger keep_public_id before update on edition for each row
when (old.public_id is distinct from new.public_id)
execute function keep_public_id();
alter table edition enable always trigger keep_public_id;

-- What is in work is little. Postgres takes a comparison of two columns for true of nearly all rows, and then reads the
-- whole table rather than this index; of this expression it expects few.
drop index edition_in_work;
create index edition_in_work on edition (commentary_id)
where case when revision is distinct from live_revision then 1 else 0 end = 1;

-- Every public page: what is live, and the notice in place of what was retracted. Times of publication go to the minute:
-- the second would tell outside who was at work at that moment.
create or replace view public_page as
select
    edition.commentary_id,
    edition.language,
    -- Names the edition in feeds, whatever its address: nothing can be told from it, not even an order.
    replace(edition.public_id::text, '-', '') as public_id,
    edition.slug,
    edition.live_revision,
    edition.is_source,
    date_trunc('minute', edition.first_published_at) as first_published_at,
    date_trunc('minute', edition.published_at) as published_at,
    date_trunc('minute', edition.retracted_at) as retracted_at,
    edition.retraction_reason,
    edition.correction_pending_since is not null as correction_pending,
    date_trunc('minute', coalesce(edition.retracted_at, edition.published_at)) as changed_at,
    commentary.week,
    commentary.section,
    commentary.source_language,
    section.labels as section_labels,
    section.position as section_position,
    byline.name as byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('at', date_trunc('minute', publication.published_at), 'note', publication.note)
            order by publication.published_at
        ), '[]'::jsonb)
        from publication
        where publication.commentary_id = edition.commentary_id
            and publication.language = edition.language
            and publication.kind = 'correction'
    ) as corrections,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('language', other.language, 'slug', other.slug) order by language.position
        ), '[]'::jsonb)
        from edition as other
        inner join language on language.tag = other.language
        where other.commentary_id = edition.commentary_id
            and other.language <> edition.language
            and other.live_revision is not null
    ) as alternates,
    -- When the page last changed: by a publication in any of its languages, or without one.
    (
        select date_trunc('minute', greatest(max(publication.published_at), max(public_generation.relabelled_at)))
        from public_generation
        left join publication on publication.commentary_id = edition.commentary_id
    ) as modified_at,
    -- Whether the page changed only once in that minute: then the minute tells which state of it a reader has.
    (
        select
            count(distinct publication.published_at) filter (
                where publication.published_at >= date_trunc('minute', latest.published_at)
            ) <= 1
            and max(public_generation.relabelled_at) < date_trunc('minute', latest.published_at)
        from public_generation
        cross join lateral (
            select max(told.published_at) as published_at from publication as told
            where told.commentary_id = edition.commentary_id
        ) as latest
        left join publication on publication.commentary_id = edition.commentary_id
        group by latest.published_at
    ) as is_modified_once,
    -- How many times this edition was published or retracted in the minute of `changed_at`.
    (
        select count(*) from publication
        where publication.commentary_id = edition.commentary_id
            and publication.language = edition.language
            and date_trunc('minute', publication.published_at)
            = date_trunc('minute', coalesce(edition.retracted_at, edition.published_at))
    ) as changes_in_the_minute,
    -- What lists are sorted by, and no answer shows.
    edition.first_published_at as first_published_exactly,
    coalesce(edition.retracted_at, edition.published_at) as changed_exactly
from edition
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
left join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
where edition.live_revision is not null or edition.retracted_at is not null;


-- migrate: rollback
