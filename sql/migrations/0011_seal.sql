-- The tree over the trail: a leaf for each entry, the nodes that are kept, the keys, and the signed checkpoints.
-- depends: 0010_leaves

-- migrate: apply

-- The keys that may sign, in the order in which they came. The private halves are files beside the workers: whoever
-- owns this database can rewrite it, and cannot sign what he made of it.
create table trail_key (
    number integer primary key,
    verifier text not null,
    introduced_at timestamptz not null default now(),
    constraint a_seal_key_is_introduced_once unique (verifier)
);

create table trail_leaf (
    position bigint primary key,
    entry_id uuid not null references trail_entry (id),
    hash bytea not null,
    constraint an_entry_is_sealed_once unique (entry_id),
    constraint a_leaf_has_a_place check (position >= 0),
    constraint a_leaf_is_a_hash check (length(hash) = 32)
);

-- Every eighth level above the leaves: whatever proof is asked for, a few hundred hashes are read for it.
create table trail_node (
    level integer not null,
    position bigint not null,
    hash bytea not null,
    primary key (level, position),
    constraint a_node_is_on_a_level_that_is_kept check (level > 0 and level % 8 = 0),
    constraint a_node_is_a_hash check (length(hash) = 32)
);

-- What the tree was, signed. The sealer goes on from the newest: whatever is below its horizon in its cluster has
-- a leaf. Postgres gives transaction numbers in another order than it commits, so an entry is sealed only when
-- every transaction with a smaller number has ended.
create table trail_checkpoint (
    number bigint primary key,
    size bigint not null,
    note text not null,
    cluster bigint not null,
    horizon xid8 not null,
    sealed_at timestamptz not null default now(),
    constraint a_checkpoint_counts_leaves check (size >= 0)
);

create index trail_checkpoint_by_size on trail_checkpoint (size, number);
create index trail_checkpoint_by_time on trail_checkpoint (sealed_at, number);

call freeze('trail_key');
call freeze('trail_leaf');
call freeze('trail_node');
call freeze('trail_checkpoint');
create trigger no_truncate before truncate on trail_leaf for each statement execute function refuse_change();
create trigger no_truncate before truncate on trail_node for each statement execute function refuse_change();
create trigger no_truncate before truncate on trail_checkpoint for each statement execute function refuse_change();
alter table trail_leaf enable always trigger no_truncate;
alter table trail_node enable always trigger no_truncate;
alter table trail_checkpoint enable always trigger no_truncate;
call watch('trail_key', 'accounts', '', 'number');

grant select, insert on trail_key, trail_leaf, trail_node, trail_checkpoint to editorial_app;

-- migrate: rollback
