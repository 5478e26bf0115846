"""The sealer: every committed entry gets its leaf once, whatever order transactions commit in."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from conftest import address, run_sql
from editorial.audit import merkle
from editorial.audit import sealer as sealing
from editorial.audit.checkpoints import BadNote, Note, PublicKey, SealKey
from editorial.audit.merkle import ForgedProof
from editorial.cli.main import main
from editorial.cli.startup import ExitCode
from editorial.core.permissions import SYSTEM
from editorial.database.access import Database, ObjectKind
from editorial.settings import Settings

KEY = SealKey("newsroom.example/trail", bytes(range(32)))
Connection = Any


@pytest.fixture
async def db(own_database: str) -> AsyncIterator[Database]:
    """Give the application's database, which nobody else uses."""
    url = address(own_database, urlsplit(own_database).path.removeprefix("/"), "editorial_app")
    db = Database(url, pool_size=4)
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def writer(own_database: str) -> AsyncIterator[Connection]:
    """Give a connection of its own, to leave transactions open on."""
    connection = await asyncpg.connect(own_database)
    yield connection
    await connection.close()


async def leave_entry(connection: Connection, action: str) -> UUID:
    """A trail entry in the transaction that is open, and its id."""
    context = {"actor_kind": "system", "action": action, "object": str(uuid4()), "request": "test"}
    await connection.execute(
        "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
    )
    entry: UUID = await connection.fetchval("select record_attempt('editorial')")
    return entry


async def committed(db: Database, action: str = "try") -> UUID:
    """An entry that is committed."""
    async with db.write(SYSTEM, action, ObjectKind.NONE, uuid4()) as tx:
        entry: UUID = await tx.fetchval("select record_attempt('editorial')")
    return entry


async def seal_now(db: Database) -> None:
    """Seal what can be sealed."""
    while await sealing.seal(db, KEY):
        pass


async def settle(db: Database) -> None:
    """Wait until no transaction of other tests on this server holds our entries up."""
    async with asyncio.timeout(30), db.read() as connection:
        while not await connection.fetchval(
            "select coalesce(bool_and(transaction < pg_snapshot_xmin(pg_current_snapshot())), true) "
            "from audit_entry where cluster = cluster_identifier()"
        ):
            await asyncio.sleep(0.01)


async def seal_all(db: Database) -> None:
    """Seal everything."""
    await settle(db)
    await seal_now(db)


async def leaves(db: Database) -> list[UUID]:
    """The sealed entries, in the order of the tree."""
    async with db.read() as connection:
        rows = await connection.fetch("select position, entry_id from audit_leaf order by position")
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["entry_id"] for row in rows]


async def unsealed(db: Database) -> int:
    async with db.read() as connection:
        count: int = await connection.fetchval(
            "select count(*) from audit_entry where id not in (select entry_id from audit_leaf)"
        )
    return count


async def checkpoints(db: Database) -> list[Note]:
    async with db.read() as connection:
        rows = await connection.fetch("select note from audit_checkpoint order by number")
    return [Note.read(row["note"]) for row in rows]


async def test_an_entry_that_commits_late_is_sealed_after_one_that_began_later(
    db: Database, writer: Connection
) -> None:
    await seal_all(db)
    before = len(await leaves(db))
    await writer.execute("begin")
    late = await leave_entry(writer, "slow")
    early = await committed(db, "quick")
    # The first transaction has the smaller number and is still open: nothing at or above it can be sealed.
    await seal_now(db)
    assert len(await leaves(db)) == before
    await writer.execute("commit")
    await seal_all(db)
    assert (await leaves(db))[before:] == [late, early]


async def test_an_entry_that_is_taken_back_keeps_nobody_waiting(db: Database, writer: Connection) -> None:
    await writer.execute("begin")
    lost = await leave_entry(writer, "slow")
    kept = await committed(db)
    await writer.execute("rollback")
    await seal_all(db)
    sealed = await leaves(db)
    assert kept in sealed
    assert lost not in sealed
    assert await unsealed(db) == 0


