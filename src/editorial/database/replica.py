"""Public reads: from a replica where there is one and it is recent enough, else from the primary.

A replica can be behind by any amount. Each transaction that changes public pages increments a count
(`published_version`), and a replica is used once it has reached the count that this process knows.
After a transition in this process, the primary is read until the count is known again.
"""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import structlog

from editorial.core.refusals import DatabaseAway
from editorial.database.access import Database
from editorial.database.queries import Connection, load_queries

sql = load_queries("database/notifications")
log = structlog.get_logger("editorial.database.replica")

PATIENCE = 0.5
"""Seconds that a replica is given to say how far it is. A reader waits meanwhile."""
REST = 5.0
"""Seconds for which a replica that did not answer is left alone."""


class Replica:
    """A way to read what is public. Without an address, it is the primary's."""

    def __init__(self, db: Database, url: str | None, *, pool_size: int) -> None:
        """Name primary and replica; nothing is connected before `open()`."""
        self._db = db
        self._copy = (
            None
            if url is None
            else Database(
                url, pool_size=pool_size, keeps_open=0, patience=2 * PATIENCE, connects_within=PATIENCE
            )
        )
        self._generation: int | None = None
        self._rests_until = 0.0
        self.moves = 0
        """How often what was known became uncertain."""
        self.reads = 0
        """Answers that came from the replica."""
        self.refused = 0
        """Reads for which the replica was not usable."""

    async def open(self) -> None:
        """Open the replica, where there is one. An absent replica does not prevent the start."""
        if self._copy is not None:
            await self._copy.open()

    async def close(self) -> None:
        """Disconnect."""
        if self._copy is not None:
            await self._copy.close()

    @property
    def is_trusted(self) -> bool:
        """Whether the count that a replica must reach is known."""
        return self._generation is not None

    def distrust(self) -> None:
        """Something has changed, or may have, and its count is not known."""
        self._generation = None
        self.moves += 1

    def trust_from(self, generation: int, moves: int) -> None:
        """The primary was at this count, asked when there had been so many moves."""
        if moves == self.moves:
            self._generation = generation

    def raise_to(self, generation: int) -> None:
        """Raise the count after a notification of a change."""
        if self._generation is not None:
            self._generation = max(self._generation, generation)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A connection for public reads, to a server that has reached the count that this process knows."""
        async with AsyncExitStack() as held:
            connection = await self._far_enough(held)
            if connection is None:
                connection = await held.enter_async_context(self._db.read())
            yield connection

    async def _far_enough(self, held: AsyncExitStack) -> Connection | None:
        wanted = self._generation
        if self._copy is None or wanted is None or time.monotonic() < self._rests_until:
            return None
        try:
            async with AsyncExitStack() as trying:
                connection = await trying.enter_async_context(self._copy.read())
                if await connection.fetchval(sql.count_generations.sql, timeout=PATIENCE) >= wanted:
                    held.push_async_exit(trying.pop_all())
                    self.reads += 1
                    return connection
        except (DatabaseAway, OSError, asyncpg.PostgresError) as fault:
            self._rests_until = time.monotonic() + REST
            log.warning("the replica does not answer", kind=type(fault.__cause__ or fault).__name__)
        self.refused += 1
        return None
