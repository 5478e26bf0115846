"""The sealer: makes leaves of a Merkle tree of committed trail entries, and signs what the tree has become.

It runs in the worker, behind the transactions that write: a chain inside of them would let one writer wait
for another. Transactions commit out of the order of their numbers, so only what lies below the horizon of a
snapshot is sealed: no transaction with a smaller number runs any more, in any database of the cluster, and
none can add an entry. What a checkpoint promises, and what it cannot, is told in docs/trail.md.
"""

import asyncio
import contextlib
import os
import stat
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from editorial.audit import merkle
from editorial.audit.checkpoints import BadNote, Checkpoint, Note, PublicKey, SealKey
from editorial.audit.merkle import Edge, Node, Range
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.database.queries import Connection, load_queries
from editorial.settings import Settings
from editorial.telemetry import metrics

sql = load_queries("audit/sealer")
log = structlog.get_logger("editorial.audit.sealer")

PAGE = 5_000
"""How many entries one checkpoint takes in at the most."""
LATE = 60.0
"""For how many seconds an entry may wait for its leaf before somebody should look."""
_LOCK = int.from_bytes(b"editseal")
_NEXT = "seal-key.next"


class _Lag:
    """How far the seal was behind when this process last looked."""

    seconds: float | None = None


_LAG = _Lag()
metrics.gauge(
    "seal_lag_seconds",
    "For how long the oldest trail entry without a leaf had waited, when this process last looked.",
    lambda: _LAG.seconds,
)


class Proof(msgspec.Struct, kw_only=True):
    """That an entry is in the trail: everything that is needed to check it without a database."""

    leaf: str
    """The entry as it was sealed, to the letter."""
    position: int
    hashes: list[str]
    checkpoint: str
    """The signed tree that the hashes lead to."""


class Extension(msgspec.Struct, kw_only=True):
    """That a later tree only added to an earlier one."""

    earlier: str
    later: str
    hashes: list[str]


class NotSealed(LookupError):
    """There is no such entry, or it is not in the tree yet."""


async def seal_trail(db: Database, settings: Settings) -> None:
    """Seal whatever has been committed since the last checkpoint."""
    key = await present_key(db, settings)
    if key is not None:
        while await seal(db, key) == PAGE:
            pass
    # By whomever it is sealed, or by nobody: each worker looks.
    _LAG.seconds = await seconds_behind(db)


async def seal(db: Database, key: SealKey) -> int:
    """Seal at most a page of entries, unless somebody else does. Returns how many."""
    async with db.read() as connection, connection.transaction():
        if not await sql.take_turn(connection, lock=_LOCK):
            return 0
        newest = await sql.newest_checkpoint(connection)
        horizon = await sql.horizon(connection)
        is_at_home = newest is not None and newest["is_of_this_cluster"]
        if is_at_home:
            waiting = await sql.unsealed_entries(
                connection, since=newest["horizon"], horizon=horizon, page=PAGE
            )
        else:
            waiting = await sql.leftovers(connection, horizon=horizon, page=PAGE)
        is_whole = len(waiting) < PAGE
        if not waiting and (newest is None or is_at_home):
            return 0
        if not is_whole:
            # The next page begins with this one's last transaction, or goes on among the leftovers.
            horizon = waiting[-1]["transaction"] if is_at_home else "0"
        edge = await _grown(connection, newest["size"] if newest else 0, [row["id"] for row in waiting])
        await sql.add_checkpoint(
            connection,
            number=newest["number"] + 1 if newest else 1,
            size=edge.size,
            note=Checkpoint(key.name, edge.size, edge.root).note(key),
            horizon=horizon,
            is_of_this_cluster=is_at_home or is_whole,
        )
        return len(waiting)


