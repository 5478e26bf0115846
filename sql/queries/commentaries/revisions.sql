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
