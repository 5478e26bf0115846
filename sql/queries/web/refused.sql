-- name: record_refusal(context, part)$
-- The trail hears of what a person was refused, at most so often in an hour.
with opened as materialized (
    select set_config('editorial.context', :context, true) as context
)

select record_refusal(:part) from opened;
