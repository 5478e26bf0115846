"""What the contract costs: each request through the whole pipeline and through the bare application, in turn.

    python -m bench.contract

Both run in this process on one throw-away Postgres, called as ASGI applications: no socket and no client
takes a share, so that the contract's share shows as large as it can be. Bare means without the form of
requests, the judging of queries and the wish for a form of answer; both authenticate. What a key costs is
measured on the whole application, with one and without.
What is measured is the processor's time of this process, which a busy machine does not stretch; what
Postgres has to do besides shows as round trips.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import msgspec

from editorial import app
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database import access, embedded, transactions
from editorial.database.migrate import migrate
from editorial.identity.people import add_person
from editorial.settings import Settings
from editorial.telemetry import logs
from editorial.web import pipeline, request_guard

ROUNDS, REQUESTS = 15, 40
PASSWORD = "nine plain words are easy to remember"  # of nobody
TEXT = {
    "week": "2024-W30",
    "section": "economy",
    "source_language": "en",
    "trend": "worse",
    "title": "Grain exports fall for the third month",
    "lead": "Prices held, volumes did not.",
    "blocks": [{"type": "paragraph", "text": "Ports handled **12 %** less than a month ago. " * 12}] * 8,
}

Call = Callable[[str, str, Any, dict[str, str]], Awaitable[bytes]]
Side = tuple[Callable[[Call], Awaitable[Any]], Call, Callable[[], Any]]
"""What is asked, of which application, and in which form."""
queries = 0


def count(_: Any) -> None:
    """Count a query: one round trip, however many statements it has."""
    global queries
    queries += 1


class Bare(request_guard.RequestGuard):
    """The way through to the route, and nothing on it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)


def calling(served: Any) -> Call:
    """A function that calls an ASGI application, and returns the body of a good answer."""

    async def call(method: str, target: str, body: Any, headers: dict[str, str]) -> bytes:
        path, _, query = target.partition("?")
        sent = msgspec.json.encode(body) if body is not None else b""
        fields = {"host": "newsroom", "content-type": "application/json", **headers}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
            "client": ("127.0.0.1", 1),
            "server": ("newsroom", 80),
        }
        heard: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            heard.append(message)

        await served(scope, receive, send)
        answer = b"".join(one.get("body", b"") for one in heard)
        if heard[0]["status"] >= 300:
            raise RuntimeError(answer.decode())
        return answer

    return call


@asynccontextmanager
async def applications(url: str) -> AsyncIterator[tuple[Call, Call]]:
    """The whole application and the bare one, on one database."""
    settings = Settings(data_dir=Path(), worker_in_serve=False)
    prepare = transactions.prepare_connection

    async def prepared(connection: Any) -> None:
        await prepare(connection)
        connection.add_query_logger(count)

    with mock.patch.object(transactions, "prepare_connection", prepared):
        whole, first = app.create_app(settings, url)
        with mock.patch.object(app, "RequestGuard", Bare):
            bare, second = app.create_app(settings, url)
        async with first.lifespan(), second.lifespan():
            yield calling(whole), calling(bare)


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Microseconds and round trips of one request, over a batch."""
    before, began = queries, time.process_time()
    for _ in range(REQUESTS):
        await work()
    return (time.process_time() - began) / REQUESTS * 1e6, (queries - before) / REQUESTS


async def measure(url: str) -> None:
    """Print a row for each kind of request."""
    async with applications(url) as (whole, bare):
        credentials = {"email": "a@newsroom.example", "password": PASSWORD}
        signed_in = msgspec.json.decode(await whole("POST", "/v1/auth/session", credentials, {}))
        token = {"authorization": f"Bearer {signed_in['access_token']}"}
        made = msgspec.json.decode(await whole("POST", "/v1/commentaries", TEXT, token))

        def keyed() -> dict[str, str]:
            return {**token, "idempotency-key": str(uuid4())}

        def read(call: Call) -> Awaitable[Any]:
            return call("GET", f"/v1/commentaries/{made['id']}", None, token)

        def find(call: Call) -> Awaitable[Any]:
            return call("GET", "/v1/commentaries?limit=25&state=draft", None, token)

        def create(call: Call) -> Awaitable[Any]:
            return call("POST", "/v1/commentaries", TEXT, token)

        def create_with_key(call: Call) -> Awaitable[Any]:
            return call("POST", "/v1/commentaries", TEXT, keyed())

        rows: dict[str, tuple[Side, Side]] = {
            "read": ((read, bare, pipeline_without_form), (read, whole, pipeline_as_it_is)),
            "list with a query": ((find, bare, pipeline_without_form), (find, whole, pipeline_as_it_is)),
            "create": ((create, bare, pipeline_without_form), (create, whole, pipeline_as_it_is)),
            "the key of a create": (
                (create, whole, pipeline_as_it_is),
                (create_with_key, whole, pipeline_as_it_is),
            ),
        }
        columns = ("request", "µs without", "with", "costs", "round trips without", "with")
        sys.stdout.write(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n")
        for name, sides in rows.items():
            results = []
            for number in range(ROUNDS):
                measured = {}
                for has_all in (False, True) if number % 2 else (True, False):
                    asks, call, form = sides[has_all]
                    with form():
                        measured[has_all] = await timed(lambda asks=asks, call=call: asks(call))
                results.append(measured)
            micros = {side: statistics.median(one[side][0] for one in results) for side in (False, True)}
            costs = statistics.median(one[True][0] / one[False][0] for one in results) - 1
            trips = {side: statistics.median(one[side][1] for one in results) for side in (False, True)}
            sys.stdout.write(
                f"| {name} | {micros[False]:,.0f} | {micros[True]:,.0f} | {costs:+.1%} "
                f"| {trips[False]:.1f} | {trips[True]:.1f} |\n"
            )


def pipeline_without_form() -> Any:
    """The form of requests is not looked at."""
    return mock.patch.object(pipeline, "check_form", return_value=None)


def pipeline_as_it_is() -> Any:
    """Nothing is left out."""
    return mock.patch.object(pipeline, "check_form", pipeline.check_form)


async def prepare(owner: str, application: str) -> None:
    """A newsroom with one analyst."""
    await migrate(owner)
    database = access.Database(application, pool_size=2)
    await database.open()
    try:
        await add_first_sections(database)
        await add_person(
            database,
            actor=SYSTEM,
            email="a@newsroom.example",
            display_name="A",
            roles=[Role.ANALYST],
            languages=[],
            password=PASSWORD,
        )
    finally:
        await database.close()


def main() -> None:
    """Measure on a server that is thrown away."""
    logs.configure("json")
    with tempfile.TemporaryDirectory() as folder, embedded.start(Path(folder)) as server:
        asyncio.run(prepare(server.owner_url, server.application_url))
        with logs.quietly():
            asyncio.run(measure(server.application_url))


if __name__ == "__main__":
    main()