async def test_a_transaction_of_another_database_stops_the_sealer_and_the_lag_tells(
    db: Database, server_url: str
) -> None:
    await seal_all(db)
    assert await sealing.seconds_behind(db) == 0
    elsewhere = await asyncpg.connect(server_url)
    try:
        await elsewhere.execute("begin; select pg_current_xact_id()")
        entry = await committed(db)
        await seal_now(db)
        assert entry not in await leaves(db)
        assert await sealing.seconds_behind(db) > 0
        await elsewhere.execute("rollback")
    finally:
        await elsewhere.close()
    await seal_all(db)
    assert entry in await leaves(db)
    assert await sealing.seconds_behind(db) == 0


async def test_of_many_writers_who_roll_back_not_one_entry_is_left_out(
    db: Database, own_database: str
) -> None:
    chance = random.Random(9162)
    kept: set[UUID] = set()
    over = asyncio.Event()

    async def write(share: random.Random) -> None:
        connection = await asyncpg.connect(own_database)
        try:
            for _ in range(15):
                await connection.execute("begin")
                entry = await leave_entry(connection, "write")
                # Somebody else's turn: transactions overlap, and end in another order than they began.
                for _ in range(share.randrange(6)):
                    await asyncio.sleep(0)
                    await connection.fetchval("select 1")
                if share.random() < 1 / 3:
                    await connection.execute("rollback")
                else:
                    await connection.execute("commit")
                    kept.add(entry)
        finally:
            await connection.close()

    async def seal_meanwhile() -> int:
        rounds = 0
        while not over.is_set():
            await sealing.seal(db, KEY)
            rounds += 1
        return rounds

    sealers = [asyncio.create_task(seal_meanwhile()) for _ in range(2)]
    await asyncio.gather(*(write(random.Random(chance.random())) for _ in range(32)))
    over.set()
    assert sum(await asyncio.gather(*sealers)) > 2
    await seal_all(db)
    sealed = await leaves(db)
    assert len(sealed) == len(set(sealed))
    assert kept <= set(sealed)
    assert await unsealed(db) == 0
    async with db.read() as connection:
        assert await connection.fetchval("select count(*) from audit_entry") == len(sealed)
    # Every checkpoint on the way is the same tree, only smaller.
    notes = await checkpoints(db)
    assert len(notes) > 2
    async with db.read() as connection:
        for note in notes:
            tree = note.opened([KEY.public])
            assert (await sealing.edge_at(connection, tree.size)).root == tree.root


async def test_an_entry_longer_than_a_page_is_sealed_page_by_page(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "PAGE", 3)
    # A first page among the leftovers of a trail that was never sealed, then pages of one transaction.
    await seal_all(db)
    assert await unsealed(db) == 0
    async with db.write(SYSTEM, "try", ObjectKind.NONE) as tx:
        for _ in range(8):
            await db.step(tx, SYSTEM, "try", ObjectKind.NONE, uuid4())
            await tx.execute("select record_attempt('editorial')")
    await seal_all(db)
    assert await unsealed(db) == 0
    sizes = [note.checkpoint.size for note in await checkpoints(db)]
    assert sizes == sorted(sizes)
    assert all(later - earlier <= 3 for earlier, later in pairwise(sizes))


async def test_what_a_restore_left_unsealed_is_sealed_in_the_new_cluster(
    db: Database, own_database: str
) -> None:
    await seal_all(db)
    old = await committed(db)
    # As a dump brings them: numbers of another cluster, far beyond those that this one has come to.
    await run_sql(
        own_database,
        "begin; alter table audit_entry disable trigger stays_written;"
        "alter table audit_checkpoint disable trigger stays_written;"
        "update audit_entry set cluster = 1,"
        " transaction = (transaction::text::bigint + 4000000000)::text::xid8;"
        "update audit_checkpoint set cluster = 1,"
        " horizon = (horizon::text::bigint + 4000000000)::text::xid8;"
        "alter table audit_entry enable always trigger stays_written;"
        "alter table audit_checkpoint enable always trigger stays_written; commit",
    )
    new = await committed(db)
    await seal_all(db)
    sealed = await leaves(db)
    assert sealed[-2:] == [old, new]
    assert await unsealed(db) == 0
    # From here on it goes by numbers again, and a quiet trail gets no checkpoints.
    count = len(await checkpoints(db))
    await seal_all(db)
    assert len(await checkpoints(db)) == count


