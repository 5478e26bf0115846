"""A newsroom to measure on: a Postgres of its own, texts by the thousand, people who can sign in."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from editorial.commentaries.sections import add_first_sections
from editorial.core.permissions import SYSTEM, Role
from editorial.database import embedded
from editorial.database.access import Database
from editorial.database.migrate import migrate
from editorial.identity.people import add_person

PASSWORD = "nine plain words are easy to remember"  # of nobody
TRANSLATORS = 16
CONTEXT = (
    "select set_config('editorial.context', "
    '\'{"actor_kind": "system", "action": "bench", "request": "bench"}\', true)'
)
"""Without an actor and an action the database takes no change, from its owner neither."""

_MORE_TRANSLATORS = """
insert into person (id, email, display_name, password_hash, state)
select
    md5('translator' || number)::uuid, 'translator' || number || '@newsroom.example', 'Translator ' || number,
    password_hash, 'active'
from generate_series(0, {translators} - 1) as number, person
where email = 'coordinator@newsroom.example';
insert into person_role (person_id, role)
select md5('translator' || number)::uuid, 'translator' from generate_series(0, {translators} - 1) as number;
insert into person_language (person_id, language)
select md5('translator' || number)::uuid, tag from generate_series(0, {translators} - 1) as number, language;
"""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is in a newsroom."""

    commentaries: int = 20_000
    in_work: int = 20_000
    """How many of the newest are not all done with."""
    revisions: int = 2
    entries: int = 5_000
    searchable: bool = True


class Newsroom(msgspec.Struct):
    """A database with a newsroom in it."""

    owner_url: str
    url: str

    def run(self, *statements: str) -> None:
        """Run statements as the owner, in one transaction with a context."""

        async def run() -> None:
            connection = await asyncpg.connect(self.owner_url)
            try:
                async with connection.transaction():
                    await connection.execute(CONTEXT)
                    for one in statements:
                        await connection.execute(one)
            finally:
                await connection.close()

        asyncio.run(run())

    def ask(self, query: str) -> list[asyncpg.Record]:
        """The rows of a query."""

        async def ask() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.owner_url)
            try:
                return list(await connection.fetch(query))
            finally:
                await connection.close()

        return asyncio.run(ask())

    def alone(self, statement: str) -> None:
        """Run a statement that takes no transaction and needs no context."""

        async def run() -> None:
            connection = await asyncpg.connect(self.owner_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def fill(self, table: str, columns: list[str], rows: list[asyncpg.Record]) -> None:
        """Write rows into a table."""

        async def fill() -> None:
            connection = await asyncpg.connect(self.owner_url)
            try:
                await connection.copy_records_to_table(table, columns=columns, records=map(tuple, rows))
            finally:
                await connection.close()

        asyncio.run(fill())

    def copy(self, name: str) -> "Newsroom":
        """Another database with the same in it."""
        there = Newsroom(beside(self.owner_url, name), beside(self.url, name))
        of = urlsplit(self.owner_url).path.removeprefix("/")

        async def copy() -> None:
            connection = await asyncpg.connect(beside(self.owner_url, "postgres"))
            try:
                await connection.execute(f"drop database if exists {name}")
                await connection.execute(f"create database {name} template {of} strategy file_copy")
            finally:
                await connection.close()

        asyncio.run(copy())
        return there


def beside(url: str, database: str) -> str:
    """The address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def token(url: str, who: str) -> str:
    """An access token of somebody, by signing in at a server."""
    answer = httpx.post(
        f"{url}/v1/auth/session", json={"email": f"{who}@newsroom.example", "password": PASSWORD}
    )
    return str(answer.raise_for_status().json()["access_token"])


def call(url: str, who: str, method: str, path: str, body: object = None, version: int | None = None) -> dict:
    """A request that has to succeed, by somebody whose token is `who`; what was answered."""
    headers = {"authorization": f"Bearer {who}", "idempotency-key": str(uuid4())}
    if method != "POST":
        del headers["idempotency-key"]
    if version is not None:
        headers["if-match"] = f'"{version}"'
    answer = httpx.request(method, url + path, json=body, headers=headers, timeout=30)
    if answer.status_code >= 300:
        raise RuntimeError(answer.text)
    return answer.json() if answer.content else {}


@contextlib.contextmanager
def postgres_of_its_own() -> Iterator[tuple[embedded.Server, str]]:
    """A server and its folder: the one that all measurements of a run share, or a passing one."""
    shared = os.environ.get("BENCH_FOLDER")
    with contextlib.ExitStack() as stack:
        folder = shared or stack.enter_context(tempfile.TemporaryDirectory(prefix="editorial-bench-"))
        yield stack.enter_context(embedded.start(Path(folder))), folder


def newsroom(server: embedded.Server, size: Size) -> Newsroom:
    """A newsroom of a size: the one that is there already, or a new one."""
    name = f"newsroom_{size.commentaries}"
    wanted = Newsroom(beside(server.owner_url, name), beside(server.application_url, name))
    if not asyncio.run(_exists(server.owner_url, name)):
        asyncio.run(_make(server.owner_url, wanted, name, size))
    return wanted


async def _exists(owner_url: str, name: str) -> bool:
    connection = await asyncpg.connect(owner_url)
    try:
        return bool(await connection.fetchval("select count(*) from pg_database where datname = $1", name))
    finally:
        await connection.close()


async def _make(owner_url: str, wanted: Newsroom, name: str, size: Size) -> None:
    connection = await asyncpg.connect(owner_url)
    draft = f"{name}_new"
    await connection.execute(f"drop database if exists {draft}")
    await connection.execute(f"create database {draft} template template0 encoding 'UTF8'")
    try:
        await fill(beside(wanted.owner_url, draft), size)
        await connection.execute(f"alter database {draft} rename to {name}")
        # What was written must not be flushed while something is measured.
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def fill(owner_url: str, size: Size) -> None:
    """Make a newsroom in an empty database."""
    await migrate(owner_url)
    await _add_people(owner_url)
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(
            f"begin; {CONTEXT}; {_MORE_TRANSLATORS.format(translators=TRANSLATORS)}; commit"
        )
        for setting in size.__struct_fields__:
            await connection.execute(f"set bench.{setting} = '{getattr(size, setting)}'")
        await connection.execute((Path(__file__).parent.parent / "newsroom.sql").read_text())
    finally:
        await connection.close()


async def _add_people(owner_url: str) -> None:
    db = Database(owner_url, pool_size=2, as_owner=True)
    await db.open()
    try:
        await add_first_sections(db)
        for role in (Role.ANALYST, Role.COORDINATOR):
            await add_person(
                db,
                actor=SYSTEM,
                email=f"{role}@newsroom.example",
                display_name=role.title(),
                roles=[role],
                languages=[],
                password=PASSWORD,
            )
    finally:
        await db.close()
