-- name: due_commentaries(page)
-- Commentaries with an edition whose instant has come, and who stands behind it.
select distinct edition.commentary_id, edition.scheduled_by
from edition
where edition.scheduled_for <= now()
order by edition.commentary_id
limit :page;

-- name: due_editions(commentary, scheduled_by)
-- What is due of one commentary, once it is locked: another worker may have been quicker.
select language, schedule_note, schedule_is_minor from edition
where commentary_id = :commentary and scheduled_by = :scheduled_by and scheduled_for <= now()
order by language;

-- name: find_person(id)^
-- The rights of somebody as they are now; none for who is not active any more.
select
    person.id,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id and person.state = 'active'
    ) as roles
from person
where person.id = :id;

-- name: expired_claims(page)
-- Tasks whose claim has run out.
select id from translation_task
where state = 'claimed' and claim_expires_at <= now()
order by claim_expires_at
limit :page;

-- name: expire_claim(id)!
-- A task goes back to the queue with its text, unless its holder has saved in the meantime.
update translation_task set state = 'open', holder_id = null, claim_expires_at = null, updated_at = now()
where id = :id and state = 'claimed' and claim_expires_at <= now();
