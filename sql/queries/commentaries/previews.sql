-- name: add_preview_link(id, token_hash, commentary, language, created_by, hours)^
-- A link to the text of an edition that is approved now, for so many hours. None where no text is approved.
insert into preview_link (id, token_hash, commentary_id, language, approval_id, revision, created_by, expires_at)
select
    :id,
    :token_hash,
    edition.commentary_id,
    edition.language,
    edition.approval_id,
    edition.approved_revision,
    :created_by,
    now() + make_interval(hours => :hours)
from edition
where edition.commentary_id = :commentary and edition.language = :language and edition.approval_id is not null
returning revision, expires_at;

-- name: get_preview(token_hash)^
-- What a link leads to: the approved text as readers would get it, and whether the link is good still.
select
    edition.commentary_id,
    edition.language,
    edition.slug,
    date_trunc('minute', coalesce(edition.first_published_at, edition.scheduled_for, now())) as first_published_at,
    date_trunc(
        'minute',
        case
            when edition.live_revision = preview_link.revision then edition.published_at
            else coalesce(edition.scheduled_for, now())
        end
    ) as published_at,
    edition.correction_pending_since is not null
        and edition.live_revision = preview_link.revision as correction_pending,
    edition.live_revision = preview_link.revision as is_live,
    edition.scheduled_for,
    preview_link.revision,
    preview_link.expires_at,
    preview_link.expires_at > now()
    and coalesce(edition.approval_id = preview_link.approval_id, false)
    and exists (
        -- The person who made the link could make it now, too.
        select from person as maker
        inner join person_role on person_role.person_id = maker.id
        where maker.id = preview_link.created_by
            and maker.state = 'active'
            and (
                person_role.role = 'coordinator'
                or (
                    person_role.role = 'analyst'
                    and (
                        commentary.author_id = maker.id
                        or exists (
                            select from contributor
                            where contributor.commentary_id = commentary.id and contributor.person_id = maker.id
                        )
                    )
                )
            )
    ) as stands,
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
    ) as alternates
from preview_link
inner join edition
    on edition.commentary_id = preview_link.commentary_id and edition.language = preview_link.language
inner join commentary on commentary.id = edition.commentary_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
inner join revision
    on revision.commentary_id = preview_link.commentary_id
    and revision.language = preview_link.language
    and revision.number = preview_link.revision
where preview_link.token_hash = :token_hash;
