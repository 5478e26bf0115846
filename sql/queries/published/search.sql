-- name: search_published(language, asked, any_word, before_score, before, before_slug, most, page)
-- Live texts that have all of these words, or any of them, the best first, each with the forms in which the words stand
-- in it. At most so many are ranked: the newest.
with asked as materialized (
    -- Once, not for each text and each of its words.
    select
        case when :any_word::boolean then made.any_word else made.query end as query,
        array(
            select replace(lexeme.quoted[1], '''''', '''') from regexp_matches(made.query::text, '''((?:[^'']|'''')+)''', 'g') as lexeme (quoted)
        ) as lexemes
    from (
        select whole.query, replace(whole.query::text, '&', '|')::tsquery as any_word
        from (select search_query(:language, :asked) as query offset 0) as whole
    ) as made
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
        from (select string_to_array(search_document.body, ' ') as words) as form
        cross join lateral unnest(search_document.words) as lexeme
        cross join lateral unnest(lexeme.positions) as place
        where lexeme.lexeme = any(found.lexemes)
    ) as forms,
    (
        select is_altered(edition.live_approval_id) from edition
        where edition.commentary_id = public_page.commentary_id and edition.language = public_page.language
    ) as is_altered
from (
    select
        likely.commentary_id,
        likely.language,
        likely.score,
        asked.lexemes
    from asked
    cross join lateral live_matches(asked.query, null, :language, null, null, null, :most) as likely
) as found
inner join search_document
    on search_document.commentary_id = found.commentary_id and search_document.language = found.language
inner join public_page
    on public_page.commentary_id = found.commentary_id and public_page.language = found.language
where :before_score::integer is null
    or (found.score, public_page.first_published_exactly, public_page.slug)
    < (:before_score, :before::timestamptz, :before_slug::text)
order by found.score desc, public_page.first_published_exactly desc, public_page.slug desc
limit :page;

-- name: read_words(language, asked)
-- The words that were asked for, whether a live text has each, and of one that none has, which word was meant.
select
    word.spelling,
    word.is_known,
    word.correction
from words_asked_for(:language, :asked) as word
order by word.place;
