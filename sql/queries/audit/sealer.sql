-- name: newest_checkpoint()^
-- What the tree was when it was last signed, and whether this is still the cluster in which it was.
select number, size, note, horizon::text as horizon, cluster = cluster_identifier() as is_of_this_cluster
from audit_checkpoint
order by number desc
limit 1;

-- name: take_turn(lock)$
-- Whether this is the only one who seals, until the transaction ends. What is sealed in it is found by indexes, for a
-- few entries of many, which Postgres without good statistics takes for a third of all.
select pg_try_advisory_xact_lock(:lock)
from set_config('enable_seqscan', 'off', true);

-- name: horizon()$
-- The transaction number below which everything has ended, committed or not.
select pg_snapshot_xmin(pg_current_snapshot())::text;

-- name: unsealed_entries(since, horizon, page)
-- Committed entries of this cluster without a leaf, from where the last checkpoint ended, in their order.
select entry.id, entry.transaction::text as transaction
from audit_entry as entry
where entry.cluster = (select cluster_identifier())
    and entry.transaction >= :since::text::xid8
    and entry.transaction < :horizon::text::xid8
    and (
        select leaf.position from audit_leaf as leaf
        where leaf.entry_id = entry.id
    ) is null
order by entry.transaction, entry.at, entry.id
limit :page;

-- name: leftovers(horizon, page)
-- Entries without a leaf wherever they come from: the database was restored into another cluster, where
-- transaction numbers start again. (Which cluster this is, is asked once, and not of each entry.)
select entry.id, entry.transaction::text as transaction
from audit_entry as entry
where (entry.cluster <> (select cluster_identifier()) or entry.transaction < :horizon::text::xid8)
    and not exists (
        select from audit_leaf
        where audit_leaf.entry_id = entry.id
    )
order by entry.cluster = (select cluster_identifier()), entry.transaction, entry.at, entry.id
limit :page;

-- name: leaves_of(entries)
-- What the leaves of entries are made of: each with all of its changes, as Postgres writes JSON. Of its note and
-- of withheld values there are digests only.
select
    entry.id,
    jsonb_build_object(
        'leaf', 1,
        'id', entry.id,
        'at', to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'cluster', entry.cluster::text,
        'transaction', entry.transaction::text,
        'domain', entry.domain,
        'actor_kind', entry.actor_kind,
        'actor_id', entry.actor_id,
        'on_behalf_of', entry.on_behalf_of,
        'action', entry.action,
        'object_kind', entry.object_kind,
        'object_id', entry.object_id,
        'commentary_id', entry.commentary_id,
        'request_id', entry.request_id,
        'note_digest', encode(entry.note_digest, 'hex'),
        'changes', coalesce(changes.told, '[]'::jsonb)
    )::text as leaf
from audit_entry as entry
left join lateral (
    select
        jsonb_agg(
            jsonb_build_object(
                'position', change.position,
                'sequence', change.sequence,
                'table_name', change.table_name,
                'operation', change.operation,
                'row_key', change.row_key,
                'before', change.before,
                'after', change.after,
                'withheld', to_jsonb(change.withheld),
                'withheld_digest', encode(change.withheld_digest, 'hex')
            )
            order by change.position
        ) as told
    from audit_change as change
    where change.entry_id = entry.id
) as changes on true
where entry.id = any(:entries::uuid[]);

-- name: add_leaves(first, entries, hashes)!
-- Adds leaves to the tree, one after the other.
insert into audit_leaf (position, entry_id, hash)
select :first + place - 1, entry_id, hash
from unnest(:entries::uuid[], :hashes::bytea[]) with ordinality as leaf (entry_id, hash, place);

-- name: add_nodes(levels, positions, hashes)!
-- Keeps nodes that are complete.
insert into audit_node (level, position, hash)
select level, position, hash
from unnest(:levels::integer[], :positions::bigint[], :hashes::bytea[]) as node (level, position, hash);

