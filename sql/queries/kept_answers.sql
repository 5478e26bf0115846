-- name: find_kept_answer(id)^
-- The answer that is kept under a key, if the last day has one. Empty where somebody was erased since.
select kept_answer.sealed
from kept_answer
where kept_answer.id = :id and kept_answer.kept_at > clock_timestamp() - interval '24 hours';

-- name: forget_old_answers()^
-- Removes every answer that has run out.
select forget_old_answers();
