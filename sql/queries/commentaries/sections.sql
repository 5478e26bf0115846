-- name: list_sections()
-- The headings of the digest, in its order.
select key, version, labels, position, is_closed from section
order by position, key;

-- name: get_section(key)^
-- One heading, locked for whoever changes it.
select key, version, labels, position, is_closed from section
where key = :key
for update;

-- name: add_section(key, labels, position)$
-- A new heading, unless there is one with this key.
insert into section (key, labels, position) values (:key, :labels, :position)
on conflict (key) do nothing
returning key;

-- name: change_section(key, labels, position, is_closed)!
-- A heading's names, place, and whether it takes new texts.
update section set labels = :labels, position = :position, is_closed = :is_closed
where key = :key;
