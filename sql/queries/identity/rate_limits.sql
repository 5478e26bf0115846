-- name: take(bucket, cost, window)$
-- One try more, if there is room for it. A few buckets that are long empty are cleared away in passing.
with forgotten as (
    delete from rate_limit_bucket
    where bucket in (
        select empty.bucket from rate_limit_bucket as empty
        where empty.empty_at < now() and empty.bucket <> :bucket
        order by empty.empty_at
        limit 5
        for update skip locked
    )
)

insert into rate_limit_bucket (bucket, empty_at) values (:bucket, clock_timestamp() + :cost::interval)
on conflict (bucket) do update
set empty_at = greatest(rate_limit_bucket.empty_at, clock_timestamp()) + :cost::interval
where greatest(rate_limit_bucket.empty_at, clock_timestamp()) + :cost::interval <= clock_timestamp() + :window::interval
returning empty_at;

-- name: time_left(bucket)$
-- How long a bucket takes to be empty.
select empty_at - clock_timestamp() from rate_limit_bucket
where bucket = :bucket;

-- name: give_back(bucket, cost)!
-- One try less.
update rate_limit_bucket set empty_at = empty_at - :cost::interval
where bucket = :bucket;

-- name: forget(bucket)!
-- All tries of one bucket are forgotten.
delete from rate_limit_bucket
where bucket = :bucket;
