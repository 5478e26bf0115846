-- Full-text search: in what is live for readers, and in what is in work for the desk.
-- depends: 0006_publication

-- migrate: apply

-- Words as they are compared: NFC, lower case, without link targets, stress marks, apostrophes and invisible signs (soft
-- hyphens, zero-width signs, joiners), with е for ё and у for ў, and one blank between them.
create function folded(words text) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select btrim(regexp_replace(
        translate(
            regexp_replace(
                lower(normalize(regexp_replace(
                    words,
                    '[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g'
                ), nfc)),
                '\]\([^()]*\)', ' ', 'g'
            ),
            'ёў''’ʼ‘`´' || U&'\0301\0300',
            'еу'
        ),
        '[^[:alnum:]]+', ' ', 'g'
    ))
$$;

create table search_document (
    commentary_id uuid not null,
    language text not null,
    heading text not null,
    body text not null,
    heading_words tsvector not null,
    words tsvector not null,
    first_published_at timestamptz not null,
    primary key (commentary_id, language),
    constraint a_published_text_belongs_to_an_edition foreign key (commentary_id, language)
    references edition (commentary_id, language)
);

comment on table search_document is
'The words of what is live, folded, and nothing else: neither a result nor its time can tell of a draft.';

create index search_document_words on search_document using gin (words);
create index search_document_heading on search_document using gin (heading gin_trgm_ops);
create index search_document_newest on search_document (language, first_published_at desc);
create index search_document_newest_of_all on search_document (first_published_at desc);

grant select on search_document to editorial_app;

create table working_document (
    commentary_id uuid not null,
    language text not null,
    revision integer not null,
    created_at timestamptz not null,
    heading text,
    heading_words tsvector,
    words tsvector,
    primary key (commentary_id, language, revision),
    constraint a_working_document_belongs_to_a_revision foreign key (commentary_id, language, revision)
    references revision (commentary_id, language, number),
    constraint a_working_document_is_indexed_as_a_whole check (
        (words is null) = (heading is null) and (words is null) = (heading_words is null)
    )
);

comment on table working_document is
'The words of texts in work: of each edition the latest revision, and of a source the approved one. A save adds a row without words, which the worker fills.';

-- Words are read by thousands of rows in one search: uncompressed, each is read three times as fast.
alter table search_document alter column words set storage external, alter column heading_words set storage external;
alter table working_document alter column words set storage external, alter column heading_words set storage external;

create index working_document_words on working_document using gin (words);
create index working_document_heading on working_document using gin (heading gin_trgm_ops);
create index working_document_newest on working_document (created_at desc);
create index working_document_due on working_document (created_at) where words is null;

grant select on working_document to editorial_app;

create function search_configuration(language text) returns regconfig
language sql immutable strict parallel safe
set search_path = pg_catalog
as $$
    select case split_part(language, '-', 1)
        when 'ru' then 'pg_catalog.russian'::regconfig
        when 'en' then 'pg_catalog.english'::regconfig
        else 'pg_catalog.simple'::regconfig
    end
$$;

create function searchable(language text, words text, asked text) returns tsvector
language plpgsql immutable parallel unsafe cost 10000
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if asked is not null and split_part(language, '-', 1) <> 'be' then
        -- Postgres reads these by itself, and fast.
        return to_tsvector(search_configuration(language), folded(words)) || (
            with likely as materialized (
                select word.form, array_agg(word.place) as places, row_number() over (order by word.form) as number
                from unnest(string_to_array(folded(words), ' ')) with ordinality as word (form, place)
                where length(word.form) < 500 and left(word.form, 1) in (
                    select left(one.form, 1) from unnest(string_to_array(folded(asked), ' ')) as one (form)
                )
                group by word.form
            )

            select coalesce(string_agg(format('%s:%s', found.lexeme, least(found.place, 16383)), ' '), '')::tsvector
            from (
                select 'W' || likely.form as lexeme, one.place
                from likely
                cross join lateral unnest(likely.places[1:255]) as one (place)
                union all
                select distinct stem.stem, likely.places[1]
                from (select array_agg(likely.form order by likely.number) as forms from likely) as given
                cross join lateral stems(language, given.forms) as stem
                inner join likely on likely.number = stem.place
            ) as found
        );
    end if;
    return (
        select coalesce(string_agg(format('%s:%s', found.lexeme, found.places), ' '), '')::tsvector
        from (
            select each.lexeme, string_agg(each.place::text, ',') as places
            from (
                select one.lexeme, least(one.place, 16383) as place,
                    row_number() over (partition by one.lexeme order by one.place) as number
                from lexemes(searchable.language, searchable.words, searchable.asked) as one
            ) as each
            where each.number < 256
            group by each.lexeme
        ) as found
    );
