"""Servers that do the least that would do, for the product to be measured against.

    python -m bench.parts.bare KIND …

Each is served as the product is (`cli/serve.py`: uvicorn with uvloop and httptools, no access log),
by one process with a pool of ten connections, and runs the very statements that the product runs.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response, get, post

from bench.parts.recorded import Trip, connect, record
from editorial.app import create_app
from editorial.cli.serve import address_of, listen, serve_app
from editorial.settings import Settings
from editorial.telemetry import logs


class Page(msgspec.Struct):
    """An answer of the product, for others to send."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes
    tag: str


def asgi(page: Page) -> Any:
    """The least that an ASGI application can do: the bytes, and 304 for who has them."""
    headers = [(name.encode(), value.encode()) for name, value in page.headers]
    whole = [*headers, (b"content-length", str(len(page.body)).encode())]
    unchanged = [one for one in headers if one[0] != b"content-type"]
    start = {"type": "http.response.start", "status": 200, "headers": whole}
    body = {"type": "http.response.body", "body": page.body}
    has_it = {"type": "http.response.start", "status": 304, "headers": unchanged}
    empty = {"type": "http.response.body", "body": b""}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if any(name == b"if-none-match" for name, _ in scope["headers"]):
            await send(has_it)
            await send(empty)
            return
        await send(start)
        await send(body)

    return app


def static(page: Page) -> Any:
    """A handler of Litestar that returns the same bytes."""
    media_type = dict(page.headers)["content-type"]
    headers = {name: value for name, value in page.headers if name != "content-type"}

    @get("/v1/published/{language:str}/{week:str}/{slug:str}")
    async def handler(language: str, week: str, slug: str) -> Response[bytes]:
        return Response(page.body, media_type=media_type, headers=headers)

    return Litestar([handler], openapi_config=None, logging_config=None)


def unkept(folder: str, url: str) -> Any:
    """The product with no memory for public answers."""
    settings = Settings(data_dir=Path(folder), page_cache_mb=0, worker_in_serve=False)
    return create_app(settings, url)[0]


def reading(url: str, folder: str, who: str, path: str) -> Any:
    """A handler that runs what the product runs for a GET, and answers with the last statement's rows."""

    @get("/{rest:path}")
    async def handler(rest: str) -> list[dict[str, Any]]:
        async with app.state.pool.acquire() as connection:
            for trip in app.state.trips:
                rows = await connection.fetch(trip.sql, *trip.arguments)
        return [dict(row) for row in rows]

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        (app.state.trips,) = await record(url, Path(folder), who, ("GET", path, None))
        app.state.pool = await connect(url)
        yield
        await app.state.pool.close()

    app = Litestar([handler], lifespan=[lifespan], openapi_config=None, logging_config=None)
    return app


def moving(url: str, folder: str, who: str, about: str, version: str) -> Any:
    """A handler that runs what the product runs for a submit and for a recall, and answers with the text."""
    recorded = UUID(about)

    @post("/v1/commentaries/{id:uuid}/transitions", status_code=200)
    async def handler(id: UUID, request: Request[Any, Any, Any]) -> dict[str, Any]:
        wanted = msgspec.json.decode(await request.body())["action"]
        version = int(request.headers["if-match"].strip('"'))
        answer: Any = None
        async with app.state.pool.acquire() as connection:
            for trip in app.state.trips[wanted]:
                trip = trip.about(recorded, id, version)
                if trip.arguments:
                    answer = await connection.fetchrow(trip.sql, *trip.arguments)
                else:
                    await connection.execute(trip.sql)
        return dict(answer)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        submit, recall = await moves(url, folder, who, recorded, int(version))
        app.state.trips = {"submit": submit, "recall": recall}
        app.state.pool = await connect(url)
        yield
        await app.state.pool.close()

    app = Litestar([handler], lifespan=[lifespan], openapi_config=None, logging_config=None)
    return app


async def moves(url: str, folder: str, who: str, about: UUID, version: int) -> list[list[Trip]]:
    """What the product runs for a submit and for a recall of a draft."""
    path = f"/v1/commentaries/{about}/transitions"
    return await record(
        url,
        Path(folder),
        who,
        ("POST", f"{path}#{version}", {"action": "submit"}),
        ("POST", f"{path}#{version + 1}", {"action": "recall"}),
    )


def main(arguments: list[str]) -> None:
    """Serve what is asked for, and say where."""
    logs.configure("json")
    match arguments:
        case ["asgi", kept]:
            app = asgi(msgspec.json.decode(Path(kept).read_bytes(), type=Page))
        case ["static", kept]:
            app = static(msgspec.json.decode(Path(kept).read_bytes(), type=Page))
        case ["unkept", folder, url]:
            app = unkept(folder, url)
        case ["reading", url, folder, who, path]:
            app = reading(url, folder, who, path)
        case ["moving", url, folder, who, about, version]:
            app = moving(url, folder, who, about, version)
        case _:
            sys.exit(__doc__)
    listening = listen("127.0.0.1", 0, or_any=True)
    serve_app(app, listening, lambda: print(address_of(listening), flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])