async def _grown(connection: Connection, size: int, entries: list[UUID]) -> Edge:
    """The tree with leaves for these entries, which are kept with the nodes that they complete."""
    contents = {row["id"]: row["leaf"] for row in await sql.leaves_of(connection, entries=entries)}
    hashes = [merkle.leaf_hash(contents[entry].encode()) for entry in entries]
    edge = await edge_at(connection, size)
    nodes = [node for leaf in hashes for node in edge.append(leaf)]
    if hashes:
        await sql.add_leaves(connection, first=size, entries=entries, hashes=hashes)
    if nodes:
        await sql.add_nodes(
            connection,
            levels=[level for (level, _), _ in nodes],
            positions=[place for (_, place), _ in nodes],
            hashes=[kept for _, kept in nodes],
        )
    return edge


async def edge_at(connection: Connection, size: int) -> Edge:
    """The edge of the tree as it was at a size."""
    nodes = merkle.nodes_of((0, size))
    found = await _hashes_at(connection, nodes)
    return Edge(size, [found[node] for node in nodes])


async def _hashes_at(connection: Connection, nodes: list[Node]) -> dict[Node, bytes]:
    """The hashes of nodes, from the levels that are kept. Raises `LookupError` where one is missing."""
    places = {node: merkle.kept_of(node) for node in nodes}
    wanted = sorted(set(places.values()))
    rows = await sql.kept_hashes(
        connection,
        levels=[level for level, _ in wanted],
        firsts=[first for _, (first, _) in wanted],
        ends=[end for _, (_, end) in wanted],
    )
    kept = {(row["level"], row["position"]): row["hash"] for row in rows}
    return {
        node: merkle.hash_of([kept[level, place] for place in range(*reach)])
        for node, (level, reach) in places.items()
    }


async def proof_over(connection: Connection, ranges: list[Range]) -> list[bytes]:
    """The hashes of a proof, read from what is kept: a few hundred rows, whatever the size of the tree."""
    found = await _hashes_at(connection, [node for wanted in ranges for node in merkle.nodes_of(wanted)])
    return merkle.proof_of(ranges, found.__getitem__)


async def prove(connection: Connection, entry: UUID) -> Proof:
    """Prove that an entry is in the tree of the newest checkpoint. Raises `NotSealed`."""
    proofs = await prove_all(connection, [entry])
    if entry not in proofs:
        raise NotSealed("There is no such entry, or it is not sealed yet.")
    return proofs[entry]


async def prove_all(connection: Connection, entries: list[UUID]) -> dict[UUID, Proof]:
    """The same for many entries, in four queries. What is not sealed yet or not there is left out."""
    places = {row["entry_id"]: row["position"] for row in await sql.places_of(connection, entries=entries)}
    # Read after the places: it covers them all.
    newest = await sql.newest_checkpoint(connection)
    if not places or newest is None:
        return {}
    leaves = {row["id"]: row["leaf"] for row in await sql.leaves_of(connection, entries=list(places))}
    ranges = {entry: merkle.inclusion_ranges(place, newest["size"]) for entry, place in places.items()}
    nodes = {node for one in ranges.values() for wanted in one for node in merkle.nodes_of(wanted)}
    found = await _hashes_at(connection, list(nodes))
    return {
        entry: Proof(
            leaf=leaves[entry],
            position=place,
            hashes=[one.hex() for one in merkle.proof_of(ranges[entry], found.__getitem__)],
            checkpoint=newest["note"],
        )
        for entry, place in places.items()
    }


async def extend(connection: Connection, earlier: int, later: int) -> Extension:
    """Prove that the tree of one checkpoint only added to that of an earlier one. Raises `NotSealed`.

    The checkpoints are named by their sizes; 0 as the later one is the newest.
    """
    rows = [await sql.checkpoint_of(connection, size=size) for size in (earlier, later)]
    if later == 0:
        rows[1] = await sql.newest_checkpoint(connection)
    if any(row is None for row in rows):
        raise NotSealed("There is no checkpoint of that size.")
    old, new = rows
    hashes = await proof_over(connection, merkle.consistency_ranges(old["size"], new["size"]))
    return Extension(earlier=old["note"], later=new["note"], hashes=[one.hex() for one in hashes])


