"""A whole newsroom with one command: database, people, sections, demo, server."""

import asyncio
import contextlib
import errno
import gc
import os
import socket
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import httpx
import msgspec
import uvicorn

from editorial.app import create_app, create_worker
from editorial.cli.demo import DemoPerson, load_demo, new_people
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity.people import add_person
from editorial.operations.http_server import ServerProtocol
from editorial.settings import Settings
from editorial.telemetry import logs

Lifespan = Callable[[], AbstractAsyncContextManager[None]]
"""What an application is to begin before it is served, and to end afterwards."""

ONE_AT_A_TIME = 0x0ED17
"""The advisory lock that two quickstarts on one database take in turn."""


class QuickstartError(Exception):
    """Quickstart cannot go on; the text says why and what to do."""


class Hears(Protocol):
    """What hears how far something is."""

    def step(self, sentence: str) -> None:
        """Something begins that takes its time."""

    def count(self, sentence: str) -> None:
        """It has come so far."""


class Unheard:
    """Messages that are not shown."""

    def step(self, sentence: str) -> None:
        """Say nothing."""

    def count(self, sentence: str) -> None:
        """Say nothing."""


async def prepare(
    settings: Settings,
    owner_url: str,
    application_url: str,
    *,
    demo: bool,
    progress: Hears = Unheard(),  # noqa: B008  # it keeps nothing
) -> list[DemoPerson]:
    """Migrate, and make people, sections and texts where they are missing. Returns who can sign in.

    Raises `QuickstartError` on a database that has people of its own.
    """
    progress.step("Bringing the schema up to date …")
    await migrate(owner_url, tell=progress.count)
    lock = await asyncpg.connect(owner_url)
    try:
        progress.step("Making people and sections where they are missing …")
        await lock.execute(f"select pg_advisory_lock({ONE_AT_A_TIME})")
        db = Database(application_url, pool_size=4)
        await db.open()
        try:
            people = _people_of(settings.data_dir / "people.json", await _known_people(db))
            await add_first_sections(db)
        finally:
            await db.close()
        # The first coordinators are made on the server, as the owner of the schema.
        owner = Database(owner_url, pool_size=1, as_owner=True)
        await owner.open()
        try:
            await _add(owner, people)
        finally:
            await owner.close()
        if demo:
            progress.step("Bringing in the texts of the demo …")
            await _load(settings, application_url, people, lock, progress)
    finally:
        await lock.close()
    return people


async def _known_people(db: Database) -> set[str]:
    async with db.read() as connection:
        rows = await connection.fetch("select person.email from person where person.email is not null")
    return {row["email"] for row in rows}


def _people_of(kept: Path, known: set[str]) -> list[DemoPerson]:
    """The people of this data directory: their passwords lie in a file that only its owner can read."""
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=list[DemoPerson])
    if known:
        raise QuickstartError(
            "This database has people already, and their passwords are not in the data directory. "
            "Use `editorial serve` for it, or give quickstart a database of its own."
        )
    people = new_people()
    kept.parent.mkdir(parents=True, exist_ok=True)
    _write_secretly(kept, msgspec.json.format(msgspec.json.encode(people), indent=2))
    return people


async def _add(db: Database, people: list[DemoPerson]) -> None:
    known = await _known_people(db)
    for person in people:
        if person.email not in known:
            await add_person(
                db,
                actor=SYSTEM,
                email=person.email,
                display_name=person.display_name,
                roles=[Role(role) for role in person.roles],
                languages=person.languages,
                password=person.password,
            )


def _write_secretly(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    with os.fdopen(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR), "wb"
    ) as file:
        file.write(content)
    new.replace(path)


