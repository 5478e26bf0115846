"""Postgres is killed among writers: all that was acknowledged is there, and every entry has its change."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import psutil

from editorial.audit import sealer as sealing
from editorial.audit import verify as audit_verify
from editorial.database import embedded
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.settings import Settings

WRITERS = 32
ENOUGH = 200
"""How many acknowledged changes there are before the server is killed, in the middle of others."""


async def write(
    url: str, share: int, acknowledged: set[UUID], tried: set[UUID], enough: asyncio.Event
) -> None:
    """Add people until the server is gone; a third of the transactions roll back."""
    connection = await asyncpg.connect(url)
    for number in range(10_000):
        person = uuid4()
        context = {"actor_kind": "system", "action": "add_person", "object": str(person), "request": "test"}
        await connection.execute("begin")
        await connection.execute(
            "select set_config('editorial.context', $1, true)", msgspec.json.encode(context).decode()
        )
        await connection.execute("insert into person (id, display_name) values ($1, 'Somebody')", person)
        if (number + share) % 3 == 0:
            await connection.execute("rollback")
            continue
        tried.add(person)
        await connection.execute("commit")
        acknowledged.add(person)
        if len(acknowledged) >= ENOUGH:
            enough.set()


def kill(data: Path) -> None:
    """End the server and every process of it at once, without a word."""
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes, timeout=20)


async def test_nothing_acknowledged_is_lost_and_no_entry_is_without_its_change(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "keys")
    acknowledged: set[UUID] = set()
    tried: set[UUID] = set()
    with embedded.start(tmp_path / "server") as server:
        await migrate(server.owner_url)
        db = Database(server.application_url, pool_size=2)
        await db.open()
        enough = asyncio.Event()
        writers = [
            asyncio.create_task(write(server.application_url, share, acknowledged, tried, enough))
            for share in range(WRITERS)
        ]
        async with asyncio.timeout(60):
            while not enough.is_set():
                await sealing.seal_trail(db, settings)
                await asyncio.sleep(0.02)
        (data,) = (path.parent for path in (tmp_path / "server").rglob("postmaster.pid"))
        kill(data)
        ends = await asyncio.gather(*writers, return_exceptions=True)
        gone = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
        assert [repr(end) for end in ends if not isinstance(end, gone)] == []
        with contextlib.suppress(*gone):
            await db.close()

    with embedded.start(tmp_path / "server") as server:
        connection = await asyncpg.connect(server.application_url)
        people = await ids(connection, "select id from person")
        entries = await ids(connection, "select object_id from audit_entry where action = 'add_person'")
        changes = await ids(
            connection,
            "select (row_key ->> 'id')::uuid from audit_change where table_name = 'person'",
        )
        await connection.close()
        assert len(acknowledged) >= ENOUGH
        assert acknowledged <= people
        assert people <= tried
        assert people == entries == changes
        db = Database(server.application_url, pool_size=2)
        await db.open()
        await sealing.seal_trail(db, settings)
        await db.close()
        found = await audit_verify.verify(server.owner_url)
        assert (found.unsealed, found.size >= len(people)) == (0, True)


async def ids(connection: Any, question: str) -> set[UUID]:
    return {row[0] for row in await connection.fetch(question)}
