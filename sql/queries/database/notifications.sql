-- name: count_generations()$
-- How many transactions have changed what readers get, since the beginning.
select published_version.number from published_version;
