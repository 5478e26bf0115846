-- Signs that nobody sees hide no word from search: they are folded away, in what is stored and in what is asked.
-- depends: 0087_weeks_in_range

-- migrate: apply

-- As before, and without soft hyphens, zero-width signs and joiners.
create or replace function folded(words text) returns text
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

create or replace function spelled(words text) returns text[]
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

select set_config('editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true);
select index_anew('00000000-0000-0000-0000-000000000000', 2147483647);
select set_config('editorial.context', '', true);

-- migrate: rollback
