"""Verifies the trail: the tree against its signed checkpoints, each row against what the trail says of it.

Everything is computed here from the tables. No function of the database is trusted, since the database owner
can replace it.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from editorial.audit import merkle, replay, sealer
from editorial.audit.checkpoints import BadNote, Checkpoint, Note, PublicKey
from editorial.audit.merkle import Edge
from editorial.audit.tampering import Kind, Tampered
from editorial.database import definitions, multi_host
from editorial.database.migrate import MigrationError, pending
from editorial.database.queries import Connection, load_queries

sql = load_queries("audit/verify")

PAGE = 2_000
WHOLE_TABLES = "set local enable_nestloop = off; set local work_mem = '64MB'; set local jit = off"
"""What is asked after the tree reads whole tables. Postgres would take many rows for few where it has no
statistics, or old ones, and go through one table again for each row of another."""
_SEARCHED = 2_000
"""Among how many leaves an inserted one is looked for by leaving out each in turn."""


class Verified(msgspec.Struct, kw_only=True):
    """What was found to be as it was."""

    size: int
    """The leaves of the tree."""
    root: str
    checkpoints: int
    unsealed: int
    """Entries that wait for their leaf, and for which there is no proof yet."""
    unsealed_seconds: float
    """For how long the oldest of them has waited."""
    rows: int
    """Rows whose state follows from the trail."""
    keys: list[str]


async def verify(
    url: str,
    *,
    kept: Sequence[Note] = (),
    trusted: Sequence[PublicKey] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Verified:
    """Verify the trail of a database, as its owner. Raises `Tampered` with the first fault.

    Raises `MigrationError` where it holds, and the schema is too old to compare its definitions.

    `kept` are checkpoints that were kept elsewhere, `trusted` the keys that are known to be ours; without
    any, the first key of the trail is taken for ours. `tell` hears how far it is.
    """
    missing = await pending(url)
    connection = await connect(url)
    try:
        # One snapshot for everything: the newsroom goes on working meanwhile.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            different = [] if missing else await definitions.differences(connection)
            # A policy can hide rows from all that follows.
            _verify_definitions([one for one in different if one.kind == "policy"])
            found = await _verify(connection, kept, trusted, tell)
            _verify_definitions(different)
    finally:
        await connection.close()
    if missing:
        raise MigrationError(
            "The entries and rows hold, but the definitions of an older schema cannot be compared. "
            f"Run `editorial migrate`, and verify again: {', '.join(missing)}."
        )
    return found


def _verify_definitions(different: Sequence[definitions.Difference]) -> None:
    """Raise `Tampered` with the first definition that is not what the migrations make."""
    for one in different:
        raise Tampered(Kind.CHANGED_DEFINITION, one.says, object=f"{one.kind} {one.name}")


async def connect(url: str) -> Connection:
    """A connection on which everything is written as the trail writes it."""
    connection: Connection = await multi_host.connect(
        url, server_settings={"search_path": "public", "timezone": "UTC", "bytea_output": "hex"}
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=msgspec.json.decode
    )
    return connection


async def _verify(
    connection: Connection, kept: Sequence[Note], trusted: Sequence[PublicKey], tell: Callable[[str], None]
) -> Verified:
    keys = await _keys(connection, trusted)
    tree = _Tree(connection, keys, _opened(kept, keys), tell)
    await tree.verify()
    await connection.execute(WHOLE_TABLES)
    tell("Verifying the entries, their notes and their salts …")
    await _verify_entries(connection, tree)
    tell("Verifying every row against the trail …")
    rows = await replay.verify_rows(connection)
    return Verified(
        size=tree.edge.size,
        root=tree.edge.root.hex(),
        checkpoints=tree.checkpoints,
        unsealed=await sealer.sql.count_unsealed(connection),
        unsealed_seconds=await sealer.sql.seconds_behind(connection),
        rows=rows,
        keys=[str(key) for key in keys],
    )


async def _keys(connection: Connection, trusted: Sequence[PublicKey]) -> list[PublicKey]:
    """The keys of the trail, each trusted or introduced by the one before in a checkpoint of both."""
    keys: list[PublicKey] = []
    for row in await sealer.sql.list_keys(connection):
        try:
            key = PublicKey.read(row["verifier"])
        except BadNote as fault:
            raise Tampered(Kind.REPLACED_KEY, f"Key {row['number']} is no key: {fault}") from fault
        is_ours = key in trusted or (not keys and not trusted) or await _introduced(connection, keys, key)
        if not is_ours:
            raise Tampered(
                Kind.REPLACED_KEY,
                f"Key {row['number']} was not introduced by the one before it, and is not among those that "
                "you trust. If the old one was lost, trust the new one by its name.",
                key=str(key),
            )
        keys.append(key)
    return keys


async def _introduced(connection: Connection, keys: list[PublicKey], key: PublicKey) -> bool:
    if not keys:
        return False
    async for row in _checkpoints(connection):
        note = _read(row)
        if {(keys[-1].name, keys[-1].id), (key.name, key.id)} <= {one[:2] for one in note.signatures}:
            return _signers(note, [keys[-1], key], row) == [keys[-1], key]
    return False


def _opened(kept: Sequence[Note], keys: list[PublicKey]) -> list[Checkpoint]:
    try:
        found = [note.opened(keys) for note in kept]
    except BadNote as fault:
        raise Tampered(
            Kind.REPLACED_KEY,
            f"The checkpoint that was kept elsewhere does not go with the keys of this trail. {fault}",
        ) from fault
    return sorted(found, key=lambda checkpoint: checkpoint.size)


async def _checkpoints(connection: Connection) -> AsyncIterator[Any]:
    after = 0
    while rows := await sql.list_checkpoints(connection, after=after, page=PAGE):
        for row in rows:
            if row["number"] != after + 1:
                raise Tampered(
                    Kind.FORGED_CHECKPOINT, f"Checkpoint {after + 1} was removed.", checkpoint=after + 1
                )
            after = row["number"]
            yield row


def _read(row: Any) -> Note:
    try:
        note = Note.read(row["note"])
    except BadNote as fault:
        raise Tampered(
            Kind.FORGED_CHECKPOINT,
            f"Checkpoint {row['number']} cannot be read: {fault}",
            checkpoint=row["number"],
        ) from fault
    if note.checkpoint.size != row["size"]:
        raise Tampered(
            Kind.FORGED_CHECKPOINT,
            f"Checkpoint {row['number']} is filed under another size than it is signed for.",
            checkpoint=row["number"],
        )
    return note


def _signers(note: Note, keys: Sequence[PublicKey], row: Any) -> list[PublicKey]:
    try:
        found = note.signed_by(keys)
    except BadNote as fault:
        raise Tampered(
            Kind.FORGED_CHECKPOINT,
            f"Checkpoint {row['number']} was not signed by the key that it names.",
            checkpoint=row["number"],
        ) from fault
    return found


class _Tree:
    """The tree, grown again from its entries and held against each checkpoint on the way."""

    def __init__(
        self,
        connection: Connection,
        keys: list[PublicKey],
        kept: list[Checkpoint],
        tell: Callable[[str], None],
    ) -> None:
        self._tell = tell
        self.edge = Edge(0, [])
        self.checkpoints = 0
        self.newest: Any = None
        self._connection = connection
        self._keys = keys
        self._kept = kept
        self._matched = Edge(0, [])
        """The tree of the last checkpoint that it was found to match."""
        self._since: list[tuple[UUID, bytes]] = []
        """Entries and hashes of the leaves after it."""
        self._nodes: dict[merkle.Node, bytes] = {}

    async def verify(self) -> None:
        """Raise `Tampered` where the tree is not the one that was signed."""
        signed = _checkpoints(self._connection)
        following: Any = await anext(signed, None)
        async for position, entry, leaf in self._leaves():
            while following is not None and following["size"] <= self.edge.size:
                await self._match(following)
                following = await anext(signed, None)
            if following is None:
                raise Tampered(
                    Kind.INSERTED_ENTRY,
                    f"Leaf {position} came after the newest checkpoint without one of its own.",
                    entry=str(entry),
                    position=position,
                )
            self._nodes.update(self.edge.append(leaf))
            self._since.append((entry, leaf))
            self._match_kept()
        while following is not None:
            if following["size"] > self.edge.size:
                raise Tampered(
                    Kind.TRUNCATED_TAIL,
                    f"Checkpoint {following['number']} was signed over {following['size']} leaves, and there "
                    f"are {self.edge.size}: the last ones were cut off.",
                    position=self.edge.size,
                )
            await self._match(following)
            following = await anext(signed, None)
        if self._kept and self._kept[-1].size > self.edge.size:
            raise Tampered(
                Kind.TRUNCATED_TAIL,
                f"The checkpoint that was kept elsewhere is over {self._kept[-1].size} leaves, and there are "
                f"{self.edge.size}: the last ones were cut off.",
                position=self.edge.size,
            )
        await self._verify_nodes()

    async def _leaves(self) -> AsyncIterator[tuple[int, UUID, bytes]]:
        first = 0
        while rows := await sql.list_leaves(self._connection, first=first, page=PAGE):
            self._tell(f"Verifying the leaves from {first} on …")
            entries = [row["entry_id"] for row in rows]
            found = await sealer.sql.leaves_of(self._connection, entries=entries)
            contents = {row["id"]: row["leaf"] for row in found}
            for row in rows:
                position, entry = row["position"], row["entry_id"]
                where = {"entry": str(entry), "position": position}
                if position != first:
                    raise Tampered(
                        Kind.DELETED_ENTRY, f"Leaf {first} was removed from the tree.", position=first
                    )
                if entry not in contents:
                    raise Tampered(Kind.DELETED_ENTRY, f"The entry of leaf {position} was removed.", **where)
                if merkle.leaf_hash(contents[entry].encode()) != row["hash"]:
                    raise Tampered(
                        Kind.CHANGED_ENTRY,
                        f"The entry of leaf {position}, or one of its changes, is not what was sealed.",
                        **where,
                    )
                first += 1
                yield position, entry, row["hash"]

    async def _match(self, row: Any) -> None:
        """Hold the tree against a checkpoint of its size."""
        if row["size"] < self.edge.size or (self.newest is not None and row["size"] < self.newest["size"]):
            raise Tampered(
                Kind.FORGED_CHECKPOINT,
                f"Checkpoint {row['number']} is over fewer leaves than the one before it.",
                checkpoint=row["number"],
            )
        note = _read(row)
        if not _signers(note, self._keys, row):
            raise Tampered(
                Kind.REPLACED_KEY,
                f"Checkpoint {row['number']} is signed by a key that the trail does not know.",
                checkpoint=row["number"],
            )
        if note.checkpoint.root != self.edge.root:
            await self._name_what_is_wrong(row, note.checkpoint.root)
        self.checkpoints += 1
        self.newest = row
        self._matched = Edge(self.edge.size, list(self.edge.hashes))
        self._since = []

    def _match_kept(self) -> None:
        for checkpoint in self._kept:
            if checkpoint.size == self.edge.size and checkpoint.root != self.edge.root:
                known = max((one.size for one in self._kept if one.size < checkpoint.size), default=0)
                raise Tampered(
                    Kind.REWRITTEN_HISTORY,
                    f"The checkpoint that was kept elsewhere is over {checkpoint.size} other leaves: one of "
                    f"those from {known} on was changed, and the tree signed anew.",
                    position=known,
                )

    async def _name_what_is_wrong(self, row: Any, root: bytes) -> None:
        """The leaves since the last checkpoint are not those that were signed: find out which."""
        first = self._matched.size
        span = f"leaves {first} to {row['size'] - 1}, which checkpoint {row['number']} was signed over"
        following = await sql.list_leaves(self._connection, first=self.edge.size, page=1)
        entries = [entry for entry, _ in self._since]
        places = {one["id"]: one for one in await sql.order_of(self._connection, entries=entries)}

        def order(leaf: tuple[UUID, bytes]) -> Any:
            one = places[leaf[0]]
            return one["cluster"] == row["cluster"], one["transaction"], one["at"], one["id"]

        in_order = sorted(self._since, key=order)
        if self._root_with([leaf for _, leaf in in_order]) == root:
            wrong = next(
                place
                for place, pair in enumerate(zip(self._since, in_order, strict=True))
                if pair[0] != pair[1]
            )
            raise Tampered(
                Kind.REORDERED_ENTRY,
                f"Leaf {first + wrong} is not where it was: the order of {span}, was changed.",
                entry=str(self._since[wrong][0]),
                position=first + wrong,
            )
        if following and len(self._since) <= _SEARCHED:
            after = [*(leaf for _, leaf in self._since), following[0]["hash"]]
            for place, (entry, _) in enumerate(self._since):
                if self._root_with(after[:place] + after[place + 1 :]) == root:
                    raise Tampered(
                        Kind.INSERTED_ENTRY,
                        f"Leaf {first + place} was put in among {span}.",
                        entry=str(entry),
                        position=first + place,
                    )
        sizes = await sql.sizes(self._connection)
        kind, done = Kind.CHANGED_ENTRY, "changed"
        if sizes["leaves"] < sizes["signed"]:
            kind, done = Kind.DELETED_ENTRY, "removed"
        elif sizes["leaves"] > sizes["signed"]:
            kind, done = Kind.INSERTED_ENTRY, "put in"
        raise Tampered(
            kind,
            f"An entry was {done}, and its leaf with it, among {span}.",
            position=first,
            checkpoint=row["number"],
        )

    def _root_with(self, leaves: list[bytes]) -> bytes:
        edge = Edge(self._matched.size, list(self._matched.hashes))
        for leaf in leaves:
            edge.append(leaf)
        return edge.root

    async def _verify_nodes(self) -> None:
        found = {
            (row["level"], row["position"]): row["hash"] for row in await sql.list_nodes(self._connection)
        }
        if found != self._nodes:
            level, place = min(found.items() ^ self._nodes.items())[0]
            raise Tampered(
                Kind.CHANGED_TREE, f"Node {place} on level {level} is not what the leaves make of it."
            )


async def _verify_entries(connection: Connection, tree: _Tree) -> None:
    """Check what is beside the leaves: entries without a leaf, notes, salts."""
    if tree.newest is not None:
        late = await sql.entries_that_came_too_late(
            connection, cluster=tree.newest["cluster"], horizon=tree.newest["horizon"]
        )
        for row in late:
            raise Tampered(
                Kind.INSERTED_ENTRY,
                "An entry is older than the newest checkpoint, and was not there when that was signed.",
                entry=str(row["id"]),
            )
    lost = await sql.changes_without_entry(connection)
    if lost is not None:
        raise Tampered(
            Kind.DELETED_ENTRY,
            "An entry was removed, and left a change behind.",
            entry=str(lost["entry_id"]),
            table=lost["table_name"],
            row=lost["row_key"],
        )
    note = await sql.changed_notes(connection)
    if note is not None:
        kind = Kind.UNEXPLAINED_ERASURE if note["is_wiped"] else Kind.CHANGED_ENTRY
        says = "is gone, and no person was erased" if note["is_wiped"] else "is not the one that was written"
        raise Tampered(kind, f"The note of an entry {says}.", entry=str(note["id"]))
    salt = await sql.salts_without_reason_gone(connection)
    if salt is not None:
        raise Tampered(
            Kind.UNEXPLAINED_ERASURE,
            "What a change withheld cannot be checked any more, and no person was erased.",
            entry=str(salt["entry_id"]),
            table=salt["table_name"],
            row=salt["row_key"],
        )