exception when program_limit_exceeded then
    -- Of a text with more different words than an index entry holds, the words as they are written.
    return (
        select coalesce(string_agg(format('W%s', word.form), ' '), '')::tsvector
        from (select distinct regexp_split_to_table(folded(searchable.words), ' ') as form) as word
        where length(word.form) between 1 and 500
    );
end
$$;

-- The words of a text: each as it stands there, folded; of Belarusian ones, their base forms at the same place.
create function searchable(language text, words text) returns tsvector
language sql immutable strict parallel unsafe cost 10000
set search_path = pg_catalog, public, pg_temp
as $$ select searchable(language, words, null) $$;

-- The query for some words: all of them, each by any of its lexemes. Nothing in them is syntax.
create function search_query(language text, asked text) returns tsquery
language plpgsql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return (
        select coalesce(string_agg(format('(%s)', one.meant), ' & '), '')::tsquery
        from (
            select string_agg(distinct quote_literal(found.lexeme), ' | ') as meant
            from lexemes(search_query.language, left(search_query.asked, 1000), null) as found
            group by found.place
        ) as one
    );
end
$$;

-- The query for words in any language.
create function search_query(asked text) returns tsquery
language sql immutable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
    select search_query('be', asked) || search_query('ru', asked) || search_query('en', asked)
        || plainto_tsquery('pg_catalog.simple', folded(asked))
$$;

create function keep_search_document() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if new.live_revision is null then
        delete from search_document
        where commentary_id = new.commentary_id and language = new.language;
        return null;
    end if;
    insert into search_document (
        commentary_id, language, heading, body, heading_words, words, first_published_at
    )
    select
        revision.commentary_id,
        revision.language,
        folded(told.heading),
        folded(told.body),
        searchable(revision.language, told.heading),
        searchable(revision.language, told.body),
        new.first_published_at
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
        words = excluded.words,
        first_published_at = excluded.first_published_at;
    return null;
end
$$;

-- Keeps the list of revisions in work that a search may read. Their words are not made here: it takes tens of
-- milliseconds, and nobody who saves a text should wait for them.
create function keep_working_document() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    approved integer := case when new.is_source then new.approved_revision end;
begin
    delete from working_document
    where commentary_id = new.commentary_id and language = new.language
        and (revision = new.live_revision or revision not in (coalesce(new.revision, 0), coalesce(approved, 0)));
    insert into working_document (commentary_id, language, revision, created_at)
    select new.commentary_id, new.language, wanted.revision, commentary.created_at
    from (select new.revision union select approved) as wanted (revision)
    inner join commentary on commentary.id = new.commentary_id
    where wanted.revision is not null and wanted.revision is distinct from new.live_revision
    on conflict do nothing;
    return null;
end
$$;