async def test_which_cluster_this_is_is_not_asked_of_each_entry(db: Database, writer: Connection) -> None:
    for _ in range(20):
        await committed(db)
    await writer.execute("set track_functions = 'all'")
    for waiting in (
        sealing.sql.leftovers(writer, horizon="9999999", page=100),
        sealing.sql.unsealed_entries(writer, since="0", horizon="9999999", page=100),
    ):
        async with writer.transaction():
            assert len(await waiting) >= 20
            calls = await writer.fetchval(
                "select calls from pg_stat_xact_user_functions where funcname = 'cluster_identifier'"
            )
        assert calls < 10


async def test_a_restored_trail_that_is_whole_says_so_once(db: Database, own_database: str) -> None:
    await seal_all(db)
    await run_sql(
        own_database,
        "begin; alter table audit_checkpoint disable trigger stays_written;"
        "update audit_checkpoint set cluster = 1;"
        "alter table audit_checkpoint enable always trigger stays_written; commit",
    )
    await seal_all(db)
    await seal_all(db)
    sizes = [note.checkpoint.size for note in await checkpoints(db)]
    assert sizes[-1] == sizes[-2]
    assert sizes.count(sizes[-1]) == 2


async def test_two_sealers_never_seal_twice(db: Database) -> None:
    for _ in range(5):
        await committed(db)
    await settle(db)
    counts = await asyncio.gather(*(sealing.seal(db, KEY) for _ in range(4)))
    assert sorted(counts)[:3] == [0, 0, 0]
    assert len(await checkpoints(db)) == 1


async def test_everything_of_an_entry_is_in_its_leaf(db: Database) -> None:
    entry = await committed(db)
    async with db.read() as connection:
        (row,) = await sealing.sql.leaves_of(connection, entries=[entry])
        told = msgspec.json.decode(row["leaf"])
        columns = {
            table: {
                one["attname"]
                for one in await connection.fetch(
                    "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 "
                    "and not attisdropped",
                    table,
                )
            }
            for table in ("audit_entry", "audit_change")
        }
        changed = await connection.fetchval("select entry_id from audit_change limit 1")
        (row,) = await sealing.sql.leaves_of(connection, entries=[changed])
    # Of the note there is a digest.
    assert columns["audit_entry"] - {"note"} == set(told) - {"leaf", "changes"}
    (change, *_) = msgspec.json.decode(row["leaf"])["changes"]
    assert columns["audit_change"] - {"entry_id"} == set(change)


async def test_an_entry_is_proved_to_whoever_has_no_database(db: Database) -> None:
    entries = [await committed(db) for _ in range(20)]
    await seal_all(db)
    async with db.read() as connection:
        for entry in entries:
            proof = await sealing.prove(connection, entry)
            tree = sealing.check_proof(proof, [KEY.public])
            assert msgspec.json.decode(proof.leaf)["id"] == str(entry)
            assert len(proof.hashes) <= tree.size.bit_length()
        waiting = await committed(db)
        with pytest.raises(sealing.NotSealed):
            await sealing.prove(connection, waiting)

    text = msgspec.structs.replace(proof, leaf=proof.leaf.replace('"try"', '"tri"'))
    place = msgspec.structs.replace(proof, position=proof.position - 1)
    short = msgspec.structs.replace(proof, hashes=proof.hashes[1:])
    odd = msgspec.structs.replace(proof, hashes=["zz", *proof.hashes[1:]])
    for forged in (text, place, short, odd):
        with pytest.raises(ForgedProof):
            sealing.check_proof(forged, [KEY.public])
    with pytest.raises(BadNote):
        sealing.check_proof(proof, [SealKey.new(KEY.name).public])


