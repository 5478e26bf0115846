-- name: get_commentary(id, actor, writer, languages, sees_all, translator_states)^
-- A commentary that the actor may see, with its editions and latest source text, and how they stand to it. They are
-- the `writer` of their texts while they have the role for it.
select
    commentary.id,
    commentary.version,
    commentary.state,
    commentary.week,
    commentary.section,
    commentary.source_language,
    commentary.author_id,
    author.display_name as author_name,
    byline.name as byline,
    commentary.review_note,
    commentary.was_published,
    commentary.created_at,
    commentary.updated_at,
    section.closed as section_is_closed,
    commentary.author_id = :actor as is_author,
    exists (
        select from contributor
        where contributor.commentary_id = commentary.id and contributor.person_id = :actor
    ) as is_contributor,
    exists (
        select from translation_task
        where translation_task.commentary_id = commentary.id
            and translation_task.language = any(:languages::text[])
            and translation_task.state <> 'cancelled'
    ) as is_translator,
    commentary.author_id = :actor or exists (
        select from revision as written
        where written.commentary_id = commentary.id
            and written.language = commentary.source_language
            and written.created_by = :actor
            and written.number > coalesce((
                select max(approval.revision) from approval
                where approval.commentary_id = commentary.id
                    and approval.language = commentary.source_language
                    and approval.withdrawn_at is null
            ), 0)
    ) as wrote_it,
    coalesce((
        select jsonb_agg(jsonb_build_object('id', person.id, 'display_name', person.display_name) order by person.id)
        from contributor inner join person on person.id = contributor.person_id
        where contributor.commentary_id = commentary.id
    ), '[]'::jsonb) as contributors,
    (
        select
            jsonb_agg(
                jsonb_build_object(
                    'language', edition.language,
                    'is_source', edition.is_source,
                    'is_active', edition.is_active,
                    'status', edition.status,
                    'revision', edition.revision,
                    'approved_revision', edition.approved_revision,
                    'title_for_address', case
                        when edition.slug is null
                            then (
                                select approved.title from revision as approved
                                where approved.commentary_id = edition.commentary_id
                                    and approved.language = edition.language
                                    and approved.number = edition.approved_revision
                            )
                    end,
                    'live_revision', edition.live_revision,
                    'slug', edition.slug,
                    'first_published_at', edition.first_published_at,
                    'published_at', edition.published_at,
                    'scheduled_for', edition.scheduled_for,
                    'schedule_refusal', edition.schedule_refusal,
                    'retraction_reason', edition.retraction_reason,
                    'correction_pending', edition.correction_pending_since is not null,
                    'task_id', translation_task.id,
                    'task_state', translation_task.state,
                    'task_source_revision', translation_task.source_revision,
                    'facts', case
                        when seen.sight = 'whole'
                            then publication_facts(
                                edition.commentary_id,
                                edition.language,
                                case
                                    when edition.is_source then edition.revision
                                    else coalesce(edition.approved_revision, edition.live_revision)
                                end
                            )
                    end
                )
                order by edition.is_source desc, language.position
            )
        from edition
        inner join language on language.tag = edition.language
        left join translation_task
            on translation_task.commentary_id = edition.commentary_id
            and translation_task.language = edition.language
        where edition.commentary_id = commentary.id
    ) as editions,
    array(
        select publication_check.name from publication_check
        where publication_check.blocks
    ) as blocking_checks,
    source.number as source_number,
    source.title,
    source.lead,
    source.trend,
    source.photo,
    source.blocks
from commentary
inner join person as author on author.id = commentary.author_id
inner join section on section.key = commentary.section
left join byline on byline.id = commentary.byline_id
inner join edition as source_edition on source_edition.commentary_id = commentary.id and source_edition.is_source
inner join revision as source
    on source.commentary_id = commentary.id
    and source.language = commentary.source_language
    and source.number = source_edition.revision
cross join lateral sight_of(
    commentary.id, commentary.author_id, commentary.state,
    :writer::uuid, :languages::text[], :sees_all::boolean, :translator_states::text[]
) as seen
-- Before anything is put together: what is hidden takes as long as what is not there.
where commentary.id = :id and seen.sight is not null;

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

-- name: place_to_begin(section, author, byline)^
-- What a new commentary is judged by: the languages of the newsroom, whether the section takes new texts (null where
-- there is no such section), and the author's own byline of that name, where one is asked for.
select
    array(
        select language.tag from language
        order by language.position
    ) as languages,
    (
        select not section.closed from section
        where section.key = :section
    ) as section_is_open,
    case
        when :byline::text is not null
            then (
                select own.byline_id from byline_links(:author, :byline) as own
            )
    end as byline;

-- name: begin_commentary(id, week, section, source_language, author, byline, targets, title, lead, trend, photo, blocks)!
-- A new commentary, a draft, with an edition in each language that it is wanted in, and the first revision of its text.
with begun as (
    insert into commentary (id, week, section, source_language, author_id, byline_id)
    values (:id, :week, :section, :source_language, :author, :byline)
    returning id, source_language, author_id
),

written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    select begun.id, begun.source_language, 1, :title, :lead, :trend, :photo, :blocks, begun.author_id
    from begun
    returning commentary_id, language, number
)

insert into edition (commentary_id, language, is_source, revision)
select written.commentary_id, written.language, true, written.number
from written
union all
select begun.id, wanted.language, false, null
from begun
cross join unnest(:targets::text[]) as wanted (language);

-- name: add_edition(commentary, language)!
-- A language that a commentary is wanted in. One that was dropped is wanted again.
insert into edition (commentary_id, language, is_source)
values (:commentary, :language, false)
on conflict (commentary_id, language) do update set is_active = true;

