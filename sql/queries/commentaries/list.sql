-- name: list_commentaries(writer, languages, sees_all, translator_states, among, state, week, section, language, slug, mine, before, page)
-- Commentaries that the actor may see (among these, where some are named), newest first, with the text and the state
-- as far as they may see them.
select
    commentary.id,
    commentary.version,
    seen.state,
    seen.sight,
    commentary.week,
    commentary.section,
    commentary.source_language,
    byline.name as byline,
    case when seen.sight = 'whole' then commentary.author_id end as author_id,
    case when seen.sight = 'whole' then author.display_name end as author_name,
    commentary.updated_at,
    shown.language,
    shown.title,
    shown.lead,
    shown.trend,
    (
        select
            coalesce(jsonb_agg(
                jsonb_build_object(
                    'language', edition.language,
                    'status', edition.status,
                    'slug', edition.slug,
                    'published_at', case
                        when seen.sight = 'whole' then edition.published_at
                        else date_trunc('minute', edition.published_at)
                    end
                )
                order by edition.is_source desc, language.position
            ), '[]'::jsonb)
        from edition
        inner join language on language.tag = edition.language
        where edition.commentary_id = commentary.id
            and lists_edition(
                seen.sight, edition.is_source, edition.is_active, edition.status, edition.language, :languages::text[]
            )
    ) as editions
from commentary
inner join person as author on author.id = commentary.author_id
left join byline on byline.id = commentary.byline_id
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
) as relation
cross join lateral (
    select
        relation.sight,
        case when relation.sight = 'live' then 'published' else commentary.state end as state
) as seen
cross join lateral (
    select
        edition.language,
        revision.title,
        revision.lead,
        revision.trend
    from edition
    inner join revision
        on revision.commentary_id = edition.commentary_id
        and revision.language = edition.language
        and revision.number = case seen.sight
            when 'whole' then edition.revision
            when 'translation' then coalesce(edition.approved_revision, edition.live_revision)
            else edition.live_revision
        end
    where edition.commentary_id = commentary.id and (seen.sight = 'live' or edition.is_source)
    order by edition.is_source desc, edition.language
    limit 1
) as shown
where seen.sight is not null
    and (:among::uuid[] is null or commentary.id = any(:among))
    and (:state::text is null or seen.state = :state)
    and (:week::text is null or commentary.week = :week)
    and (:section::text is null or commentary.section = :section)
    and (
        :language::text is null
        or exists (
            select from edition
            where edition.commentary_id = commentary.id
                and edition.language = :language
                and (edition.status = 'live' or (seen.sight <> 'live' and edition.is_active))
        )
    )
    and (
        :slug::text is null
        or (
            commentary.id = any(array(
                select named.commentary_id from slug as named
                where named.slug = :slug
            ))
            and exists (
                select from edition
                inner join slug on slug.commentary_id = edition.commentary_id and slug.language = edition.language
                where edition.commentary_id = commentary.id
                    and slug.slug = :slug
                    and lists_edition(
                        seen.sight, edition.is_source, edition.is_active, edition.status, edition.language,
                        :languages::text[]
                    )
            )
        )
    )
    and (not :mine::boolean or commentary.author_id = :writer or exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = :writer
    ))
    and (
        :before::uuid is null
        or (commentary.created_at, commentary.id) < (
            select last.created_at, last.id from commentary as last
            where last.id = :before
        )
    )
order by commentary.created_at desc, commentary.id desc
limit :page;

-- name: find_commentaries(writer, languages, sees_all, translator_states, state, week, section, language, slug, mine, query, score, before, page)
-- Commentaries that have these words in a text that the actor may see, the best first.
with asked as materialized (
    -- Once, not for each text.
    select made.query, made.words
    from (select search_query(:query) as query, folded(:query) as words offset 0) as made
),

asked_in as materialized (
    select
        language.tag,
        search_query(language.tag, :query) as query
    from language
),

