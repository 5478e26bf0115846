-- name: count_generations()$
-- How many transactions have changed what readers get, since the beginning.
select public_generation.number from public_generation;
