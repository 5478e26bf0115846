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

-- name: find_commentaries(writer, languages, sees_all, translator_states, state, week, section, language, slug, mine, query, score, before, most, page)
-- Commentaries that have these words in a text that the actor may see, the best first. Of each kind of text, at most so
-- many are ranked: the newest.
with asked as materialized (
    -- Once, not for each text.
    select
        made.query,
        case when length(made.words) >= 3 then made.words end as part
    from (select search_query(:query) as query, folded(:query) as words offset 0) as made
),

asked_in as materialized (
    select
        language.tag,
        search_query(language.tag, :query) as query
    from language
),

-- Commentaries that the actor writes, contributes to or translates, and how much they see of each, where it is not all.
near as materialized (
    select
        named.id,
        relation.sight
    from (
        select written.id from commentary as written
        where written.author_id = :writer
        union
        select contributor.commentary_id from contributor
        where contributor.person_id = :writer
        union
        select translated.commentary_id
        from working_document as translated
        cross join lateral (
            -- Row by row, and not a join, which would read all tasks.
            select translation_task.id from translation_task
            where translation_task.commentary_id = translated.commentary_id
                and translation_task.language = any(:languages::text[])
                and translation_task.state <> 'cancelled'
            order by translation_task.id
            limit 1
        ) as one_task
    ) as named
    cross join lateral (
        select
            one.author_id,
            one.state
        from commentary as one
        where one.id = named.id
            and (:week::text is null or one.week = :week)
            and (:section::text is null or one.section = :section)
            and (:state::text is null or one.state = :state)
        order by one.id
        limit 1
    ) as commentary
    cross join lateral sight_of(
        named.id, commentary.author_id, commentary.state,
        :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
    ) as relation
    where not :sees_all
),

-- The texts in work that the actor may see, where it is not all of them. Only these are read: neither a result nor its
-- time tells of another.
visible as materialized (
    select
        working_document.commentary_id,
        working_document.language,
        working_document.revision
    from near
    inner join working_document on working_document.commentary_id = near.id
    cross join lateral (
        select case
            when near.sight = 'whole' then edition.revision
            when near.sight = 'translation' and edition.is_source then edition.approved_revision
            when near.sight = 'translation' and edition.language = any(:languages) then edition.revision
        end as revision
        from edition
        where edition.commentary_id = working_document.commentary_id and edition.language = working_document.language
        order by edition.language
        limit 1
    ) as seen
    where working_document.revision = seen.revision
),

found as materialized (
    select each.commentary_id, max(each.score) as score
    from (
        -- What is live is for everybody.
        select live.commentary_id, live.score
        from asked
        cross join lateral live_matches(asked.query, asked.part, null, :week, :section, :state, :most) as live
        union all
        select one.commentary_id, one.score
        from asked
        cross join lateral working_matches(asked.query, asked.part, :week, :section, :state, :most) as one
        inner join edition
            on edition.commentary_id = one.commentary_id
            and edition.language = one.language
            and edition.revision = one.revision
        where :sees_all
        union all
        select one.commentary_id, one.score
        from asked
        cross join lateral (
            select
                visible.commentary_id,
                match_score(worked_on.heading_words, worked_on.words, asked.query) as score
            from visible
            inner join working_document as worked_on
                on worked_on.commentary_id = visible.commentary_id
                and worked_on.language = visible.language
                and worked_on.revision = visible.revision
            where worked_on.words @@ asked.query or worked_on.heading like '%' || asked.part || '%'
            order by worked_on.created_at desc
            limit :most
        ) as one
        union all
        -- What was saved so lately that its words are not made yet is read as it stands.
        select
            lately.commentary_id,
            (1000000 * (
                4 * ts_rank(
                    searchable(lately.language, concat_ws(' ', written.title, written.lead), :query),
                    asked_in.query
                )
                + ts_rank(written.words, asked_in.query, 1)
            ))::integer
        from asked
        cross join (
            select
                due.commentary_id,
                due.language,
                due.revision
            from working_document as due
            where due.words is null
                and (
                    case
                        when :sees_all then exists (
                            select from edition
                            where edition.commentary_id = due.commentary_id
                                and edition.language = due.language
                                and edition.revision = due.revision
                        )
                        else (due.commentary_id, due.language, due.revision) in (
                            select visible.commentary_id, visible.language, visible.revision from visible
                        )
                    end
                )
            order by due.created_at desc
            limit :most
        ) as lately
        inner join asked_in on asked_in.tag = lately.language
        cross join lateral (
            select
                revision.title,
                revision.lead,
                searchable(
                    lately.language, text_of(revision.title, revision.lead, revision.blocks), :query
                ) as words
            from revision
            where revision.commentary_id = lately.commentary_id
                and revision.language = lately.language
                and revision.number = lately.revision
            order by revision.number
            limit 1
        ) as written
        where strpos(folded(concat_ws(' ', written.title, written.lead)), asked.part) > 0
            or written.words @@ asked_in.query
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
