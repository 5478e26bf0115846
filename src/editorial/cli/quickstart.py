"""A whole newsroom with one command: schema, people, sections, demo."""

import importlib.util
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Protocol

import asyncpg
import msgspec

from editorial.app import create_app
from editorial.cli.demo import DemoPerson, load_demo, new_people
from editorial.cli.startup import QuickstartError
from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity.people import add_person
from editorial.settings import Settings
from editorial.telemetry import logs

ONE_AT_A_TIME = 0x0ED17
"""The advisory lock that two quickstarts on one database take in turn."""


class ProgressListener(Protocol):
    """Gets a message for each step of a long command."""

    def step(self, sentence: str) -> None:
        """A step begins that takes time."""

    def count(self, sentence: str) -> None:
        """The present step has come so far."""


class SilentProgress:
    """Shows no message."""

    def step(self, sentence: str) -> None:
        """Do nothing."""

    def count(self, sentence: str) -> None:
        """Do nothing."""


async def prepare(
    settings: Settings,
    owner_url: str,
    application_url: str,
    *,
    demo: bool,
    progress: ProgressListener = SilentProgress(),  # noqa: B008  # it keeps nothing
) -> list[DemoPerson]:
    """Migrate, and make people, sections and texts where they are missing. Returns who can sign in.

    Raises `QuickstartError` on a database that has people of its own, and where the demo's texts are asked for
    and the extra `demo` is not installed.
    """
    if demo and importlib.util.find_spec("httpx") is None:
        raise QuickstartError(
            "The demo is not installed: install it by pip install 'editorial[demo]', or start without its "
            "texts (--no-demo)."
        )
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
    progress: ProgressListener,
) -> None:
    """Bring the demo in through the API, in this process."""
    import httpx  # It belongs to the extra `demo`.

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
