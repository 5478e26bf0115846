"""A listener that keeps what a process remembers true to the database.

Postgres notifies each process of changes as they commit. A `Subscription` names a channel and says what to drop.
A notification can be lost with its connection, so each subscription also compares itself with the database
several times a second, and drops everything where the two differ.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncpg
import structlog

from editorial.database.access import Database
from editorial.database.queries import Connection

log = structlog.get_logger("editorial.database.notifications")

PAUSE = 0.4
"""Seconds between two comparisons with the database: a lost notification is made up for within a second."""
PATIENCE = 1.0
"""Seconds after which a database that does not answer is away."""
SILENCES = 2
"""How many new connections have to fail within that time, after one became silent, before requests stop waiting
for an answer. One alone may be a database that is slow."""


class Subscription:
    """One cache of the process, and how it stays current. Each method does nothing by default."""

    channel: str
    """The channel of Postgres that it listens on."""

    def notified(self, payload: str) -> None:
        """Drop what a notification names."""

    async def compare(self, connection: Connection) -> None:
        """Compare with the database. Raises as a query does."""

    def connected(self) -> None:
        """From now on, every change arrives."""

    def disconnected(self) -> None:
        """From now on, notifications may be lost."""

    def away(self) -> None:
        """The database cannot be reached."""


class Listener:
    """One connection of its own, on which a process listens for all of its subscriptions."""

    def __init__(self, db: Database, subscriptions: Sequence[Subscription]) -> None:
        """Prepare; `run()` connects."""
        self._db = db
        self._subscriptions = subscriptions
        self._is_away = False
        self._silences = 0

    async def run(self) -> None:
        """Listen until cancelled, and start again where the connection is lost."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = await self._db.connect()
            except TimeoutError:
                self._away()
                self._silences += 1
                if self._silences >= SILENCES:
                    self._db.hang_up()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._away()
            else:
                try:
                    await self._listen(connection)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    log.warning("the connection for notifications is lost")
                finally:
                    self._disconnected()
                    connection.terminate()
                # Not away yet: a server that only dropped this connection takes the next one at once.
                continue
            await asyncio.sleep(PAUSE)

    async def _listen(self, connection: Connection) -> None:
        lost = asyncio.Event()

        def lose(_: Any) -> None:
            self._disconnected()
            lost.set()

        connection.add_termination_listener(lose)
        async with asyncio.timeout(PATIENCE):
            for subscription in self._subscriptions:
                await connection.add_listener(subscription.channel, _hears(subscription))
        while not lost.is_set():
            for subscription in self._subscriptions:
                async with asyncio.timeout(PATIENCE):
                    await subscription.compare(connection)
            self._present()
            if not lost.is_set():
                for subscription in self._subscriptions:
                    subscription.connected()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), PAUSE)

    def _present(self) -> None:
        self._db.seems_away = False
        self._silences = 0
        if self._is_away:
            self._is_away = False
            log.info("the database is back")

    def _disconnected(self) -> None:
        for subscription in self._subscriptions:
            subscription.disconnected()

    def _away(self) -> None:
        for subscription in self._subscriptions:
            subscription.away()
        self._db.seems_away = True
        if not self._is_away:
            self._is_away = True
            log.warning("the database is away; readers get what is in memory")


def _hears(subscription: Subscription) -> Callable[[Any, int, str, object], None]:
    def hear(_connection: Any, _process: int, _channel: str, payload: object) -> None:
        subscription.notified(str(payload))

    return hear


@contextlib.asynccontextmanager
async def listening(db: Database, subscriptions: Sequence[Subscription]) -> AsyncIterator[None]:
    """Listen in the background while the block runs."""
    task = asyncio.create_task(Listener(db, subscriptions).run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
