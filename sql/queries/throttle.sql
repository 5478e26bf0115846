-- name: take(bucket, cost, window)$
-- One try more, if there is room for it. A few buckets that are long empty are cleared away in passing.
with forgotten as (
    delete from attempt
    where bucket in (
        select empty.bucket from attempt as empty
        where empty.empty_at < now() and empty.bucket <> :bucket
        order by empty.empty_at
        limit 5
        for update skip locked
    )
)

insert into attempt (bucket, empty_at) values (:bucket, clock_timestamp() + :cost::interval)
on conflict (bucket) do update
set empty_at = greatest(attempt.empty_at, clock_timestamp()) + :cost::interval
where greatest(attempt.empty_at, clock_timestamp()) + :cost::interval <= clock_timestamp() + :window::interval
returning empty_at;

-- name: time_left(bucket)$
-- How long a bucket takes to be empty.
select empty_at - clock_timestamp() from attempt
where bucket = :bucket;

-- name: give_back(bucket, cost)!
-- One try less.
update attempt set empty_at = empty_at - :cost::interval
where bucket = :bucket;

-- name: forget(bucket)!
-- All tries of one bucket are forgotten.
delete from attempt
where bucket = :bucket;