-- Makes the words of one revision in work. The row is locked only while it is written.
create function index_working_document(in_commentary uuid, in_language text, in_revision integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    update working_document
    set heading = told.heading, heading_words = told.heading_words, words = told.words
    from (
        select
            folded(concat_ws(' ', revision.title, revision.lead)) as heading,
            searchable(in_language, concat_ws(' ', revision.title, revision.lead)) as heading_words,
            searchable(in_language, text_of(revision.title, revision.lead, revision.blocks)) as words
        from revision
        where revision.commentary_id = in_commentary
            and revision.language = in_language
            and revision.number = in_revision
        offset 0
    ) as told
    where working_document.commentary_id = in_commentary
        and working_document.language = in_language
        and working_document.revision = in_revision
        and working_document.words is null;
end
$$;

-- How well a text has the words: small numbers are alike everywhere, and a title counts four times. (Each name has its
-- schema, because a function with a search path of its own is not planned as a part of its query.)
create function match_score(
    heading_words pg_catalog.tsvector, words pg_catalog.tsvector, asked pg_catalog.tsquery
) returns integer
language sql immutable parallel safe
as $$
    select (1000000::pg_catalog.float4 operator(pg_catalog.*) (
        4::pg_catalog.float4 operator(pg_catalog.*) pg_catalog.ts_rank(heading_words, asked)
        operator(pg_catalog.+) pg_catalog.ts_rank(words, asked, 1)
    ))::pg_catalog.int4
$$;

-- The newest live texts that have the words, at most so many, each with its score: in one language or, where none is
-- named, in any. `part` is a part of a heading that is enough, for the desk; week, section and state narrow the choice.
-- Each call is planned with the words at hand: a rare word is read from the index, and of a common one only the newest
-- texts are read.
create function live_matches(
    asked tsquery, part text, in_language text, in_week text, in_section text, in_state text, most integer
) returns table (commentary_id uuid, language text, score integer)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
    return query
        select live.commentary_id, live.language, match_score(live.heading_words, live.words, asked)
        from (
            select one.commentary_id, one.language, one.heading_words, one.words from search_document as one
            inner join commentary on commentary.id = one.commentary_id
            where one.words @@ asked
                and (in_language is null or one.language = in_language)
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                -- To those who see only what is live, any of it is published.
                and (in_state is null or in_state in (commentary.state, 'published'))
            order by one.first_published_at desc
            limit most
        ) as live;
    if part is not null then
        return query
            select live.commentary_id, live.language, 0 from search_document as live
            inner join commentary on commentary.id = live.commentary_id
            where live.heading like '%' || part || '%'
                and (in_language is null or live.language = in_language)
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or in_state in (commentary.state, 'published'))
            order by live.first_published_at desc
            limit most;
    end if;
end
$$;

-- The same of texts in work, for those who see them all.
create function working_matches(
    asked tsquery, part text, in_week text, in_section text, in_state text, most integer
) returns table (commentary_id uuid, language text, revision integer, score integer)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
    return query
        select one.commentary_id, one.language, one.revision, match_score(one.heading_words, one.words, asked)
        from (
            select worked_on.* from working_document as worked_on
            inner join commentary on commentary.id = worked_on.commentary_id
            where worked_on.words @@ asked
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or commentary.state = in_state)
            order by worked_on.created_at desc
            limit most
        ) as one;
    if part is not null then
        return query
            select one.commentary_id, one.language, one.revision, 0 from working_document as one
            inner join commentary on commentary.id = one.commentary_id
            where one.heading like '%' || part || '%'
                and (in_week is null or commentary.week = in_week)
                and (in_section is null or commentary.section = in_section)
                and (in_state is null or commentary.state = in_state)
            order by one.created_at desc
            limit most;
    end if;
end
$$;

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
            regexp_replace(
                lower(normalize(regexp_replace(
                    words,
                    '[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g'
                ), nfc)),
                '\]\([^()]*\)', ' ', 'g'
            ),
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

-- Indexes the next texts again. Returns the last of them, and how many of them changed.
create function reindex_published(after uuid, page integer, out last uuid, out changed integer)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    with next_ones as (
        select distinct search_document.commentary_id from search_document
        where search_document.commentary_id > after
        order by search_document.commentary_id
        limit page
    ),

    renewed as (
        update search_document
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
        where search_document.commentary_id = told.commentary_id
            and search_document.language = told.language
            and (search_document.heading, search_document.body, search_document.heading_words, search_document.words)
            is distinct from (told.heading, told.body, told.heading_words, told.words)
        returning 1
    )

    select (select next_ones.commentary_id from next_ones order by next_ones.commentary_id desc limit 1),
        (select count(*) from renewed)
    into last, changed;
end
$$;

