-- name: get_published(language, slug)^
-- What an address leads to: a live edition, a retracted one, or (by an old slug) another address.
select
    edition.commentary_id,
    edition.language,
    edition.slug,
    edition.live_revision,
    edition.first_published_at,
    edition.published_at,
    edition.retracted_at,
    edition.retraction_reason,
    edition.correction_pending_since is not null as correction_pending,
    commentary.week,
    commentary.section,
    section.labels as section_labels,
    byline.name as byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    (
        select coalesce(jsonb_agg(
            jsonb_build_object('at', publication.published_at, 'note', publication.note)
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
    ) as alternates
from slug
inner join edition on edition.commentary_id = slug.commentary_id and edition.language = slug.language
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
left join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
where slug.language = :language and slug.slug = :slug
    and (edition.live_revision is not null or edition.retracted_at is not null);

-- name: list_published(language, week, section, trend, byline, before, before_slug, page)
-- Live editions in a language, latest first.
select
    edition.slug,
    edition.first_published_at,
    edition.published_at,
    commentary.week,
    commentary.section,
    section.labels as section_labels,
    section.position as section_position,
    byline.name as byline,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo
from edition
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
inner join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
left join byline on byline.id = commentary.byline_id
where edition.language = :language
    and edition.live_revision is not null
    and (:week::text is null or commentary.week = :week)
    and (:section::text is null or commentary.section = :section)
    and (:trend::text is null or revision.trend = :trend)
    and (:byline::text is null or byline.name = :byline)
    and (
        :before::timestamptz is null
        or (edition.first_published_at, edition.slug) < (:before, :before_slug::text)
    )
order by edition.first_published_at desc, edition.slug desc
limit :page;

-- name: knows_language(language)$
-- Whether the newsroom publishes in a language.
select exists (
    select from language
    where language.tag = :language
);
