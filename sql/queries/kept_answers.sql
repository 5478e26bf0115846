-- name: find_kept_answer(id)^
-- The answer that is kept under a key, if the last day has one. Empty where somebody was erased since.
select kept_answer.sealed
from kept_answer
where kept_answer.id = :id and kept_answer.kept_at > clock_timestamp() - interval '24 hours';

-- name: old_answers_are_kept()$
-- Whether it is time to sweep: an hour after the first answer ran out, so that the trail hears of it rarely.
select exists (
    select from kept_answer
    where kept_answer.kept_at < clock_timestamp() - interval '25 hours'
);

-- name: forget_old_answers()!
-- Removes every answer that has run out.
delete from kept_answer
where kept_answer.kept_at < clock_timestamp() - interval '24 hours';
