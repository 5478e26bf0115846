-- Belarusian by its dictionary wherever the server has one: words are looked up as they are spelled, and folded then.
-- depends: 0042_growth

-- migrate: apply

-- What a text says, as it is written. Of a very long one the beginning: a tsvector takes a megabyte.
create function text_of(title text, lead text, blocks jsonb) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select left(concat_ws(' ', title, lead, (
        select string_agg(
            concat_ws(
                ' ', block ->> 'text', block ->> 'alt',
                (select string_agg(item, ' ') from jsonb_array_elements_text(block -> 'items') as item)
            ),
            ' ' order by place
        )
        from jsonb_array_elements(blocks) with ordinality as one (block, place)
    )), 150000)
$$;

-- The words of a text as they are spelled, small, with one kind of apostrophe; as many, and in the same order, as
-- the folded text has.
create function spelled(words text) returns text[]
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select coalesce(array_agg(one.word order by one.place), '{}')
    from regexp_split_to_table(
        translate(
            regexp_replace(lower(normalize(words, nfc)), '\]\([^()]*\)', ' ', 'g'),
            '’ʼ‘`´' || U&'\0301\0300',
            ''''''''''''
        ),
        '[^[:alnum:]'']+'
    ) with ordinality as one (word, place)
    where one.word ~ '[[:alnum:]]'
$$;

-- The base forms of words, folded, by the place of the word; none where this server has no dictionary (any more).
-- Immutable as to_tsvector is: as long as its dictionary is the same. Only so is a query made once, not for each row.
-- A word may begin with ў in place of у after a vowel.
create function base_forms(words text[]) returns table (place bigint, form text)
language plpgsql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
declare
    dictionary oid := (
        select pg_ts_dict.oid from pg_ts_dict
        inner join pg_namespace on pg_namespace.oid = pg_ts_dict.dictnamespace
        where pg_namespace.nspname = 'editorial_dictionary' and pg_ts_dict.dictname = 'belarusian'
    );
begin
    if dictionary is null then
        return;
    end if;
    return query
    select distinct word.place, folded(base.form)
    from unnest(words) with ordinality as word (spelling, place)
    cross join lateral unnest(coalesce(
        ts_lexize(dictionary::regdictionary, word.spelling),
        ts_lexize(dictionary::regdictionary, translate(left(word.spelling, 1), 'ў', 'у') || substr(word.spelling, 2))
    )) as base (form);
exception when config_file_error then
    -- Its files are gone from this server. The doctor tells; what is published goes on.
    return;
end
$$;

-- The words of a text: each as it stands there, folded; of Belarusian ones, their base forms at the same place.
create or replace function searchable(language text, words text) returns tsvector
language plpgsql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
declare
    spellings text[];
begin
    if split_part(language, '-', 1) <> 'be' then
        return to_tsvector(search_configuration(language), folded(words));
    end if;
    spellings := spelled(words);
    return (
        select coalesce(string_agg(format('%s:%s', lexeme.word, least(lexeme.place, 16383)), ' '), '')::tsvector
        from (
            select folded(one.word) as word, one.place from unnest(spellings) with ordinality as one (word, place)
            union
            select base.form, base.place from base_forms(spellings) as base
        ) as lexeme
        where length(lexeme.word) between 1 and 500
    );
end
$$;

-- What somebody asks for: all of the words. Nothing in them is syntax. A Belarusian word is found as it is written,
-- by its base forms, and one of five letters or more by its beginning, without the last two.
create or replace function search_query(language text, asked text) returns tsquery
language plpgsql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
declare
    spellings text[];
begin
    if split_part(language, '-', 1) <> 'be' then
        return plainto_tsquery(search_configuration(language), folded(asked));
    end if;
    spellings := spelled(left(asked, 1000));
    return (
        select coalesce(string_agg(format('(%s)', one.meant), ' & '), '')::tsquery
        from (
            select string_agg(distinct meant.form, ' | ') as meant
            from (
                select word.place, quote_literal(folded(word.spelling)) as form
                from unnest(spellings) with ordinality as word (spelling, place)
                union all
                select word.place, quote_literal(left(told.word, greatest(4, length(told.word) - 2))) || ':*'
                from unnest(spellings) with ordinality as word (spelling, place)
                cross join lateral folded(word.spelling) as told (word)
                where length(told.word) >= 5
                union all
                select base.place, quote_literal(base.form) from base_forms(spellings) as base
            ) as meant
            group by meant.place
        ) as one
    );