def check_proof(proof: Proof, keys: list[PublicKey]) -> Checkpoint:
    """See, without a database, that an entry was sealed. Raises `BadNote` or `ForgedProof`."""
    checkpoint = Note.read(proof.checkpoint).opened(keys)
    leaf = merkle.leaf_hash(proof.leaf.encode())
    merkle.check_inclusion(leaf, proof.position, checkpoint.size, _read(proof.hashes), checkpoint.root)
    return checkpoint


def check_extension(extension: Extension, keys: list[PublicKey]) -> tuple[Checkpoint, Checkpoint]:
    """See, without a database, that nothing was taken back between two checkpoints. Raises as above."""
    old, new = (Note.read(note).opened(keys) for note in (extension.earlier, extension.later))
    if old.origin != new.origin:
        raise BadNote("The two checkpoints are of different trails.")
    merkle.check_consistency(old.size, old.root, new.size, new.root, _read(extension.hashes))
    return old, new


def _read(hashes: list[str]) -> list[bytes]:
    try:
        read = [bytes.fromhex(one) for one in hashes]
    except ValueError as fault:
        raise merkle.ForgedProof("A hash of the proof is not in hex.") from fault
    if any(len(one) != len(merkle.EMPTY) for one in read):
        raise merkle.ForgedProof("A hash of the proof has not 32 bytes.")
    return read


async def seconds_behind(db: Database) -> float:
    """For how long the oldest entry without a leaf has waited. More than `LATE` is worth an alarm."""
    async with db.read() as connection:
        behind: float = await sql.seconds_behind(connection)
    return behind


def key_file(settings: Settings) -> Path:
    """Where the private key lies: in a file, since whoever has the whole database must not have it too."""
    return settings.data_dir / "seal-key"


class KeyPlace(StrEnum):
    """What is where the key that seals should be."""

    IN_USE = "in_use"
    NO_KEY = "no_key"
    ANOTHER_KEY = "another_key"
    UNREADABLE = "unreadable"
    MALFORMED = "malformed"


class Found(msgspec.Struct, frozen=True):
    """The key of a data folder, held against the one that the trail is sealed with."""

    place: KeyPlace
    key: SealKey | None
    says: str
    """What is wrong, which file it is, and what to do."""


REMEDY = (
    "Let the worker have the EDITORIAL_DATA_DIR in which the key lies (the same file on every machine with a "
    "worker). Where the key is lost: editorial audit new-key --old-is-lost"
)


def look_for_key(settings: Settings, verifier: str | None) -> Found:
    """The key of this data folder, held against the trail's present one, which may be none."""
    path = key_file(settings)
    try:
        key = _kept_key(path)
        if verifier is not None and (key is None or str(key.public) != verifier):
            key = _next_key(path, verifier) or key
    except (BadNote, UnicodeDecodeError):
        return Found(KeyPlace.MALFORMED, None, f"{path} is no key that seals the trail. {REMEDY}")
    except OSError as fault:
        return Found(
            KeyPlace.UNREADABLE,
            None,
            f"The seal key {path} cannot be read: {fault.strerror}. Let this process's user read it.",
        )
    if key is None:
        return Found(KeyPlace.NO_KEY, None, f"There is no seal key at {path}. {REMEDY}")
    if verifier is None:
        return Found(
            KeyPlace.ANOTHER_KEY,
            None,
            f"{path} is the key of another trail: this one has none yet. Give this installation an "
            "EDITORIAL_DATA_DIR of its own, or move the file away: a new key is made then.",
        )
    if str(key.public) != verifier:
        return Found(KeyPlace.ANOTHER_KEY, None, f"{path} is not the key that seals this trail. {REMEDY}")
    return Found(KeyPlace.IN_USE, key, f"The key that seals the trail is {path}.")


async def present_key(db: Database, settings: Settings) -> SealKey | None:
    """The key that signs, if this process has it. A trail without any key gets a new one.

    Where the file has another key than the one that was introduced last, this process does not seal. A key
    that lies there already begins no trail: it is the one of another.
    """
    async with db.read() as connection:
        rows = await sql.list_keys(connection)
    if not rows:
        try:
            if not await asyncio.to_thread(key_file(settings).exists):
                return await _first_key(db, settings)
        except OSError as fault:
            _warn(
                f"the trail is not sealed by this process: its key cannot be kept in "
                f"{key_file(settings).parent}: "
                f"{fault.strerror}. Let this process's user write there, or choose another "
                "EDITORIAL_DATA_DIR."
            )
            return None
    verifier = rows[-1]["verifier"] if rows else None
    found = await asyncio.to_thread(look_for_key, settings, verifier)
    if found.key is None:
        _warn(f"the trail is not sealed by this process: {found.says}")
    return found.key