found as materialized (
    select each.commentary_id, max(each.score) as score
    from (
        -- What is live is for everybody.
        select
            search_document.commentary_id,
            (1000000 * (
                4 * ts_rank(search_document.heading_words, asked.query) + ts_rank(search_document.words, asked.query, 1)
            ))::integer as score
        from asked
        inner join search_document on search_document.words @@ asked.query
        union all
        select search_document.commentary_id, 0
        from asked
        inner join search_document on search_document.heading like '%' || asked.words || '%'
        where length(asked.words) >= 3
        union all
        -- Of what is in work, those texts that the actor may see, and no other.
        select
            worked_on.commentary_id,
            (1000000 * (
                4 * ts_rank(
                    searchable(worked_on.language, concat_ws(' ', written.title, written.lead), :query),
                    asked_in.query
                )
                + ts_rank(written.words, asked_in.query, 1)
            ))::integer
        from asked
        cross join edition as worked_on
        cross join lateral (
            select
                commentary.author_id,
                commentary.state
            from commentary
            where commentary.id = worked_on.commentary_id
            order by commentary.id
            limit 1
        ) as commentary
        cross join lateral sight_of(
            worked_on.commentary_id, commentary.author_id, commentary.state,
            :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
        ) as relation
        cross join lateral (
            -- Not a join, which would begin with all editions.
            select one.query
            from asked_in as one
            where one.tag = worked_on.language
            order by one.tag
            limit 1
        ) as asked_in
        cross join lateral (
            select
                revision.number,
                revision.title,
                revision.lead,
                searchable(
                    worked_on.language, text_of(revision.title, revision.lead, revision.blocks), :query
                ) as words
            from revision
            where revision.commentary_id = worked_on.commentary_id
                and revision.language = worked_on.language
                and revision.number = case
                    when relation.sight = 'whole' then worked_on.revision
                    when relation.sight = 'translation' and worked_on.is_source
                        then coalesce(worked_on.approved_revision, worked_on.live_revision)
                    when relation.sight = 'translation' and worked_on.language = any(:languages::text[])
                        then worked_on.revision
                end
            order by revision.number
            limit 1
        ) as written
        -- As the index `edition_in_work` has it.
        where case when worked_on.revision is distinct from worked_on.live_revision then 1 else 0 end = 1
            and written.number is distinct from worked_on.live_revision
            and (
                (length(asked.words) >= 3 and strpos(folded(written.title), asked.words) > 0)
                or written.words @@ asked_in.query
            )
    ) as each
    group by each.commentary_id
)

select
    commentary.id,
    found.score
from found
inner join commentary on commentary.id = found.commentary_id
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
) as relation
where relation.sight is not null
    and (
        :state::text is null
        or :state = case when relation.sight = 'live' then 'published' else commentary.state end
    )
    and (:week::text is null or commentary.week = :week)
    and (:section::text is null or commentary.section = :section)
    and (
        :language::text is null
        or exists (
            select from edition
            where edition.commentary_id = commentary.id
                and edition.language = :language
                and (edition.status = 'live' or (relation.sight <> 'live' and edition.is_active))
        )
    )
    and (
        :slug::text is null
        or (
            commentary.id = any(array(
                select named.commentary_id from slug as named
                where named.slug = :slug
            ))
            and exists (
                select from edition
                inner join slug on slug.commentary_id = edition.commentary_id and slug.language = edition.language
                where edition.commentary_id = commentary.id
                    and slug.slug = :slug
                    and lists_edition(
                        relation.sight, edition.is_source, edition.is_active, edition.status, edition.language,
                        :languages::text[]
                    )
            )
        )
    )
    and (not :mine::boolean or commentary.author_id = :writer or exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = :writer
    ))
    and (
        :before::uuid is null
        or (found.score, commentary.created_at, commentary.id) < (
            select :score::integer, last.created_at, last.id from commentary as last
            where last.id = :before
        )
    )
order by found.score desc, commentary.created_at desc, commentary.id desc
limit :page;