async def test_a_later_checkpoint_is_proved_to_have_only_added(db: Database) -> None:
    for _ in range(3):
        for _ in range(7):
            await committed(db)
        await seal_all(db)
    sizes = [note.checkpoint.size for note in await checkpoints(db)]
    async with db.read() as connection:
        extension = await sealing.extend(connection, sizes[0], sizes[-1])
        assert extension == await sealing.extend(connection, sizes[0], 0)
        with pytest.raises(sealing.NotSealed):
            await sealing.extend(connection, sizes[0], sizes[-1] + 1)
    old, new = sealing.check_extension(extension, [KEY.public])
    assert (old.size, new.size) == (sizes[0], sizes[-1])

    swapped = msgspec.structs.replace(extension, earlier=extension.later, later=extension.earlier)
    empty = msgspec.structs.replace(extension, hashes=[])
    for forged in (swapped, empty):
        with pytest.raises(ForgedProof):
            sealing.check_extension(forged, [KEY.public])
    other = SealKey("other.example/trail", KEY.seed)
    foreign = Note.read(extension.later).checkpoint
    elsewhere = msgspec.structs.replace(foreign, origin=other.name).note(other)
    with pytest.raises(BadNote):
        sealing.check_extension(
            msgspec.structs.replace(extension, later=elsewhere), [KEY.public, other.public]
        )


async def test_the_key_lies_in_a_file_that_only_its_owner_reads(db: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "not yet there", issuer="news+room")
    keys = await asyncio.gather(*(sealing.present_key(db, settings) for _ in range(3)))
    assert len(set(keys)) == 1
    key = keys[0]
    assert key is not None
    assert key.name == "news-room/trail"
    assert sealing.key_file(settings).stat().st_mode & 0o077 == 0
    assert [path.name for path in settings.data_dir.iterdir()] == ["seal-key"]
    async with db.read() as connection:
        rows = await sealing.sql.list_keys(connection)
        found = await connection.fetch("select note from audit_entry where action = 'add_seal_key'")
    assert [row["verifier"] for row in rows] == [str(key.public)]
    assert len(found) == 1


async def test_who_has_another_key_or_none_does_not_seal(db: Database, tmp_path: Path) -> None:
    ours = Settings(data_dir=tmp_path / "ours")
    assert await sealing.present_key(db, ours) is not None
    assert await sealing.present_key(db, Settings(data_dir=tmp_path / "nothing")) is None
    other = Settings(data_dir=tmp_path / "other")
    other.data_dir.mkdir()
    sealing.key_file(other).write_text(KEY.written())
    assert await sealing.present_key(db, other) is None
    sealing.key_file(other).write_text("rubbish")
    assert await sealing.present_key(db, other) is None
    await committed(db)
    await settle(db)
    await sealing.seal_trail(db, other)
    assert await checkpoints(db) == []
    await sealing.seal_trail(db, ours)
    assert len(await checkpoints(db)) == 1


