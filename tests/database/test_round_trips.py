"""What each operation costs the database: statements, round trips and bytes, held by a committed table.

A change that adds a round trip to an operation fails here, until the table is written anew
(`make counts`) and the difference shows in review. Times belong to `bench/`.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from walk import ROUTES, name_of, take_a_walk
from wire import Wire, listening

TABLE = Path(__file__).parents[2] / "docs" / "round-trips.md"
WRITES = "COUNTS" in os.environ
TIMES = ("statements", "round_trips")
BYTES = ("sent", "received", "answer")
HEADING = """# What each operation asks of the database

Written by `make counts` from requests over real HTTP, and held by `tests/database/test_round_trips.py`: where a
change adds a statement or a round trip, the test fails until this table is written anew. Counted on the wire
between the server and Postgres, with `begin` and `commit`, and without what a connection does once (preparing
a statement) and what a server asks by the clock (its signing keys, and who stands behind a token, every two
seconds). A page for readers is counted where it is made: from memory it costs nothing. Where an action has a
command of its own, it has a line of its own. Bytes are about so many: what goes to Postgres, what comes from
it, and the answer's body.

| operation | statements | round trips | bytes sent | received | answered |
|---|--:|--:|--:|--:|--:|
"""

Counts = dict[str, dict[str, int]]


class Ear:
    """Hears each request that succeeds, by the name of its operation, and what it cost."""

    def __init__(self, wire: Wire) -> None:
        """Nothing is heard yet."""
        self._wire = wire
        self._before = wire.now()
        self.counts: Counts = {}

    async def begin(self, _: httpx.Request) -> None:
        """A request goes out: one at a time."""
        self._before = self._wire.now()

    async def end(self, response: httpx.Response) -> None:
        """Its answer is there. Of several of a kind the one counts that cost least."""
        body = await response.aread()
        cost = {name: count - self._before[name] for name, count in self._wire.now().items()}
        assert response.status_code < 400, (response.request.method, str(response.url), response.text)
        name = name_of(response.request)
        cost["answer"] = len(body)
        if name not in self.counts or weight(cost) <= weight(self.counts[name]):
            self.counts[name] = cost


def weight(cost: dict[str, int]) -> tuple[int, ...]:
    return cost["round_trips"], cost["statements"]


@pytest.fixture
async def counts(own_database: str, tmp_path: Path) -> AsyncIterator[Counts]:
    """Walk every operation, one request at a time, and give what each cost."""
    parts = parse_qs(urlsplit(own_database).query)
    if "host" not in parts:
        pytest.skip("the server of these tests is not on a socket of its own, to be listened to")
    database = urlsplit(own_database).path.removeprefix("/")
    socket = Path(parts["host"][0]) / f".s.PGSQL.{parts['port'][0]}"
    url = f"postgresql://editorial_app@/{database}?host={quote(str(tmp_path), safe='')}&port=5432"
    async with listening(tmp_path, str(socket)) as wire:
        ear = Ear(wire)
        await take_a_walk(own_database, url, tmp_path, before=ear.begin, after=ear.end)
        yield ear.counts


def written(counts: Counts) -> str:
    """The table. Bytes that are about what they were stay as they are written."""
    before = committed() if TABLE.exists() else {}

    def line(name: str) -> str:
        was, cost = before.get(name, {}), counts[name]
        sizes = [was[one] if one in was and is_about(cost[one], was[one]) else cost[one] for one in BYTES]
        return f"| {' | '.join(map(str, (name, *(cost[one] for one in TIMES), *sizes)))} |\n"

    return HEADING + "".join(map(line, sorted(counts)))


def is_about(size: int, was: int) -> bool:
    """Whether two sizes differ by no more than the digits of a time, or what a list has in it by then."""
    return abs(size - was) <= 200 + was // 4


def committed() -> Counts:
    """The table as it is written."""
    cells = (line.strip("| ").split(" | ") for line in lines_of(TABLE))
    return {name: dict(zip((*TIMES, *BYTES), map(int, rest), strict=True)) for name, *rest in cells}


def lines_of(table: Path) -> Iterator[str]:
    lines = table.read_text(encoding="utf-8").splitlines()
    yield from lines[lines.index("|---|--:|--:|--:|--:|--:|") + 1 :]


async def test_no_operation_asks_more_of_the_database_than_its_line_says(counts: Counts) -> None:
    if WRITES:
        TABLE.write_text(written(counts), encoding="utf-8")
    known = committed()
    asked = {name: {one: cost[one] for one in TIMES} for name, cost in counts.items()}
    assert asked == {name: {one: cost[one] for one in TIMES} for name, cost in known.items()}
    sizes = {(name, one): (cost[one], known[name][one]) for name, cost in counts.items() for one in BYTES}
    assert not {key: pair for key, pair in sizes.items() if not is_about(*pair)}


def test_every_operation_has_its_line() -> None:
    operations = {name for name, (_, _, handler) in ROUTES.items() if handler.resolve_include_in_schema()}
    counted = {name.partition(":")[0] for name in committed()}
    assert counted == operations, "tests/walk.py calls each operation, and `make counts` records what it asks"