async def _first_key(db: Database, settings: Settings) -> SealKey | None:
    """Begin the trail's seal with a new key, unless another process has begun it meanwhile."""
    path = key_file(settings)
    async with db.write(SYSTEM, "add_seal_key", ObjectKind.SEAL_KEY) as tx:
        await sql.await_turn(tx, lock=_LOCK)
        rows = await sql.list_keys(tx)
        if not rows:
            key = SealKey.new(_name(settings))
            await sql.add_first_key(tx, verifier=str(key.public))
            # Before the commit: a key that is in use and lies nowhere would be lost.
            await asyncio.to_thread(_keep_new, path.with_name(_NEXT), key)
    if rows:
        return (await asyncio.to_thread(look_for_key, settings, rows[-1]["verifier"])).key
    with contextlib.suppress(FileNotFoundError):  # Another process of this folder has put it in its place.
        await asyncio.to_thread(path.with_name(_NEXT).replace, path)
    return key


async def replace_key(db: Database, settings: Settings, *, old_is_lost: bool = False) -> PublicKey:
    """Introduce a new key. The old one signs a checkpoint together with it, unless it is lost.

    Raises `NotSealed` where there is nothing to go on from.
    """
    path = key_file(settings)
    next_path = path.with_name(_NEXT)
    old = await asyncio.to_thread(_kept_key, path)
    async with db.write(SYSTEM, "add_seal_key", ObjectKind.SEAL_KEY) as tx:
        await sql.await_turn(tx, lock=_LOCK)
        newest, keys = await sql.newest_checkpoint(tx), await sql.list_keys(tx)
        if newest is None or not keys:
            raise NotSealed("The trail has not been sealed yet: start a worker first.")
        present = PublicKey.read(keys[-1]["verifier"])
        new = SealKey.new(present.name)
        signers = [new]
        if not old_is_lost:
            if old is None or old.public != present:
                raise NotSealed("The key in use is not here. Say that it is lost, or fetch it.")
            signers = [old, new]
        await sql.add_key(tx, verifier=str(new.public))
        checkpoint = Note.read(newest["note"]).checkpoint
        await sql.add_checkpoint(
            tx,
            number=newest["number"] + 1,
            size=newest["size"],
            note=checkpoint.note(*signers),
            horizon=newest["horizon"],
            is_of_this_cluster=newest["is_of_this_cluster"],
        )
        # Before the commit: a key that is in use and lies nowhere would be lost.
        await asyncio.to_thread(_keep, next_path, new)
    await asyncio.to_thread(next_path.replace, path)
    return new.public


def _name(settings: Settings) -> str:
    """What this trail is called in its checkpoints."""
    return f"{settings.issuer.replace('+', '-')}/trail"


def _kept_key(path: Path) -> SealKey | None:
    """The key in a file, if there is one."""
    return SealKey.read(path.read_text(encoding="utf-8")) if path.exists() else None


def _keep_new(path: Path, key: SealKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _keep(path, key)


def _next_key(path: Path, wanted: str) -> SealKey | None:
    """The key that was introduced, and not yet put in the place of the old one: whoever did it was killed."""
    waiting = path.with_name(_NEXT)
    if not waiting.exists():
        return None
    key = SealKey.read(waiting.read_text(encoding="utf-8"))
    if str(key.public) != wanted:
        return None
    waiting.replace(path)
    return key


def _keep(path: Path, key: SealKey) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR), "w", encoding="utf-8") as file:
        file.write(key.written() + "\n")
        file.flush()
        os.fsync(file.fileno())


@cache
def _warn(message: str) -> None:
    """Say it once in the life of a process, not each second."""
    log.warning(message)
