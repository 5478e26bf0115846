-- name: place_to_begin(section, author, byline)^
-- What a new commentary is judged by: the languages of the newsroom, whether the section takes new texts (null where
-- there is no such section), and the author's own byline of that name, where one is asked for.
select
    array(
        select language.tag from language
        order by language.position
    ) as languages,
    (
        select not section.is_closed from section
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
