-- name: search_published(language, asked, before_score, before, before_slug, page)
-- Live texts that have all of these words, the best first, each with the forms in which the words stand in it.
with asked as materialized (
    -- Once, not for each text and each of its words.
    select made.query, replace(made.query::text, '&', '|')::tsquery as any_word
    from (select search_query(:language, :asked) as query offset 0) as made
)

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
    public_page.blocks,
    found.score,
    (
        select coalesce(array_agg(distinct form.words[place]), '{}')
        from (select string_to_array(published_text.body, ' ') as words) as form
        cross join lateral unnest(published_text.words) as lexeme
        cross join lateral unnest(lexeme.positions) as place
        where array_to_tsvector(array[lexeme.lexeme]) @@ found.any_word
    ) as forms,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from (
    select
        likely.commentary_id,
        likely.language,
        -- Small numbers are alike everywhere; a title counts four times.
        (1000000 * (
            4 * ts_rank(likely.heading_words, asked.query)
            + ts_rank(likely.words, asked.query, 1)
        ))::integer as score,
        asked.any_word
    from asked
    inner join published_text as likely on likely.words @@ asked.query
    where likely.language = :language
) as found
inner join published_text
    on published_text.commentary_id = found.commentary_id and published_text.language = found.language
inner join public_page
    on public_page.commentary_id = found.commentary_id and public_page.language = found.language
where :before_score::integer is null
    or (found.score, public_page.first_published_exactly, public_page.slug)
    < (:before_score, :before::timestamptz, :before_slug::text)
order by found.score desc, public_page.first_published_exactly desc, public_page.slug desc
limit :page;

-- name: correct_words(language, asked)$
-- The words that were asked for, each of them that is in no live text replaced by one that is: with two neighbouring
-- letters in each other's place, which three-letter pieces hardly see in a short word, or else by the nearest.
select string_agg(
    case
        when is_published(:language, one.word) then one.word
        else coalesce(
            (
                select swapped.word
                from generate_series(1, length(one.word) - 1) as first (letter)
                cross join lateral (
                    select overlay(
                        one.word placing reverse(substr(one.word, first.letter, 2)) from first.letter for 2
                    )
                ) as swapped (word)
                where length(one.word) <= 30 and is_published(:language, swapped.word)
                order by first.letter
                limit 1
            ),
            nearest_word(:language, one.word),
            one.word
        )
    end,
    ' ' order by one.place
)
from regexp_split_to_table(folded(:asked), ' ') with ordinality as one (word, place)
where one.place <= 10 and one.word <> '';
