-- What was accepted before, to be offered where the same or nearly the same is to be translated.
-- depends: 0006_glossary

-- migrate: apply

create table remembered_unit (
    commentary_id uuid not null references commentary (id),
    language text not null references language (tag),
    unit text not null,
    source_hash text not null,
    source_language text not null references language (tag),
    source text not null,
    target text not null,
    revision integer not null,
    primary key (commentary_id, language, unit, source_hash)
);

create index remembered_unit_exactly on remembered_unit (source_hash, language, source_language);
create index remembered_unit_nearly on remembered_unit using gin (source gin_trgm_ops);

call watch('remembered_unit', 'editorial', 'commentary_id', 'commentary_id,language,unit', 'source,target');

grant select, insert, update on remembered_unit to editorial_app;

-- migrate: rollback
