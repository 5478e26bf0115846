-- Full-text search: what readers can find is a table of its own, in which nothing else ever stands.
-- depends: 0034_public_generation

-- migrate: apply

-- Belarusian by hunspell's dictionary, where the server has it (Debian: hunspell-be); else words as they are.
create text search configuration belarusian (copy = simple);
do $$
begin
    create text search dictionary belarusian_hunspell (template = ispell, dictfile = be_by, afffile = be_by);
    alter text search configuration belarusian
    alter mapping for word, hword, hword_part with belarusian_hunspell, simple;
exception when config_file_error then
    raise notice 'there is no hunspell dictionary be_by: inflected Belarusian words are found by their beginnings';
end
$$;

-- Words as they are compared: NFC, small, without link targets, stress marks and apostrophes, е for ё and у for ў
-- (which one stands is a matter of the word before, or of the keyboard), one blank between them.
create function folded(words text) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select btrim(regexp_replace(
        translate(
            regexp_replace(lower(normalize(words, nfc)), '\]\([^()]*\)', ' ', 'g'),
            'ёў''’ʼ‘`´' || U&'\0301\0300',
            'еу'
        ),
        '[^[:alnum:]]+', ' ', 'g'
    ))
$$;

create function search_configuration(language text) returns regconfig
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select case split_part(language, '-', 1)
        when 'ru' then 'pg_catalog.russian'::regconfig
        when 'en' then 'pg_catalog.english'::regconfig
        when 'be' then 'public.belarusian'::regconfig
        else 'pg_catalog.simple'::regconfig
    end
$$;

-- Everything that a text says, folded.
create function words_of_text(title text, lead text, blocks jsonb) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
    select folded(concat_ws(' ', title, lead, (
        select string_agg(
            concat_ws(
                ' ', block ->> 'text', block ->> 'alt',
                (select string_agg(item, ' ') from jsonb_array_elements_text(block -> 'items') as item)
            ),
            ' ' order by place
        )
        from jsonb_array_elements(blocks) with ordinality as one (block, place)
    )))
$$;

create function searchable(language text, words text) returns tsvector
language sql immutable strict parallel safe
set search_path = pg_catalog, public, pg_temp
as $$ select to_tsvector(search_configuration(language), words) $$;

-- What somebody asks for: all of the words. Nothing in them is syntax. A Belarusian word of five letters or more
-- is also found by its beginning, without the last two, since Postgres cannot inflect it.
create function search_query(language text, asked text) returns tsquery
language sql immutable strict parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
    select case split_part(language, '-', 1)
        when 'be' then
            coalesce(
                (
                    select to_tsquery('pg_catalog.simple', string_agg(
                        case when length(word) < 5 then quote_literal(word)
                            else format('(%L | %L:*)', word, left(word, greatest(4, length(word) - 2)))
                        end,
                        ' & '
                    ))
                    from regexp_split_to_table(folded(asked), ' ') as word
                    where word <> ''
                ),
                ''::tsquery
            ) || plainto_tsquery('public.belarusian', folded(asked))
        else plainto_tsquery(search_configuration(language), folded(asked))
    end
$$;

-- The same, where the text may be in any language.
create function search_query(asked text) returns tsquery
language sql immutable strict parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
    select search_query('be', asked) || search_query('ru', asked) || search_query('en', asked)
        || plainto_tsquery('pg_catalog.simple', folded(asked))
$$;

create table published_text (
    commentary_id uuid not null,
    language text not null,
    heading text not null,
    body text not null,
    heading_words tsvector not null,
    words tsvector not null,
    primary key (commentary_id, language),
    constraint a_published_text_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language)
);

comment on table published_text is
'The words of what is live, folded, and nothing else: neither a result nor its time can tell of a draft.';

create index published_text_words on published_text using gin (words);
create index published_text_heading on published_text using gin (heading gin_trgm_ops);

create function keep_published_text() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.live_revision is null then
        delete from published_text
        where commentary_id = new.commentary_id and language = new.language;
        return null;
    end if;
    insert into published_text (commentary_id, language, heading, body, heading_words, words)
    select
        revision.commentary_id,
        revision.language,
        told.heading,
        told.body,
        searchable(revision.language, told.heading),
        searchable(revision.language, told.body)
    from revision
    cross join lateral (
        select
            folded(concat_ws(' ', revision.title, revision.lead)) as heading,
            words_of_text(revision.title, revision.lead, revision.blocks) as body
    ) as told
    where revision.commentary_id = new.commentary_id
        and revision.language = new.language
        and revision.number = new.live_revision
    on conflict (commentary_id, language) do update
    set heading = excluded.heading,
        body = excluded.body,
        heading_words = excluded.heading_words,
        words = excluded.words;
    return null;
end
$$;

create trigger published_text after update on edition for each row
when (old.live_revision is distinct from new.live_revision) execute function keep_published_text();
alter table edition enable always trigger published_text;
create trigger published_text_of_new after insert on edition for each row
when (new.live_revision is not null) execute function keep_published_text();
alter table edition enable always trigger published_text_of_new;

call watch(
    'published_text', 'editorial', 'commentary_id', 'commentary_id,language', 'heading,body,heading_words,words'
);

-- The word of a live title or lead that is most like one that nothing is found by.
create function nearest_word(in_language text, asked text) returns text
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set pg_trgm.word_similarity_threshold = 0.4
as $$
    select near.word
    from (
        select published_text.heading from published_text
        where published_text.language = in_language and published_text.heading %> asked
        limit 200
    ) as likely
    cross join lateral regexp_split_to_table(likely.heading, ' ') as near (word)
    where similarity(near.word, asked) >= 0.35
    order by similarity(near.word, asked) desc, near.word
    limit 1
$$;

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
insert into published_text (commentary_id, language, heading, body, heading_words, words)
select
    revision.commentary_id,
    revision.language,
    told.heading,
    told.body,
    searchable(revision.language, told.heading),
    searchable(revision.language, told.body)
from edition
inner join revision
    on revision.commentary_id = edition.commentary_id
    and revision.language = edition.language
    and revision.number = edition.live_revision
cross join lateral (
    select
        folded(concat_ws(' ', revision.title, revision.lead)) as heading,
        words_of_text(revision.title, revision.lead, revision.blocks) as body
) as told;

grant select on published_text to editorial_app;
grant execute on function folded(text), search_configuration(text), words_of_text(text, text, jsonb),
searchable(text, text), search_query(text, text), search_query(text), nearest_word(text, text) to editorial_app;

-- migrate: rollback