async def _load(
    settings: Settings,
    application_url: str,
    people: list[DemoPerson],
    owner: asyncpg.Connection,
    progress: Hears,
) -> None:
    """Bring the demo in through the API, in this process."""

    async def date_publication(commentary_id: str, at: datetime) -> None:
        await owner.execute("select date_publication($1, $2)", commentary_id, at)

    app, litestar = create_app(settings, application_url)
    # Log lines of hundreds of the demo's own requests would hide the sign-ins printed after them.
    with logs.quietly():
        async with litestar.lifespan():
            transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar's ASGI types are its own
            async with httpx.AsyncClient(
                transport=transport, base_url="http://quickstart", timeout=60
            ) as client:
                await load_demo(client, people, date_publication, progress.count)


def listen(host: str, port: int, *, or_any: bool) -> socket.socket:
    """A socket that listens on the port, or (when `or_any`) on a free one where it is taken.

    Raises `QuickstartError` where the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as fault:
        if not or_any or fault.errno != errno.EADDRINUSE:
            listening.close()
            raise QuickstartError(
                f"Port {port} on {host} cannot be used: {fault.strerror}. Choose another with "
                "--port and --host "
                "(EDITORIAL_PORT and EDITORIAL_HOST), or end what uses it."
            ) from fault
        listening.bind((host, 0))
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def inherited(number: int) -> socket.socket:
    """The listening socket that was left open for us. Raises `QuickstartError` where it is none."""
    try:
        listening = socket.socket(fileno=number)
        if not listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise QuickstartError(f"File descriptor {number} is a socket that does not listen.")
    except OSError as fault:
        raise QuickstartError(f"File descriptor {number} is no socket: {fault.strerror}.") from fault
    return listening


class Announcing(uvicorn.Server):
    """A server that says when it is ready, and leaves without hanging up on anybody."""

    LEAVES_WITHIN = 6.0
    """Seconds in which each connection has its last answer: a quiet one is closed after five anyway."""

    def __init__(self, config: uvicorn.Config, lifespan: Lifespan, announce: Any) -> None:
        """Call `announce()` once requests are answered."""
        super().__init__(config)
        self._lifespan = lifespan
        self._announce = announce

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve between the beginning and the end of the application, whose faults come through as they are.

        uvicorn would log them as a traceback, and end the process with a code of its own.
        """
        async with self._lifespan():
            await super()._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no new connection; end each with its next answer; then end the rest, and exit."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in self.server_state.connections:
            if isinstance(connection, ServerProtocol):
                connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.LEAVES_WITHIN):
                while self.server_state.connections and not self.force_exit:  # noqa: ASYNC110  # uvicorn's set
                    await asyncio.sleep(0.05)
        await super().shutdown([])


def serve(settings: Settings, application_url: str, listening: socket.socket, announce: Any) -> None:
    """Serve the API until told to stop."""
    # Port 0 has become another one by now.
    settings = msgspec.structs.replace(settings, port=listening.getsockname()[1])
    app, litestar = create_app(settings, application_url)
    serve_app(app, listening, announce, litestar.lifespan)


def work(settings: Settings, application_url: str, listening: socket.socket, announce: Any) -> None:
    """Do what happens by itself, and answer how it is, until told to stop."""
    app, litestar = create_worker(settings, application_url)
    serve_app(app, listening, announce, litestar.lifespan)


def serve_app(app: Any, listening: socket.socket, announce: Any, lifespan: Lifespan | None = None) -> None:
    """Serve any application as the product is served, until told to stop.

    Without `lifespan`, the application is asked by ASGI's own protocol to begin and to end.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        # Which proxies to trust for the client address is our own setting: EDITORIAL_TRUSTED_PROXIES.
        proxy_headers=False,
        date_header=True,
        timeout_graceful_shutdown=10,
        http=ServerProtocol,
        ws="none",
        lifespan="auto" if lifespan is None else "off",
    )
    server = Announcing(config, lifespan or contextlib.nullcontext, announce)
    # What is loaded by now stays until the end: the garbage collector need not go through it again and again,
    # and may let more pile up before it looks. It was 8 % of the processor time of a transition.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))


def address_of(listening: socket.socket) -> str:
    """The address that a socket listens on."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
