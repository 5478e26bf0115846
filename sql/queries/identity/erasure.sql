-- name: find_person(whom)$
-- Somebody by e-mail address or id.
select person.id from person
where person.state <> 'erased' and (lower(person.email) = lower(:whom::text) or person.id::text = lower(:whom::text));

-- name: erase_person(id)$
-- A person's name, address, credentials, sessions, links and rights are gone, and what the trail withholds of them.
select erase_person(:id);

-- name: forget_bylines(id)$
-- Nothing leads from an erased person's bylines to them any more; those that nobody has seen are gone.
select forget_bylines(:id);
