-- name: list_checks()
-- The checks before publication, and whether each of them blocks.
select name, version, blocks from publication_check;

-- name: get_check(name)^
-- One check, locked for whoever changes it.
select name, version, blocks from publication_check
where name = :name
for no key update;

-- name: change_check(name, blocks)!
-- Whether something goes live with this warning.
update publication_check set blocks = :blocks
where name = :name;
