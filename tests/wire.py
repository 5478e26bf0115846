"""A listener on the wire between the server under test and its Postgres: what goes over it, counted.

It stands outside of the code that it measures, so what the driver adds is counted, too.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

DONE, READY = frozenset({b"C", b"s"}), b"Z"
"""A statement is at its end, or has given as many rows as it was asked for."""
PARSE, BIND, QUERY = b"P", b"B", b"Q"
PREPARING, PREPARED = frozenset({b"P", b"D", b"H"}), frozenset({b"1", b"t", b"T"})
"""A statement is told and described, which a connection does once for each."""
BY_THE_CLOCK = (b"from signing_key", b"as holds,", b"as use_is_news")
"""In what a server asks every few seconds, whichever request comes at that moment: keys, and who comes."""


class Wire:
    """What went over all connections but those that only listen."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.statements = 0
        self.round_trips = 0
        self.sent = 0
        self.received = 0

    def now(self) -> Counter[str]:
        """What was counted up to now."""
        return Counter(vars(self))


class Link:
    """One connection: its messages, told apart as they pass."""

    def __init__(self, wire: Wire) -> None:
        """A connection begins without a kind byte: with its first message, and that is not counted."""
        self._wire = wire
        self._asked = bytearray()
        self._told = bytearray()
        self._has_begun = False
        self._is_ours = True
        self._sent = 0
        self._kinds: set[bytes] = set()
        self._of_the_clock: set[bytes] = set()
        self._is_of_the_clock = False
        self._answers: list[tuple[bytes, int]] = []

    def ask(self, piece: bytes) -> None:
        """A piece from the server under test."""
        self._asked += piece
        if not self._has_begun:
            if len(self._asked) < 4 or len(self._asked) < (size := int.from_bytes(self._asked[:4])):
                return
            del self._asked[:size]
            self._has_begun = True
        for kind, body in messages(self._asked):
            self._kinds.add(kind)
            self._sent += 0 if kind in PREPARING else len(body) + 5
            if kind == PARSE and any(one in body for one in BY_THE_CLOCK):
                self._of_the_clock.add(body.split(b"\0")[0])
            if kind == BIND and body.split(b"\0")[1] in self._of_the_clock:
                self._is_of_the_clock = True
            if kind == PARSE and b"\0LISTEN " in body:
                self._is_ours = False

    def tell(self, piece: bytes) -> None:
        """A piece from Postgres. A statement is prepared once for each connection: that is not counted."""
        self._told += piece
        for kind, body in messages(self._told):
            self._answers.append((kind, len(body) + 5))
            if kind != READY:
                continue
            if self._is_ours and self._kinds & {BIND, QUERY} and not self._is_of_the_clock:
                self._wire.round_trips += 1
                self._wire.statements += sum(one in DONE for one, _ in self._answers)
                self._wire.sent += self._sent
                self._wire.received += sum(
                    size for one, size in self._answers if one not in PREPARED or QUERY in self._kinds
                )
            self._kinds, self._sent, self._answers, self._is_of_the_clock = set(), 0, [], False


def messages(waiting: bytearray) -> list[tuple[bytes, bytes]]:
    """Take every whole message: its kind and its body."""
    found = []
    while len(waiting) >= 5 and len(waiting) >= (end := 1 + int.from_bytes(waiting[1:5])):
        found.append((bytes(waiting[:1]), bytes(waiting[5:end])))
        del waiting[:end]
    return found


@asynccontextmanager
async def listening(folder: Path, target: str) -> AsyncIterator[Wire]:
    """Stand in `folder` as Postgres does in its own, and pass everything on to the socket `target`."""
    wire = Wire()
    held: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        held.add(task)
        there, back = await asyncio.open_unix_connection(target)
        link = Link(wire)

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, hear: object) -> None:
            assert callable(hear)
            while piece := await source.read(65_536):
                hear(piece)
                sink.write(piece)
                await sink.drain()

        ways = [
            asyncio.create_task(carry(reader, back, link.ask)),
            asyncio.create_task(carry(there, writer, link.tell)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for way in ways:
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await way
            for sink in (back, writer):
                sink.close()
            held.discard(task)

    server = await asyncio.start_unix_server(serve, folder / ".s.PGSQL.5432")
    try:
        yield wire
    finally:
        server.close()
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
