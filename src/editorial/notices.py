"""What changed for readers, and whose standing, heard from the database as it commits, and asked for besides.

Postgres says on the channel `readers` which commentary a transaction has changed, and counts such
transactions (`sql/migrations/0034_public_generation.sql`). Whoever hears each notice knows the count; whoever
finds another count than that, after a lost notice or a lost connection, forgets everything. On the channel
`standing` it says that somebody's roles, session or account have changed; while nobody can hear it, nobody's
are kept (`editorial.acquaintances`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from editorial.acquaintances import People
from editorial.db import Database
from editorial.queries import Connection, load_queries
from editorial.replica import Replica
from editorial.shelf import Shelf

sql = load_queries("notices")
log = structlog.get_logger("editorial.notices")

READERS, STANDING = "readers", "standing"
PAUSE = 0.4
"""Seconds between two looks at the count: a lost notice is made up for within a second."""
PATIENCE = 1.0
"""Seconds after which a database that says nothing is away."""
SILENCES = 2
"""How many new connections have to come to nothing in that time, after one fell silent, before nobody waits
for an answer any more. One alone may be a database that is slow."""


class Notices:
    """Keeps true to the database what a process remembers of it, by a connection of its own.

    It also says how far a replica has to be.
    """

    def __init__(self, db: Database, shelf: Shelf, people: People, replica: Replica) -> None:
        """Nothing is connected before `run()`."""
        self._db = db
        self._shelf = shelf
        self._people = people
        self._replica = replica
        self._count: int | None = None
        self._is_away = False
        self._silences = 0

    async def run(self) -> None:
        """Listen until cancelled, and begin again where the connection is lost."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = await self._db.connect()
            except TimeoutError:
                self._lose()
                self._silences += 1
                if self._silences >= SILENCES:
                    self._db.hang_up()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._lose()
            else:
                try:
                    await self._listen(connection)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    log.warning("the connection for notices is lost")
                finally:
                    self._people.lose()
                    connection.terminate()
                # Not away yet: a server that only dropped this connection takes the next one at once.
                continue
            await asyncio.sleep(PAUSE)

    async def _listen(self, connection: Connection) -> None:
        lost = asyncio.Event()

        def lose(_: Any) -> None:
            self._people.lose()
            lost.set()

        connection.add_termination_listener(lose)
        async with asyncio.timeout(PATIENCE):
            await connection.add_listener(READERS, self._hear)
            await connection.add_listener(STANDING, lambda *_: self._people.forget())
        while not lost.is_set():
            asked_at = self._replica.moves
            async with asyncio.timeout(PATIENCE):
                count = await sql.count_generations(connection)
            self._compare(count)
            self._replica.trust_from(count, asked_at)
            if not lost.is_set():
                self._people.listen()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), PAUSE)

    def _compare(self, count: int) -> None:
        """Look at the count. One that is not ours says that a notice is missing, or still on its way."""
        if count != self._count:
            self._shelf.drop()
        self._count = count
        self._shelf.confirm()
        self._db.seems_away = False
        self._silences = 0
        if self._is_away:
            self._is_away = False
            log.info("the database is back")

    def _hear(self, _connection: Any, _process: int, _channel: str, notice: object) -> None:
        count, _, concerned = str(notice).partition(" ")
        if self._count is not None and int(count) <= self._count + 1:
            self._shelf.drop(None if concerned == "*" else UUID(concerned))
            self._count = max(self._count, int(count))
        else:
            self._shelf.drop()
            self._count = int(count)
        self._replica.raise_to(self._count)

    def _lose(self) -> None:
        self._shelf.lose_database()
        self._replica.distrust()
        self._db.seems_away = True
        if not self._is_away:
            self._is_away = True
            log.warning("the database is away; readers get what is in memory")


@contextlib.asynccontextmanager
async def beside(db: Database, shelf: Shelf, people: People, replica: Replica) -> AsyncIterator[None]:
    """Listen in the background of something else, as long as that runs."""
    task = asyncio.create_task(Notices(db, shelf, people, replica).run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