async def test_a_new_key_is_introduced_by_the_old_one(db: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    await settle(db)
    await sealing.seal_trail(db, settings)
    old = await sealing.present_key(db, settings)
    assert old is not None
    new = await sealing.replace_key(db, settings)
    assert new != old.public
    present = await sealing.present_key(db, settings)
    assert present is not None
    assert present.public == new
    both = (await checkpoints(db))[-1]
    assert both.signed_by([old.public, new]) == [old.public, new]
    await committed(db)
    await settle(db)
    await sealing.seal_trail(db, settings)
    assert (await checkpoints(db))[-1].signed_by([old.public, new]) == [new]
    assert [path.name for path in tmp_path.iterdir()] == ["seal-key"]


async def test_a_key_that_was_introduced_when_its_process_was_killed_is_found(
    db: Database, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    await settle(db)
    await sealing.seal_trail(db, settings)
    old = sealing.key_file(settings).read_text()
    new = await sealing.replace_key(db, settings)
    sealing.key_file(settings).rename(tmp_path / "seal-key.next")
    sealing.key_file(settings).write_text(old)
    present = await sealing.present_key(db, settings)
    assert present is not None
    assert present.public == new
    assert PublicKey.read(str(SealKey.read(sealing.key_file(settings).read_text()).public)) == new


async def test_a_key_that_is_lost_is_replaced_only_by_who_says_so(db: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(sealing.NotSealed):
        await sealing.replace_key(db, settings)
    await settle(db)
    await sealing.seal_trail(db, settings)
    sealing.key_file(settings).unlink()
    with pytest.raises(sealing.NotSealed):
        await sealing.replace_key(db, settings)
    new = await sealing.replace_key(db, settings, old_is_lost=True)
    assert (await checkpoints(db))[-1].signed_by([new]) == [new]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
async def test_a_proof_reads_only_what_is_kept(
    db: Database, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merkle, "STEP", 8)
    await seal_all(db)
    start = len(await leaves(db))
    async with db.write(SYSTEM, "try", ObjectKind.NONE) as tx:
        await tx.execute(
            "select count(set_config('editorial.context', jsonb_build_object('actor_kind', 'system', "
            "'action', 'try', 'object', new_id(), 'request', 'test')::text, true)), "
            "count(record_attempt('editorial')) from generate_series(1, $1)",
            size,
        )
    await seal_all(db)
    total = len(await leaves(db))
    assert total == start + size
    async with db.read() as connection:
        rows = await connection.fetch("select hash from audit_leaf order by position")
        edge = merkle.Edge(0, [])
        for row in rows:
            edge.append(row["hash"])
        assert (await sealing.edge_at(connection, total)).root == edge.root
        kept = await connection.fetch("select level, position from audit_node order by level, position")
    assert [(row["level"], row["position"]) for row in kept] == [(8, place) for place in range(total // 256)]


async def test_a_key_that_lies_there_begins_no_trail(db: Database, tmp_path: Path) -> None:
    """It is another trail's: the demo's, in the user's data folder."""
    settings = Settings(data_dir=tmp_path)
    sealing.key_file(settings).write_text(KEY.written())
    assert await sealing.present_key(db, settings) is None
    async with db.read() as connection:
        assert await sealing.sql.list_keys(connection) == []
    found = sealing.look_for_key(settings, None)
    assert str(sealing.key_file(settings)) in found.says
    assert "another trail" in found.says
    assert sealing.key_file(settings).read_text() == KEY.written()


async def test_whose_key_is_here_is_told_with_its_file_and_the_remedy(
    db: Database, own_database: str, tmp_path: Path
) -> None:
    ours = Settings(data_dir=tmp_path / "ours")
    key = await sealing.present_key(db, ours)
    assert key is not None
    verifier = str(key.public)
    assert sealing.look_for_key(ours, verifier).place is sealing.KeyPlace.IN_USE
    nothing = sealing.look_for_key(Settings(data_dir=tmp_path / "nothing"), verifier)
    assert nothing.place is sealing.KeyPlace.NO_KEY
    assert f"{tmp_path}/nothing/seal-key" in nothing.says
    assert "new-key --old-is-lost" in nothing.says
    other = Settings(data_dir=tmp_path)
    sealing.key_file(other).write_text(KEY.written())
    assert sealing.look_for_key(other, verifier).place is sealing.KeyPlace.ANOTHER_KEY
    sealing.key_file(other).write_text("rubbish")
    assert sealing.look_for_key(other, verifier).place is sealing.KeyPlace.MALFORMED


async def test_a_trail_that_nobody_seals_is_no_quiet_success(
    db: Database, own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database)
    monkeypatch.setenv("EDITORIAL_DATA_DIR", str(tmp_path))
    await committed(db)

    async def program(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, arguments)

    monkeypatch.setattr(sealing, "LATE", 3_600.0)
    assert (await program("audit", "verify")).exit_code == 0, "it may wait for a moment"
    monkeypatch.setattr(sealing, "LATE", 0.0)
    told = await program("audit", "verify")
    assert told.exit_code == ExitCode.NOT_SEALED
    assert "no worker seals" in told.stderr
    found = json.loads((await program("audit", "verify", "--json")).stdout)
    assert (found["verified"], found["sealed_in_time"]) == (True, False)
    assert "BAD  The trail is not sealed" in (await program("doctor")).stdout
    await settle(db)
    await sealing.seal_trail(db, Settings(data_dir=tmp_path))
    monkeypatch.setattr(sealing, "LATE", 60.0)
    assert (await program("audit", "verify")).exit_code == 0
    ours = f"ok   The key that seals the trail is {tmp_path}/seal-key."
    assert ours in (await program("doctor")).stdout
    (tmp_path / "seal-key").write_text(KEY.written())
    assert f"BAD  {tmp_path}/seal-key is not the key" in (await program("doctor")).stdout
