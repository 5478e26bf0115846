-- name: get_published(language, slug)^
-- What an address leads to: a live edition, a retracted one, or (by an old slug) another address.
select
    public_page.commentary_id,
    public_page.language,
    public_page.public_id,
    public_page.slug,
    public_page.live_revision,
    public_page.is_source,
    public_page.first_published_at,
    public_page.published_at,
    public_page.retraction_reason,
    public_page.correction_pending,
    public_page.changed_at,
    public_page.modified_at,
    public_page.is_modified_once,
    public_page.changes_in_the_minute,
    public_page.week,
    public_page.section,
    public_page.source_language,
    public_page.section_labels,
    public_page.byline,
    public_page.title,
    public_page.lead,
    public_page.trend,
    public_page.photo,
    public_page.blocks,
    public_page.corrections,
    public_page.alternates,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from slug
inner join public_page
    on public_page.commentary_id = slug.commentary_id and public_page.language = slug.language
where slug.language = :language and slug.slug = :slug;

-- name: list_published(language, week, section, trend, byline, before, before_slug, page)
-- Live editions in a language, latest first.
select
    public_page.slug,
    public_page.first_published_at,
    public_page.first_published_exactly,
    public_page.published_at,
    public_page.week,
    public_page.section,
    public_page.section_labels,
    public_page.byline,
    public_page.title,
    public_page.lead,
    public_page.trend,
    public_page.photo,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from public_page
where public_page.language = :language
    and public_page.live_revision is not null
    and (:week::text is null or public_page.week = :week)
    and (:section::text is null or public_page.section = :section)
    and (:trend::text is null or public_page.trend = :trend)
    and (:byline::text is null or public_page.byline = :byline)
    and (
        :before::timestamptz is null
        or (public_page.first_published_exactly, public_page.slug) < (:before, :before_slug::text)
    )
order by public_page.first_published_exactly desc, public_page.slug desc
limit :page;

-- name: list_issue(language, week)
-- The live editions of one week with their whole texts, in the order of the digest.
select
    public_page.language,
    public_page.slug,
    public_page.first_published_at,
    public_page.published_at,
    public_page.correction_pending,
    public_page.week,
    public_page.section,
    public_page.section_labels,
    public_page.byline,
    public_page.title,
    public_page.lead,
    public_page.trend,
    public_page.photo,
    public_page.blocks,
    public_page.corrections,
    public_page.alternates,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from public_page
where public_page.language = :language
    and public_page.week = :week
    and public_page.live_revision is not null
order by public_page.section_position, public_page.section, public_page.first_published_exactly, public_page.slug
limit 200;

-- name: list_latest(language, section, page)
-- What readers were told last in a language, live or retracted: what a feed has to say.
select
    public_page.language,
    public_page.public_id,
    public_page.slug,
    public_page.live_revision,
    public_page.is_source,
    public_page.first_published_at,
    public_page.published_at,
    public_page.retracted_at,
    public_page.retraction_reason,
    public_page.correction_pending,
    public_page.changed_at,
    public_page.changes_in_the_minute,
    public_page.week,
    public_page.section,
    public_page.source_language,
    public_page.section_labels,
    public_page.byline,
    public_page.title,
    public_page.lead,
    public_page.trend,
    public_page.photo,
    public_page.blocks,
    public_page.corrections,
    public_page.alternates,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from public_page
where public_page.language = :language
    and (:section::text is null or public_page.section = :section)
order by public_page.changed_exactly desc, public_page.slug desc
limit :page;

-- name: list_years()
-- For each language and year of weeks that have something live: when a page in it was last published.
select
    public_page.language,
    left(public_page.week, 4) as year,
    max(public_page.changed_at) as changed_at
from public_page
where public_page.live_revision is not null
group by public_page.language, left(public_page.week, 4)
order by public_page.language, left(public_page.week, 4);

-- name: list_addresses(language, year, page)
-- The address of each live edition in a language, with its siblings' addresses, latest first.
select
    public_page.slug,
    public_page.week,
    public_page.published_at,
    public_page.alternates
from public_page
where public_page.language = :language
    and public_page.live_revision is not null
    and (:year::text is null or left(public_page.week, 4) = :year)
order by public_page.first_published_exactly desc, public_page.slug desc
limit :page;

-- name: neighbour_weeks(language, week)^
-- The weeks before and after one that have something live in a language.
select
    (
        select public_page.week from public_page
        where public_page.language = :language
            and public_page.live_revision is not null
            and public_page.week < :week
        order by public_page.week desc
        limit 1
    ) as previous,
    (
        select public_page.week from public_page
        where public_page.language = :language
            and public_page.live_revision is not null
            and public_page.week > :week
        order by public_page.week
        limit 1
    ) as following;

-- name: list_weeks(language, before, page)
-- The weeks that have something live in a language, latest first.
select
    public_page.week,
    count(*) as commentaries,
    max(public_page.published_at) as updated_at
from public_page
where public_page.language = :language
    and public_page.live_revision is not null
    and (:before::text is null or public_page.week < :before)
group by public_page.week
order by public_page.week desc
limit :page;

-- name: list_sections(language)
-- The sections that have something live in a language, in the order of the digest.
select
    section.key as section,
    section.labels as section_labels,
    count(*) as commentaries
from section
inner join public_page on public_page.section = section.key
where public_page.language = :language and public_page.live_revision is not null
group by section.key, section.labels, section.position
order by section.position, section.key;

-- name: get_section(key)^
-- A section's names.
select section.key as section, section.labels as section_labels from section
where section.key = :key;

-- name: reading(language)^
-- Whether the newsroom publishes in a language (or at all), when any public page last changed, and whether one change
-- alone was made in that minute.
select
    exists (
        select from language
        where :language::text is null or language.tag = :language
    ) as is_known,
    date_trunc('minute', greatest(published.latest, relabelled.latest)) as modified_at,
    coalesce(relabelled.latest < date_trunc('minute', published.latest), false)
    and not exists (
        select from publication
        where publication.published_at >= date_trunc('minute', published.latest)
            and publication.published_at < published.latest
    ) as is_modified_once
from (select max(publication.published_at) as latest from publication) as published
cross join (select max(published_version.relabelled_at) as latest from published_version) as relabelled;