-- name: add_checkpoint(number, size, note, horizon, is_of_this_cluster)!
-- The tree as it is now, signed. With leftovers of another cluster still to come, it is of no cluster.
insert into audit_checkpoint (number, size, note, horizon, cluster)
values (
    :number,
    :size,
    :note,
    :horizon::text::xid8,
    case when :is_of_this_cluster::boolean then cluster_identifier() else 0 end
);

-- name: kept_hashes(levels, firsts, ends)
-- The hashes of ranges on levels that are kept.
select wanted.level, leaf.position, leaf.hash
from unnest(:levels::integer[], :firsts::bigint[], :ends::bigint[]) as wanted (level, first, beyond)
inner join audit_leaf as leaf
    on wanted.level = 0 and leaf.position >= wanted.first and leaf.position < wanted.beyond
union all
select node.level, node.position, node.hash
from unnest(:levels::integer[], :firsts::bigint[], :ends::bigint[]) as wanted (level, first, beyond)
inner join audit_node as node
    on node.level = wanted.level and node.position >= wanted.first and node.position < wanted.beyond;

-- name: list_keys()
-- The keys that may sign checkpoints, the first one first.
select number, verifier, introduced_at from audit_key
order by number;

-- name: add_key(verifier)!
-- A key that signs from now on.
insert into audit_key (number, verifier)
select coalesce(max(audit_key.number), 0) + 1, :verifier
from audit_key;

-- name: add_first_key(verifier)!
-- The key that a trail begins with. Another process may have been quicker.
insert into audit_key (number, verifier) values (1, :verifier)
on conflict do nothing;

-- name: await_turn(lock)!
-- Keeps everybody else from sealing, until the transaction ends.
select pg_advisory_xact_lock(:lock);

-- name: seconds_behind()$
-- For how long the oldest entry that the last checkpoint left out has waited for its leaf; 0 where none has. After a
-- restore into another cluster that may be one of either. Entries are looked at in the order of an index, from the
-- horizon to the first one without a leaf, and each leaf is looked up: whatever Postgres knows of how many there are,
-- there is no other way that it could take for cheaper.
with newest as (
    select cluster, horizon from audit_checkpoint
    order by number desc
    limit 1
),

since as (
    select cluster, horizon from newest
    union all
    select cluster_identifier(), '0'::xid8
    where not exists (
        select from newest
        where cluster = cluster_identifier()
    )
)

select coalesce(greatest(extract(epoch from clock_timestamp() - min(waiting.at)), 0), 0)::double precision
from since
cross join lateral (
    select entry.at from audit_entry as entry
    where entry.cluster = since.cluster
        and entry.transaction >= since.horizon
        and (
            select leaf.position from audit_leaf as leaf
            where leaf.entry_id = entry.id
        ) is null
    order by entry.transaction
    limit 1
) as waiting;

-- name: count_unsealed()$
-- Entries that wait for their leaf.
select count(*) from audit_entry as entry
where not exists (
    select from audit_leaf
    where audit_leaf.entry_id = entry.id
);

-- name: places_of(entries)
-- Where the leaves of entries are. One that is not sealed yet has none.
select entry_id, position from audit_leaf
where entry_id = any(:entries::uuid[]);

-- name: checkpoint_of(size)^
-- The last checkpoint of a size.
select number, size, note from audit_checkpoint
where size = :size
order by number desc
limit 1;

-- name: checkpoints_by_day(before, page)
-- The last checkpoint of each day that is over, newest first.
select day.day::date as day, newest.note
from generate_series(
    (select date_trunc('day', min(sealed_at) at time zone 'UTC') from audit_checkpoint),
    date_trunc('day', now() at time zone 'UTC') - interval '1 day',
    interval '1 day'
) as day (day)
cross join lateral (
    select audit_checkpoint.note from audit_checkpoint
    where audit_checkpoint.sealed_at >= day.day at time zone 'UTC'
        and audit_checkpoint.sealed_at < (day.day + interval '1 day') at time zone 'UTC'
    order by audit_checkpoint.sealed_at desc, audit_checkpoint.number desc
    limit 1
) as newest
where :before::date is null or day.day < :before::date
order by day.day desc
limit :page;
