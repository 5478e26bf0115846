-- name: find_idempotency_record(id)^
-- The answer that is kept under a key, if the last day has one. Empty where somebody was erased since.
select idempotency_record.sealed
from idempotency_record
where idempotency_record.id = :id and idempotency_record.kept_at > clock_timestamp() - interval '24 hours';

-- name: forget_idempotency_records()^
-- Removes every answer that has run out.
select forget_idempotency_records();
