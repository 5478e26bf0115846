-- name: change_metadata(id, week, section)!
-- Where in the digest a commentary stands. What is null stays.
update commentary
set week = coalesce(:week, week), section = coalesce(:section, section), updated_at = now()
where id = :id;

-- name: change_byline(id, byline)!
-- The public name on a commentary, or none.
update commentary set byline_id = :byline, updated_at = now()
where id = :id;

-- name: find_byline(person, name)$
-- A person's own byline of that name.
select own.byline_id from byline_links(:person, :name) as own;

-- name: name_contributor(commentary, person)!
-- Somebody who may write on this text.
insert into contributor (commentary_id, person_id) values (:commentary, :person)
on conflict do nothing;

-- name: unname_contributor(commentary, person)!
-- Somebody who may not write on this text any more.
delete from contributor
where commentary_id = :commentary and person_id = :person;

-- name: analysts_among(people)
-- Which of these people can be named as contributors.
select person.id from person
inner join person_role on person_role.person_id = person.id and person_role.role = 'analyst'
where person.id = any(:people::uuid[]) and person.state = 'active';

-- name: open_section(key)$
-- Whether a section takes new texts. Null where there is no such section.
select not section.is_closed from section
where section.key = :key;
