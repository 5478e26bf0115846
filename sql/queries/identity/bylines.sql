-- name: own_bylines(person)
-- A person's own bylines. Leaves an entry in the trail.
select own.name from byline_links(:person, null) as own;

-- name: holders_of_byline(name)
-- Who stands behind a byline: two people can have the same one. Leaves an entry in the trail.
select link.person_id, person.display_name
from byline_links(null, :name) as link
inner join person on person.id = link.person_id;

-- name: take_byline(id, name)$
-- A byline of that name for the person who acts, or the one they have already.
select take_byline(:id, :name);
