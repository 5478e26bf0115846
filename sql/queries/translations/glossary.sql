-- name: list_terms(source_language, language, words, after_source, after_id, page)
-- The newsroom's terms in the order of the alphabet; `words` is a pattern for either side.
select
    glossary_term.id,
    glossary_term.version,
    glossary_term.source_language,
    glossary_term.language,
    glossary_term.source,
    glossary_term.target,
    glossary_term.alternatives,
    glossary_term.exact,
    glossary_term.note
from glossary_term
where (:source_language::text is null or glossary_term.source_language = :source_language)
    and (:language::text is null or glossary_term.language = :language)
    and (:words::text is null or glossary_term.source ilike :words or glossary_term.target ilike :words)
    and (
        :after_source::text is null
        or (lower(glossary_term.source), glossary_term.id) > (:after_source, :after_id::uuid)
    )
order by lower(glossary_term.source), glossary_term.id
limit :page;

-- name: get_term(id)^
-- One entry of the glossary.
select
    glossary_term.id,
    glossary_term.version,
    glossary_term.source_language,
    glossary_term.language,
    glossary_term.source,
    glossary_term.target,
    glossary_term.alternatives,
    glossary_term.exact,
    glossary_term.note
from glossary_term
where glossary_term.id = :id;

-- name: lock_term(id)^
-- One entry, which nobody else changes meanwhile.
select glossary_term.version from glossary_term
where glossary_term.id = :id
for update;

-- name: add_term(id, source_language, language, source, target, alternatives, exact, note)!
-- A new entry.
insert into glossary_term (id, source_language, language, source, target, alternatives, exact, note)
values (:id, :source_language, :language, :source, :target, :alternatives, :exact, :note);

-- name: change_term(id, source, target, alternatives, exact, note)!
-- An entry as it is from now on.
update glossary_term
set source = :source, target = :target, alternatives = :alternatives, exact = :exact, note = :note
where id = :id;

-- name: remove_term(id)!
-- An entry goes; the trail keeps what it was.
delete from glossary_term
where id = :id;
