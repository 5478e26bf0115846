-- name: list_checkpoints(after, page)
-- Every checkpoint in the order in which they were signed.
select number, size, note, cluster, horizon::text as horizon from audit_checkpoint
where number > :after
order by number
limit :page;

-- name: list_leaves(first, page)
-- The leaves of the tree from a place on.
select position, entry_id, hash from audit_leaf
where position >= :first
order by position
limit :page;

-- name: order_of(entries)
-- By what the sealer puts entries in order.
select id, cluster, transaction::text::bigint as transaction, at from audit_entry
where id = any(:entries::uuid[]);

-- name: list_nodes()
-- The nodes that are kept.
select level, position, hash from audit_node;

-- name: entries_that_came_too_late(cluster, horizon)
-- Entries without a leaf that a sealer must have seen, had they been there: below the horizon of the last
-- checkpoint, of a cluster that was left behind, or with a number that no transaction has had yet.
select entry.id from audit_entry as entry
where not exists (
    select from audit_leaf
    where audit_leaf.entry_id = entry.id
)
and (
    (entry.cluster = :cluster and entry.transaction < :horizon::text::xid8)
    or (entry.cluster not in (:cluster, (select cluster_identifier())) and :cluster <> 0)
    or (
        entry.cluster = (select cluster_identifier())
        and entry.transaction >= pg_snapshot_xmax(pg_current_snapshot())
    )
)
order by entry.transaction, entry.at, entry.id
limit 1;

-- name: changes_without_entry()^
-- A change that belongs to no entry.
select change.entry_id, change.table_name, change.row_key from audit_change as change
where not exists (
    select from audit_entry
    where audit_entry.id = change.entry_id
)
order by change.sequence
limit 1;

-- name: changed_notes()^
-- A note that is not the one of its digest. Without a salt it must be gone, and the person it was about erased, which
-- their account says as well as the trail.
select entry.id, entry.note is null and audit_salt.salt is null as is_wiped from audit_entry as entry
left join audit_salt on audit_salt.entry_id = entry.id and audit_salt.position = -1
where
    case
        when entry.note_digest is null then entry.note is not null
        when entry.note is null and audit_salt.salt is null then
            not exists (
                select from audit_entry as erasure
                inner join person on person.id = erasure.object_id and person.state = 'erased'
                where erasure.action = 'erase' and erasure.object_id = entry.object_id
            )
        else
            entry.note_digest is distinct from sha256(audit_salt.salt || convert_to(entry.note, 'UTF8'))
    end
order by entry.transaction, entry.at, entry.id
limit 1;

-- name: salts_without_reason_gone()^
-- A change whose salt is gone though no person whom it may concern is erased, and no sign-in that it tells of forgotten.
-- Persons and sign-ins are looked up in lists that are made once: there may be many of each.
with erased as materialized (
    select entry.object_id::text as id from audit_entry as entry
    inner join person on person.id = entry.object_id and person.state = 'erased'
    where entry.action = 'erase'
),

forgotten as materialized (
    select change.table_name, change.row_key
    from audit_change as change
    inner join audit_entry as entry on entry.id = change.entry_id
    where entry.action = 'forget_sign_ins'
        and change.table_name in ('session', 'account_link')
        and change.operation = 'delete'
)

select change.entry_id, change.table_name, change.row_key
from audit_change as change
inner join audit_entry as entry on entry.id = change.entry_id
where change.withheld_digest is not null
    and not exists (
        select from audit_salt
        where audit_salt.entry_id = change.entry_id and audit_salt.position = change.position
    )
    and (change.row_key ->> 'id' in (select id from erased)) is not true
    and (change.after ->> 'person_id' in (select id from erased)) is not true
    and (entry.actor_id::text in (select id from erased)) is not true
    and (entry.on_behalf_of::text in (select id from erased)) is not true
    and (entry.object_id::text in (select id from erased)) is not true
    and ((change.table_name, change.row_key) in (select table_name, row_key from forgotten)) is not true
order by change.sequence
limit 1;

-- name: revisions_with_another_text()^
-- A revision whose text is not the one of its hash, which approvals and publications name.
select commentary_id, language, number from revision
where content_hash is distinct from
    sha256(convert_to(jsonb_build_array(title, lead, trend, photo, blocks)::text, 'UTF8'))
order by commentary_id, language, number
limit 1;

-- name: list_tables()
-- Every table that holds something, and what the trail's trigger on it was told; null where there is none.
select
    pg_class.relname as name,
    quote_ident(pg_class.relname) as quoted,
    pg_trigger.tgargs as arguments,
    coalesce(
        (
            select array_agg(one.attname::text order by one.attnum) from pg_attribute as one
            where one.attrelid = pg_class.oid and one.attnum > 0 and not one.attisdropped and one.attgenerated = ''
        ),
        '{}'
    ) as columns,
    coalesce(
        (
            select jsonb_object_agg(one.attname, pg_get_expr(pg_attrdef.adbin, pg_attrdef.adrelid))
            from pg_attrdef
            inner join pg_attribute as one
                on one.attrelid = pg_attrdef.adrelid and one.attnum = pg_attrdef.adnum
            where pg_attrdef.adrelid = pg_class.oid and one.attgenerated = ''
        ),
        '{}'::jsonb
    ) as defaults
from pg_class
left join pg_trigger
    on pg_trigger.tgrelid = pg_class.oid and pg_trigger.tgname = 'trail' and pg_trigger.tgenabled = 'A'
where pg_class.relnamespace = 'public'::regnamespace
    and pg_class.relkind in ('r', 'p')
    and not pg_class.relispartition
    and pg_class.relname not in (
        'audit_entry', 'audit_change', 'audit_salt', 'audit_leaf', 'audit_node', 'audit_checkpoint'
    )
    and not starts_with(pg_class.relname, '_pogo')
order by pg_class.relname;

-- name: sizes()^
-- How many leaves there are, and how many were signed.
select
    (select count(*) from audit_leaf) as leaves,
    (select coalesce(max(size), 0) from audit_checkpoint) as signed;