-- name: drop_edition(commentary, language)!
-- A language that a commentary is not wanted in any more. Its text is kept.
update edition set is_active = false
where commentary_id = :commentary and language = :language;

-- name: add_revision(commentary, language, number, title, lead, trend, photo, blocks, created_by)!
-- A new state of a source text, which becomes its latest.
with written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    values (:commentary, :language, :number, :title, :lead, :trend, :photo, :blocks, :created_by)
    returning commentary_id, language, number
)

update edition set revision = written.number
from written
where edition.commentary_id = written.commentary_id and edition.language = written.language;

-- name: edit_commentary_at_once(context, id, version, language, number, title, lead, trend, photo, blocks, created_by)$
-- The same for the source text of a commentary that is as it was seen, which gets a new version, in a transaction
-- of its own; nothing where it is not.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    select seen.id, :language, :number, :title, :lead, :trend, :photo, :blocks, :created_by
    from seen
    returning commentary_id, language, number
),

latest as (
    update edition set revision = written.number
    from written
    where edition.commentary_id = written.commentary_id and edition.language = written.language
    returning edition.commentary_id
)

update commentary set updated_at = now()
from latest
where commentary.id = latest.commentary_id
returning commentary.version;

-- name: hand_in_at_once(context, id, version, state, language, number, title, lead, trend, photo, blocks, created_by)$
-- The same for a text that is handed in with other words than it has: its new state, and no request is open any more.
with opened as materialized (
    select set_config('editorial.context', :context, true)
),

seen as materialized (
    select commentary.id from opened, commentary
    where commentary.id = :id and commentary.version = :version
    for no key update of commentary
),

written as (
    insert into revision (commentary_id, language, number, title, lead, trend, photo, blocks, created_by)
    select seen.id, :language, :number, :title, :lead, :trend, :photo, :blocks, :created_by
    from seen
    returning commentary_id, language, number
),

latest as (
    update edition set revision = written.number
    from written
    where edition.commentary_id = written.commentary_id and edition.language = written.language
    returning edition.commentary_id
)

update commentary set state = :state, review_note = null, updated_at = now()
from latest
where commentary.id = latest.commentary_id
returning commentary.version;

-- name: get_revision(commentary, language, number)^
-- One state of an edition's text, and whether it is, byte for byte, the one that was written.
select
    revision.language,
    revision.number,
    revision.title,
    revision.lead,
    revision.trend,
    revision.photo,
    revision.blocks,
    revision.source_revision,
    revision.units,
    revision.created_at,
    revision.created_by,
    person.display_name as created_by_name,
    revision.content_hash
    = content_hash_of(revision.title, revision.lead, revision.trend, revision.photo, revision.blocks) as is_as_written
from revision
inner join person on person.id = revision.created_by
where revision.commentary_id = :commentary and revision.language = :language and revision.number = :number;

-- name: list_revisions(commentary, language, numbers, before, page)
-- The states of an edition's text, latest first; `numbers`, where given, are the only ones that may be seen.
select
    revision.number,
    revision.title,
    revision.created_at,
    revision.created_by,
    person.display_name as created_by_name,
    exists (
        select from approval
        where approval.commentary_id = revision.commentary_id
            and approval.language = revision.language
            and approval.revision = revision.number
            and approval.withdrawn_at is null
    ) as approved
from revision
inner join person on person.id = revision.created_by
where revision.commentary_id = :commentary
    and revision.language = :language
    and (:numbers::integer[] is null or revision.number = any(:numbers))
    and (:before::integer is null or revision.number < :before)
order by revision.number desc
limit :page;

-- name: touch_commentary(id)!
-- Something that belongs to the commentary has changed: it gets a new version.
update commentary set updated_at = now()
where id = :id;

-- name: transition_commentary(id, state, review_note)!
-- The commentary's new state. The note is the last request for changes; none leaves it as it is.
update commentary
set state = :state, review_note = coalesce(:review_note, review_note), updated_at = now()
where id = :id;

-- name: move_commentary_at_once(context, id, version, state, review_note)^
-- The same for a commentary that is as it was seen, in a transaction of its own; nothing where it is not. The note is
-- the request for changes that is open after it.
with opened as materialized (
    select set_config('editorial.context', :context, true)
)

update commentary
set state = :state, review_note = :review_note, updated_at = now()
from opened
where commentary.id = :id and commentary.version = :version
returning commentary.version, commentary.state, commentary.review_note, commentary.updated_at;

-- name: change_metadata(id, week, section)!
-- Where in the digest a commentary stands. What is null stays.
update commentary
set week = coalesce(:week, week), section = coalesce(:section, section), updated_at = now()
where id = :id;

-- name: change_byline(id, byline)!
-- The public name on a commentary, or none.
update commentary set byline_id = :byline, updated_at = now()
where id = :id;

-- name: find_byline(person, name)$
-- A person's own byline of that name.
select own.byline_id from byline_links(:person, :name) as own;

-- name: name_contributor(commentary, person)!
-- Somebody who may write on this text.
insert into contributor (commentary_id, person_id) values (:commentary, :person)
on conflict do nothing;

-- name: unname_contributor(commentary, person)!
-- Somebody who may not write on this text any more.
delete from contributor
where commentary_id = :commentary and person_id = :person;

-- name: analysts_among(people)
-- Which of these people can be named as contributors.
select person.id from person
inner join person_role on person_role.person_id = person.id and person_role.role = 'analyst'
where person.id = any(:people::uuid[]) and person.state = 'active';

-- name: open_section(key)$
-- Whether a section takes new texts. Null where there is no such section.
select not section.closed from section
where section.key = :key;

-- name: known_languages()
-- The languages of the newsroom.
select language.tag from language
order by language.position;