end
$$;

create or replace function search_query(asked text) returns tsquery
language sql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
    select search_query('be', asked) || search_query('ru', asked) || search_query('en', asked)
        || plainto_tsquery('pg_catalog.simple', folded(asked))
$$;

alter function is_published(text, text) parallel unsafe;

create or replace function search_configuration(language text) returns regconfig
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select case split_part(language, '-', 1)
        when 'ru' then 'pg_catalog.russian'::regconfig
        when 'en' then 'pg_catalog.english'::regconfig
        else 'pg_catalog.simple'::regconfig
    end
$$;

create or replace function keep_published_text() returns trigger
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
        folded(told.heading),
        folded(told.body),
        searchable(revision.language, told.heading),
        searchable(revision.language, told.body)
    from revision
    cross join lateral (
        select
            concat_ws(' ', revision.title, revision.lead) as heading,
            text_of(revision.title, revision.lead, revision.blocks) as body
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

-- Takes the dictionary into use as this server has it now, or gives it up, and says why. In a schema of
-- its own, so that a dump can leave it out: it would not go into a server that lacks the files.
create function renew_dictionary() returns text
language plpgsql volatile
set search_path = pg_catalog
as $$
begin
    create schema if not exists editorial_dictionary;
    drop text search dictionary if exists editorial_dictionary.belarusian;
    begin
        create text search dictionary editorial_dictionary.belarusian (
            template = ispell, dictfile = be_by, afffile = be_by
        );
    exception when config_file_error then
        drop schema editorial_dictionary;
        return sqlerrm;
    end;
    return null;
end
$$;

-- Whether the dictionary that is in use can be read on this server; null where none is in use.
create function dictionary_serves() returns boolean
language plpgsql stable parallel unsafe
set search_path = pg_catalog
as $$
begin
    return (
        select coalesce(cardinality(ts_lexize(pg_ts_dict.oid::regdictionary, 'дом')), 0) >= 0 from pg_ts_dict
        inner join pg_namespace on pg_namespace.oid = pg_ts_dict.dictnamespace
        where pg_namespace.nspname = 'editorial_dictionary' and pg_ts_dict.dictname = 'belarusian'
    );
exception when config_file_error then
    return false;
end
$$;

-- Indexes the next texts anew: the last of them, and how many were not indexed as they would be now.
create function index_anew(after uuid, page integer, out last uuid, out changed integer)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    with next_ones as (
        select distinct published_text.commentary_id from published_text
        where published_text.commentary_id > after
        order by published_text.commentary_id
        limit page
    ),

    renewed as (
        update published_text
        set heading = told.heading, body = told.body, heading_words = told.heading_words, words = told.words
        from (
            select
                edition.commentary_id,
                edition.language,
                folded(written.heading) as heading,
                folded(written.body) as body,
                searchable(edition.language, written.heading) as heading_words,
                searchable(edition.language, written.body) as words
            from next_ones
            inner join edition on edition.commentary_id = next_ones.commentary_id
            inner join revision
                on revision.commentary_id = edition.commentary_id
                and revision.language = edition.language
                and revision.number = edition.live_revision
            cross join lateral (
                select
                    concat_ws(' ', revision.title, revision.lead) as heading,
                    text_of(revision.title, revision.lead, revision.blocks) as body
            ) as written
        ) as told
        where published_text.commentary_id = told.commentary_id
            and published_text.language = told.language
            and (published_text.heading, published_text.body, published_text.heading_words, published_text.words)
            is distinct from (told.heading, told.body, told.heading_words, told.words)
        returning 1
    )

    select (select next_ones.commentary_id from next_ones order by next_ones.commentary_id desc limit 1),
        (select count(*) from renewed)
    into last, changed;
end
$$;

drop text search configuration belarusian;
drop text search dictionary if exists belarusian_hunspell;
drop function words_of_text(text, text, jsonb);

select renew_dictionary();
select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
select index_anew('00000000-0000-0000-0000-000000000000', 2147483647);

grant execute on function text_of(text, text, jsonb), spelled(text), base_forms(text[]) to editorial_app;

-- migrate: rollback