-- What the forms of a word have in common, as lexemes: a light stemmer in the manner of Snowball's and Lucene's, whose
-- tables are the declensions of nouns and adjectives. A form may belong to more than one word (`кароў` to `карова`, or
-- to a `кар`), so each word has a stem for each of its readings, and two words meet where they share one. Capital
-- letters, which no folded word has, keep the kinds apart: S a noun's stem, A an adjective's, V a verb's.
-- What changes within a Belarusian stem is taken out of it: akanne and yakanne, ў and в, a mobile vowel (`рынак`,
-- `рынку`), к, г, х, т, д before the е of the locative, the doubled consonant of `ноччу`, в before a first о
-- (`акно`, `вокны`). A soft stem keeps its sign: `Беларусь` is no `беларус`.
create function stems(language text, words text[]) returns table (place bigint, stem text)
language sql immutable strict parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
    with given as (
        select split_part(stems.language, '-', 1) as tongue,
            translate(array_to_string(stems.words, ' '), 'ё', 'е') as forms
    ),

    word as materialized (
        select one.place, one.form, given.tongue
        from given
        cross join lateral unnest(string_to_array(
            case given.tongue
                -- ў stands after a vowel, and у at the beginning: which of them was typed does not matter.
                when 'be' then substr(
                    replace(regexp_replace(' ' || given.forms, '([аеіоуыэюя])у', '\1ў', 'g'), ' ў', ' у'), 2
                )
                else given.forms
            end,
            ' '
        )) with ordinality as one (form, place)
        where given.tongue in ('be', 'ru') and one.form ~ '^[а-яіў'']{3,40}$'
    ),

    -- Each reading of a form: the stem, its ending, and whether it is that of a noun, an adjective or a verb.
    reading as (
        select
            word.place,
            word.tongue,
            'S' as kind,
            rtrim(word.form, 'ьй') as stem,
            case right(word.form, 1) when 'ь' then 'ь' else '' end as ending,
            word.form
        from word
        where strpos('аеиіоуыэюя''', right(word.form, 1)) = 0
        union all
        select
            word.place,
            word.tongue,
            'S',
            left(word.form, -ending.letters),
            right(word.form, ending.letters),
            word.form
        from word
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where length(word.form) - size.letters > 1 and case word.tongue
                when 'be' then right(word.form, size.letters) in (
                    'амі', 'ямі', 'ьмі', 'іма', 'ыма', 'мі', 'ам', 'ям', 'ом', 'ем', 'ой', 'ей', 'эй', 'ай', 'яй',
                    'ою', 'ею', 'эю', 'аю', 'яю', 'аў', 'яў', 'оў', 'еў', 'ах', 'ях', 'а', 'я', 'у', 'ў', 'ю', 'ы',
                    'і', 'е', 'э', 'о'
                )
                else right(word.form, size.letters) in (
                    'ами', 'ями', 'ьми', 'ам', 'ям', 'ом', 'ем', 'ой', 'ей', 'ою', 'ею', 'ью', 'ов', 'ев', 'ах',
                    'ях', 'а', 'я', 'у', 'ю', 'ы', 'и', 'е', 'о'
                )
            end
            limit 1
        ) as ending
        union all
        select word.place, word.tongue, 'A', left(word.form, -ending.letters), '', word.form
        from word
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where length(word.form) - size.letters > 1 and right(word.form, size.letters) in (
                'ымі', 'імі', 'ога', 'ага', 'яга', 'ому', 'аму', 'яму', 'ая', 'яя', 'ае', 'яе', 'ое', 'ыя', 'ія',
                'ых', 'іх', 'ым', 'ім', 'ую', 'юю', 'ой', 'ай', 'яй', 'ою', 'аю', 'яю', 'ы', 'і'
            )
            limit 1
        ) as ending
        where word.tongue = 'be'
        union all
        select
            word.place,
            word.tongue,
            'V',
            case
                when length(bare.stem) > 4 and right(bare.stem, 2) in ('ав', 'яв', 'ів', 'ыв') then left(bare.stem, -2)
                else bare.stem
            end,
            '',
            word.form
        from word
        cross join lateral (
            select case
                when word.form like '%цца' then left(word.form, -3) || 'ць'
                when word.form like '%ся' then left(word.form, -2)
                else word.form
            end as form
        ) as active
        cross join lateral (
            select size.letters from (values (3), (2), (1)) as size (letters)
            where right(active.form, size.letters) in (
                'ўшы', 'юць', 'уць', 'ючы', 'учы', 'ячы', 'ачы', 'йце', 'ець', 'ць', 'ла', 'лі', 'ло', 'еш', 'ем',
                'іш', 'ім', 'ыш', 'ым', 'це', 'ці', 'ў', 'ю', 'е', 'й'
            )
            limit 1
        ) as ending
        cross join lateral (
            select rtrim(left(active.form, -ending.letters), 'аеіоуыэюя') as stem
        ) as bare
        where word.tongue = 'be' and length(bare.stem) > 2
    ),

    -- A noun's stem without a mobile vowel, where no ending stands behind it; and what е and ы have changed.
    changed as (
        select reading.place, reading.tongue, reading.kind, reading.stem, reading.ending, reading.form from reading
        union all
        select
            reading.place,
            reading.tongue,
            reading.kind,
            case
                when strpos('аеиіоуыэюя', right(part.head, 1)) > 0 then part.head || 'й'
                when strpos('нрл', part.last) > 0 and part.head like '%дз' then left(part.head, -1)
                when strpos('нрл', part.last) > 0 and part.head like '%ц' then left(part.head, -1) || 'т'
                else part.head
            end || part.last,
            reading.ending,
            reading.form
        from reading
        cross join lateral (
            select
                left(reading.stem, -2) as head,
                left(right(reading.stem, 2), 1) as vowel,
                right(reading.stem, 1) as last
        ) as part
        where reading.kind = 'S' and reading.ending in ('', 'ь')
            and strpos('аеоэя', part.vowel) > 0 and strpos('кцнлрмвў', part.last) > 0
            and translate(part.head, 'аеиіоуыэюя', '') <> part.head
            and (part.last = 'к' or strpos('аеиіоуыэюя', right(part.head, 1)) = 0)
        union all
        select
            reading.place,
            reading.tongue,
            reading.kind,
            left(reading.stem, -length(before.soft)) || before.hard,
            'а',
            reading.form
        from reading
        inner join (
            values
            ('ц', 'к', 'э'), ('ц', 'к', 'ы'), ('ц', 'т', 'е'), ('дз', 'д', 'е'), ('з', 'г', 'е'), ('с', 'х', 'е')
        ) as before (soft, hard, ending)
            on reading.ending = before.ending and right(reading.stem, length(before.soft)) = before.soft
        where reading.tongue = 'be' and reading.kind = 'S'
    ),

    -- Soft endings leave a sign behind the consonants that have a hard and a soft sound; е does not tell which it is.
    signed as (
        select
            changed.place,
            changed.tongue,
            changed.kind,
            changed.form,
            mark.sign,
            case
                when changed.tongue = 'ru' then translate(changed.stem, 'ьъ''', '')
                else translate(
                    case
                        when changed.stem like '%''' then left(changed.stem, -1) || 'й'
                        when changed.stem like '%ддз' then left(changed.stem, -3) || 'дз'
                        when tail.is_double then left(changed.stem, -1)
                        else changed.stem
                    end,
                    'оэяўь''', 'ааев'
                )
            end as stem
        from changed
        cross join lateral (
            select
                right(changed.stem, 1) = left(right(changed.stem, 2), 1) as is_double,
                strpos(
                    case changed.tongue when 'be' then 'сзнлцд' else 'сзнлцдрт' end, right(changed.stem, 1)
                ) > 0 as has_both_sounds
        ) as tail
        cross join lateral unnest(
            case
                when changed.kind <> 'S' or changed.ending = '' or not tail.has_both_sounds then array['']
                when changed.ending = 'е' or (changed.ending = 'у' and tail.is_double) then array['', 'ь']
                when strpos('ьіияюе', left(changed.ending, 1)) > 0 then array['ь']
                else array['']
            end
        ) as mark (sign)
        where changed.kind <> 'S' or changed.stem = 'дн'
            or translate(changed.stem, 'аеиіоуыэюя', '') <> changed.stem
    )

    select signed.place, signed.kind || coalesce(irregular.regular, signed.stem || signed.sign)
    from signed
    left join (
        values ('дн', 'дзен'), ('дзен', 'дзен'), ('ден', 'дзен'), ('вач', 'вак'), ('вуш', 'вух')
    ) as irregular (stem, regular) on irregular.stem = signed.stem
    union
    -- `вокны` are of `акно`, `возера` has `азёры`.
    select signed.place, signed.kind || substr(signed.stem, 2) || signed.sign
    from signed
    where signed.tongue = 'be' and signed.form like 'во%' and length(signed.stem) > 3
$$;

-- What a text is found by, by the place of each word. In the index and in a query it is the same, so that one rule
-- decides which words meet: W, the word as it is written, folded; what the language's dictionary makes of it, of
-- Belarusian ones where this server has one; and stems. A word that says nothing (`the`, `и`) has no lexeme.
-- Stems only of words that begin as one of `asked` does, where that is given: a text in work is read for one question.
create function lexemes(language text, words text, asked text) returns table (place bigint, lexeme text)
language plpgsql immutable parallel unsafe
set search_path = pg_catalog, public, pg_temp
as $$
declare
    tongue text := split_part(language, '-', 1);
    spellings text[] := spelled(words);
    beginnings text := '^[' || (
        select string_agg(distinct
            case left(word.spelling, 1)
                when 'о' then 'аоэв' when 'а' then 'аоэв' when 'э' then 'аоэв' when 'в' then 'аоэв'
                when 'ў' then 'уў' when 'у' then 'уў'
                when 'е' then 'еёя' when 'ё' then 'еёя' when 'я' then 'еёя'
                else left(word.spelling, 1)
            end, ''
        )
        from unnest(spelled(asked)) as word (spelling)
    ) || ']';
begin
    return query
    with word as materialized (
        select given.spelling, given.form, array_agg(given.place) as places
        from unnest(spellings, string_to_array(folded(words), ' ')) with ordinality as given (spelling, form, place)
        where length(given.form) between 1 and 500
        group by given.spelling, given.form
    ),

    telling as materialized (
        select word.spelling, word.form, word.places, base.forms as bases,
            row_number() over (order by word.spelling, word.form) as number
        from word
        cross join lateral (
            select case
                when tongue = 'en' or (tongue = 'ru' and word.form ~ '^[a-z]+$')
                    then ts_lexize('pg_catalog.english_stem', word.form)
                when tongue = 'ru' then ts_lexize('pg_catalog.russian_stem', word.form)
                when tongue <> 'be' then array[word.form]
            end as forms
        ) as base
        where base.forms is distinct from '{}'
    ),

    found as (
        select telling.places, 'W' || telling.form as lexeme from telling
        union
        select telling.places, base.form from telling
        cross join lateral unnest(telling.bases) as base (form)
        union
        select telling.places, base.form
        from base_forms(case tongue when 'be' then (
            select array_agg(telling.spelling order by telling.number) from telling
        ) end) as base
        inner join telling on telling.number = base.place
        union
        select likely.places, stem.stem
        from (select array_agg(telling.spelling order by telling.number) as spellings from telling
            where beginnings is null or telling.spelling ~ beginnings) as given
        cross join lateral stems(language, given.spellings) as stem
        inner join (
            select telling.places, row_number() over (order by telling.number) as number from telling
            where beginnings is null or telling.spelling ~ beginnings
        ) as likely on likely.number = stem.place
    )

    select one.place, found.lexeme from found
    cross join lateral unnest(found.places) as one (place);
end
$$;

-- The words that readers asked for, in their order: whether a live text of the language has each, and of one that none
-- has, the word of a live text that it is a slip of. A slip is one letter missing, too many, wrong, or in its
-- neighbour's place, in a word of five letters or more; figures are none. Of several words the commonest. A word that
-- the dictionary knows is right, whether a text has it or not. The correction is spelled as the text spells it.
create function words_asked_for(in_language text, asked text)
returns table (place bigint, spelling text, is_known boolean, correction text)
language plpgsql stable strict parallel unsafe
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
as $$
begin
    return query
    with word as materialized (
        select given.place, given.spelling, folded(given.spelling) as form,
            search_query(in_language, given.spelling) as meant
        from unnest(spelled(asked)) with ordinality as given (spelling, place)
    ),

    known as materialized (
        select word.place, word.spelling, word.form, numnode(word.meant) = 0 or exists (
            select from search_document
            where search_document.language = in_language and search_document.words @@ word.meant
        ) as is_known
        from word
    ),

    -- No more than a few words at a time: each is tried with hundreds of slips.
    slipped as (
        select known.place, known.form, case
            when known.form ~ '[а-яіїєґ]' then 'абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюя'
            else 'abcdefghijklmnopqrstuvwxyz'
        end as letters
        from known
        where not known.is_known
            and known.form ~ '^[[:alpha:]]{5,30}$'
            and not (split_part(in_language, '-', 1) = 'be' and exists (
                select from base_forms(array[known.spelling])
            ))
        order by known.place
        limit 4
    ),

    variant as (
        select distinct slipped.place, made.form
        from slipped
        cross join lateral generate_series(0, length(slipped.form)) as cut (at)
        cross join lateral (
            select left(slipped.form, cut.at) as head, substr(slipped.form, cut.at + 1) as tail
        ) as part
        cross join lateral (
            select part.head || substr(part.tail, 2) as form where part.tail <> ''
            union all
            select part.head || reverse(left(part.tail, 2)) || substr(part.tail, 3) where length(part.tail) > 1
            union all
            select part.head || letter || rest.tail
            from regexp_split_to_table(slipped.letters, '') as letter
            cross join (values (part.tail), (substr(part.tail, 2))) as rest (tail)
        ) as made
        where made.form <> slipped.form
    ),

    -- Once, and before any text is read: almost all of the variants are no words.
    likely as materialized (
        select distinct on (variant.place) variant.place, 'W' || variant.form as lexeme
        from variant
        cross join lateral (
            select count(*) as texts from (
                select from search_document
                where search_document.language = in_language
                    and search_document.words @@ quote_literal('W' || variant.form)::tsquery
                limit 1000
            ) as one
        ) as common
        where common.texts > 0
        order by variant.place, common.texts desc, variant.form
    ),

    corrected as (
        select likely.place, (
            select coalesce(nullif(written.spelling, ''), substr(likely.lexeme, 2))
            from (
                select search_document.commentary_id, search_document.words from search_document
                where search_document.language = in_language
                    and search_document.words @@ quote_literal(likely.lexeme)::tsquery
                limit 1
            ) as one
            cross join lateral unnest(one.words) as lexeme
            inner join public_page
                on public_page.commentary_id = one.commentary_id and public_page.language = in_language
            cross join lateral (
                select min(word.spelling) as spelling
                from unnest(spelled(text_of(public_page.title, public_page.lead, public_page.blocks)))
                    with ordinality as word (spelling, place)
                where word.place = any(lexeme.positions) and folded(word.spelling) = substr(likely.lexeme, 2)
            ) as written
            where lexeme.lexeme = likely.lexeme
        ) as spelling
        from likely
    )

    select known.place, known.spelling, known.is_known, corrected.spelling
    from known
    left join corrected on corrected.place = known.place
    order by known.place;
end
$$;

create trigger search_document after update on edition for each row
when (old.live_revision is distinct from new.live_revision) execute function keep_search_document();
alter table edition enable always trigger search_document;

create trigger search_document_of_new after insert on edition for each row
when (new.live_revision is not null) execute function keep_search_document();
alter table edition enable always trigger search_document_of_new;

create trigger working_document after update on edition for each row
when (
    old.revision is distinct from new.revision
    or old.approved_revision is distinct from new.approved_revision
    or old.live_revision is distinct from new.live_revision
)
execute function keep_working_document();
alter table edition enable always trigger working_document;

create trigger working_document_of_new after insert on edition for each row
when (new.revision is not null) execute function keep_working_document();
alter table edition enable always trigger working_document_of_new;

call watch(
    'search_document', 'editorial', 'commentary_id', 'commentary_id,language', 'heading,body,heading_words,words'
);

select renew_dictionary();

grant execute on function folded(text), search_configuration(text), searchable(text, text), search_query(text, text),
search_query(text), text_of(text, text, jsonb), spelled(text), base_forms(text[]), stems(text, text[]),
lexemes(text, text, text), searchable(text, text, text), words_asked_for(text, text),
index_working_document(uuid, text, integer), match_score(tsvector, tsvector, tsquery),
live_matches(tsquery, text, text, text, text, text, integer),
working_matches(tsquery, text, text, text, text, integer) to editorial_app;

-- migrate: rollback
